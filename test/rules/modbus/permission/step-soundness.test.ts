import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SentWrite } from '../../../../rules/modbus/device/sent-write.ts';
import type { ModbusPermission } from '../../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../builders.ts';
import { Allow, between, plantFor, rule } from '../judging.ts';
import { read, words, writeRegister, writeRegisters } from '../request-builders.ts';

/** The largest step; what clients ask for is about as far from what is there. */
const Max = 5;
const Place = 40;

const act = fc.oneof(
  fc.record({ what: fc.constant('ask' as const), which: fc.integer({ min: -8, max: 8 }) }),
  fc.record({ what: fc.constantFrom('do' as const, 'answer' as const), which: fc.nat(2) }),
  fc.record({ what: fc.constantFrom('read' as const, 'serve' as const, 'tell' as const), which: fc.nat(1) }),
  fc.record({ what: fc.constantFrom('look' as const, 'look' as const, 'lose' as const), which: fc.nat(1) }),
);

interface Act {
  readonly what: 'ask' | 'do' | 'answer' | 'lose' | 'read' | 'serve' | 'tell' | 'look';
  readonly which: number;
}

/**
 * A server that several clients write and read through the gateway, and that takes its time: it does what is
 * under way in any order, and at any time between a request and its answer. Returns how many writes it did
 * and how far the furthest of them moved what it holds.
 */
function play(width: 1 | 2, acts: readonly Act[]): { done: number; furthest: number } {
  const value: Partial<ModbusPermission> = width === 1 ? {} : { values: [rule({ type: 'u32' })] };
  const step = { max: Max, maxPerMinute: undefined, noOlderThan: 0 };
  const plant = plantFor(profileOf([permit([6, 16], { ...between(Place, Place + 1), ...value, step })]));
  const writes: { readonly sent: SentWrite; readonly value: number; isDone: boolean }[] = [];
  const reads: { readonly at: number; readonly moment: number; value: number | undefined }[] = [];
  // Where a step of one carries into the other half of a value.
  let held = width === 1 ? 100 : 0xffff;
  const sum = { done: 0, furthest: 0 };

  function ask(value: number): void {
    const halves = [value >>> 16, value & 0xffff];
    const request = width === 1 ? writeRegister(Place, value) : writeRegisters(Place, halves);
    if (plant.say(request) === Allow) writes.push({ sent: plant.begin(request), value, isDone: false });
  }

  function carryOut(write: { readonly value: number; isDone: boolean }): void {
    if (write.isDone) return;
    write.isDone = true;
    sum.done++;
    sum.furthest = Math.max(sum.furthest, Math.abs(write.value - held));
    held = write.value;
  }

  function answer(which: number, isLost: boolean): void {
    const [write] = writes.splice(which, 1);
    if (write === undefined) return;
    plant.device.endWrite(write.sent, isLost ? 'unknown' : write.isDone ? 'done' : 'unchanged');
  }

  function tell(which: number): void {
    const [asked] = reads.splice(which, 1);
    if (asked !== undefined) observe(asked);
  }

  function observe(asked: (typeof reads)[number]): void {
    if (asked.value === undefined) return;
    const registers = width === 1 ? [asked.value] : [asked.value >>> 16, asked.value & 0xffff];
    const data = Uint8Array.from(words(registers));
    plant.device.observe(read(3, Place, width), data, 0, asked.at, asked.moment);
  }

  for (const { what, which } of acts) {
    plant.wait(1);
    const write = writes[which];
    const asked = reads[which];
    if (what === 'ask') ask(Math.max(0, held + which));
    else if (what === 'do' && write !== undefined) carryOut(write);
    else if (what === 'answer' || what === 'lose') answer(which, what === 'lose');
    else if (what === 'read') reads.push({ at: plant.now, moment: plant.device.moment(), value: undefined });
    else if (what === 'serve' && asked !== undefined) asked.value ??= held;
    else if (what === 'tell') tell(which);
    else if (what === 'look') observe({ at: plant.now, moment: plant.device.moment(), value: held });
  }
  return sum;
}

test.for([1, 2] as const)('no write of %i registers moves a server further than its step', (width) => {
  let done = 0;
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), (acts) => {
      const sum = play(width, acts);
      done += sum.done;
      expect(sum.furthest).toBeLessThanOrEqual(Max);
    }),
    { numRuns: 1500 },
  );
  // And some are let through, or it would be no wonder.
  expect(done).toBeGreaterThan(1000);
});
