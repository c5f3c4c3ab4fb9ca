import { expect, test } from 'vitest';
import { addCounts, asCounts, NoCounts, readCounts } from '../../../gateway/enforce/kernel/kernel-counts.ts';

const Listed = [
  { table: { family: 'inet', name: 'penstock', handle: 1 } },
  { counter: { name: 'no-flow', table: 'penstock', packets: 4, bytes: 240 } },
  { counter: { name: 'would-refuse', table: 'penstock', packets: 7, bytes: 240 } },
  { counter: { name: 'something-else', table: 'penstock', packets: 9, bytes: 9 } },
  {
    set: {
      name: 'permits',
      elem: [
        { elem: { val: 1, comment: 'C-01/F-01', counter: { packets: 2, bytes: 100 } } },
        { elem: { val: 2, comment: 'C-02/F-01', counter: { packets: 0, bytes: 0 } } },
        3,
      ],
    },
  },
  {
    set: {
      name: 'opened',
      elem: [{ elem: { val: 1, comment: 'C-01/F-01', counter: { packets: 3, bytes: 50 } } }],
    },
  },
  {
    set: {
      name: 'services',
      elem: [{ elem: { val: 22, comment: 'ssh', counter: { packets: 8, bytes: 80 } } }],
    },
  },
  { set: { name: 'empty' } },
];

test('all elements of a flow count for it, other counted sets for none, only reasons count as drops, and what passed on trial by itself', () => {
  expect(asCounts(readCounts(Listed))).toEqual({
    flows: [
      { flowId: 'C-01/F-01', packets: 5, bytes: 150 },
      { flowId: 'C-02/F-01', packets: 0, bytes: 0 },
    ],
    drops: [{ reason: 'no-flow', packets: 4, bytes: 240 }],
    undeclared: 7,
  });
});

test('totals add up over rulesets, also for flows that are gone', () => {
  const once = readCounts(Listed);
  const twice = asCounts(addCounts(once, addCounts(once, NoCounts)));
  expect(twice.flows[0]).toEqual({ flowId: 'C-01/F-01', packets: 10, bytes: 300 });
  expect(asCounts(addCounts(once, readCounts([]))).drops).toEqual([
    { reason: 'no-flow', packets: 4, bytes: 240 },
  ]);
});
