import { describe, expect, test } from 'vitest';
import { DefaultLimits } from '../../../gateway/inspector/places.ts';
import {
  BurstOfAll,
  BurstOfKind,
  createRecordBudget,
  type RecordBudget,
  RefillOfAll,
  RefillOfKind,
} from '../../../gateway/inspector/record-budget.ts';

describe('records of one connection each', () => {
  test('are for so many of a kind at once, and for fewer each second after', () => {
    const budget = createRecordBudget();
    expect(taken(budget, 'a', 1_000)).toBe(BurstOfKind);
    budget.refill();
    expect(taken(budget, 'a', 1_000)).toBe(RefillOfKind);
    for (let seconds = 0; seconds < 60; seconds += 1) budget.refill();
    expect(taken(budget, 'a', 1_000)).toBe(BurstOfKind);
  });

  test('are for all that one pair may have open: a cut ends it at once', () => {
    expect(taken(createRecordBudget(), 'a', DefaultLimits.perPair)).toBe(DefaultLimits.perPair);
    expect(ofKinds(createRecordBudget(), 0, DefaultLimits.total)).toBe(DefaultLimits.total);
  });

  test('are for every kind apart', () => {
    const budget = createRecordBudget();
    taken(budget, 'a', 1_000);
    expect(taken(budget, 'b', 10)).toBe(10);
  });

  test('are never for more than the disk is meant for, however many kinds there are', () => {
    const budget = createRecordBudget();
    expect(ofKinds(budget, 0, 10_000)).toBe(BurstOfAll);
    budget.refill();
    expect(ofKinds(budget, 10_000, 10_000)).toBe(RefillOfAll);
  });
});

function taken(budget: RecordBudget, kind: string, times: number): number {
  let places = 0;
  for (let time = 0; time < times; time += 1) if (budget.take(kind)) places += 1;
  return places;
}

/** One of each of so many kinds. */
function ofKinds(budget: RecordBudget, first: number, kinds: number): number {
  let places = 0;
  for (let kind = first; kind < first + kinds; kind += 1) places += taken(budget, `${kind}`, 1);
  return places;
}
