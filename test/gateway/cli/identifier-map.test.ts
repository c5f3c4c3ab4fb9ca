import { expect, test } from 'vitest';
import { createIdentifierMap } from '../../../gateway/cli/replay/identifier-map.ts';

test('answers under one identifier are to the oldest request that waits', () => {
  const map = createIdentifierMap(1000);
  map.sent(7, 100, 0);
  map.sent(7, 101, 0);
  map.sent(8, 102, 0);
  expect([map.answered(7, 1), map.answered(8, 1), map.answered(7, 1)]).toEqual([100, 102, 101]);
  expect(map.open).toBe(0);
});

test('a second answer is to the request that was answered last', () => {
  const map = createIdentifierMap(1000);
  map.sent(7, 100, 0);
  expect([map.answered(7, 1), map.answered(7, 2), map.answered(8, 3)]).toEqual([100, 100, undefined]);
});

test('a request that nobody answered does not take the answer to a later one', () => {
  const map = createIdentifierMap(1000);
  map.sent(7, 100, 0);
  map.sent(7, 101, 500);
  expect(map.answered(7, 1200)).toBe(101);
  map.sent(7, 102, 2000);
  map.sent(7, 103, 3000);
  expect(map.open).toBe(1);
  expect(map.answered(7, 3001)).toBe(103);
});

test('a single late answer is still to its request', () => {
  const map = createIdentifierMap(1000);
  map.sent(7, 100, 0);
  expect(map.answered(7, 9000)).toBe(100);
});

test('requests that are never answered do not pile up', () => {
  const map = createIdentifierMap(Number.POSITIVE_INFINITY);
  for (let id = 0; id < 2000; id++) map.sent(7, id, 0);
  expect(map.open).toBe(512);
});
