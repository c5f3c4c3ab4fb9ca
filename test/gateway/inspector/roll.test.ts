import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Roll } from '../../../gateway/inspector/roll.ts';

test('a roll has whom a set would have, whoever comes and goes in whatever order', () => {
  const step = fc.record({ comes: fc.boolean(), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const roll = new Roll<{ place: number; readonly id: number }>();
      const set = new Set<{ place: number; readonly id: number }>();
      for (const [id, { comes, which }] of steps.entries()) {
        if (comes) {
          const member = { place: 0, id };
          roll.add(member);
          set.add(member);
        } else if (set.size > 0) {
          const member = [...set][which % set.size]!;
          roll.remove(member);
          set.delete(member);
        }
        expect(roll.size).toBe(set.size);
      }
      expect(new Set(roll.all())).toEqual(set);
    }),
  );
});

test('whoever goes while all are told is told, and everybody else is as well', () => {
  const roll = new Roll<{ place: number; readonly id: number }>();
  for (let id = 0; id < 4; id += 1) roll.add({ place: 0, id });
  const told: number[] = [];
  for (const member of roll.all()) {
    told.push(member.id);
    roll.remove(member);
  }
  expect(told).toEqual([0, 1, 2, 3]);
  expect(roll.size).toBe(0);
});
