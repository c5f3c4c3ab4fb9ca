import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignShards } from '../../../gateway/engine/roster.ts';
import { InspectorShards } from '../../../rules/policy.ts';

describe('handing shards to inspecting processes', () => {
  test('the first process of a single-inspector box carries every shard and the second stands by', () => {
    expect(
      assignShards(1, [
        { id: 1, shards: [], ready: true },
        { id: 2, shards: [], ready: true },
      ]),
    ).toEqual([{ id: 1, shards: [0, 1, 2, 3] }]);
  });

  test('two inspectors share the shards evenly and the third process stands by', () => {
    const idle = [1, 2, 3].map((id) => ({ id, shards: [], ready: true }));
    expect(assignShards(2, idle)).toEqual([
      { id: 1, shards: [0, 2] },
      { id: 2, shards: [1, 3] },
    ]);
  });

  test('the spare takes all of a lost process and nothing of a living one', () => {
    const members = [
      { id: 2, shards: [1, 3], ready: true },
      { id: 3, shards: [], ready: true },
    ];
    expect(assignShards(2, members)).toEqual([{ id: 3, shards: [0, 2] }]);
  });

  test('without a spare a lost block waits for a new process instead of loading a living one', () => {
    expect(assignShards(2, [{ id: 2, shards: [1, 3], ready: true }])).toEqual([]);
  });

  test('only the missing shards of a block are handed out', () => {
    expect(
      assignShards(1, [
        { id: 1, shards: [0, 1, 2], ready: true },
        { id: 2, shards: [], ready: true },
      ]),
    ).toEqual([{ id: 2, shards: [3] }]);
  });

  test('what a process holds stays its own while it takes up a new policy, however quick the spare is', () => {
    expect(
      assignShards(1, [
        { id: 1, shards: [0, 1, 2, 3], ready: false },
        { id: 2, shards: [], ready: true },
      ]),
    ).toEqual([]);
  });

  test('a process that does not enforce the policy in force is given nothing', () => {
    expect(assignShards(1, [{ id: 1, shards: [], ready: false }])).toEqual([]);
  });

  test('no shard is ever given to two processes, and all are given out when there are processes enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 8 }), (inspectors, count) => {
        const members = Array.from({ length: count }, (_, id) => ({
          id,
          shards: [] as number[],
          ready: true,
        }));
        const given = assignShards(inspectors, members).flatMap(({ shards }) => shards);
        expect(new Set(given).size).toBe(given.length);
        if (count >= inspectors) expect(given.length).toBe(InspectorShards);
      }),
    );
  });
});
