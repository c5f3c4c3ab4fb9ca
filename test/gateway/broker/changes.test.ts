import { expect, test } from 'vitest';
import { changesOf } from '../../../gateway/broker/changes.ts';
import type { KeptOperation } from '../../../gateway/broker/grant-entry.ts';

const write: KeptOperation = {
  at: 0,
  channel: 'C-1',
  target: 'pumpco/plc-dosing.502',
  text: '',
  outcome: 'passed',
  reason: '',
  unit: 1,
  functionCode: 6,
  address: 140,
  values: [25],
  before: [20],
};

test('each address is told once, from what it held first to what it holds since', () => {
  expect(changesOf([write, { ...write, values: [30], before: [25] }])).toEqual([
    {
      target: write.target,
      unit: 1,
      table: 'holding register',
      address: 140,
      before: 20,
      after: 30,
      writes: 2,
    },
  ]);
});

test('what nobody had read has no value before', () => {
  const { before: _, ...blind } = write;
  expect(changesOf([blind, { ...write, values: [30], before: [25] }])).toEqual([
    { target: write.target, unit: 1, table: 'holding register', address: 140, after: 30, writes: 2 },
  ]);
});

test('several values are so many addresses, of which some were known', () => {
  const many = { ...write, functionCode: 16, address: 100, values: [1, 2, 3], before: [9, 8] };
  expect(changesOf([many]).map(({ address, before, after }) => [address, before, after])).toEqual([
    [100, 9, 1],
    [101, 8, 2],
    [102, undefined, 3],
  ]);
});

test('devices, units and tables are apart', () => {
  const others = [
    write,
    { ...write, unit: 2 },
    { ...write, functionCode: 5, values: [1] },
    { ...write, target: 'pumpco/plc-intake.502' },
  ];
  expect(changesOf(others)).toHaveLength(4);
});

test('what was refused, or answered with an exception, changed nothing', () => {
  expect(
    changesOf([
      { ...write, outcome: 'refused' },
      { ...write, outcome: 'answered' },
    ]),
  ).toEqual([]);
});
