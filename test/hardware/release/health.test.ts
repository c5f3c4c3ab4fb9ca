import { expect, test } from 'vitest';
import { type Health, readHealth, sameProcesses, troublesOf } from '../../../hardware/release/health.ts';

const well: Health = {
  policyVersion: 10,
  policyDigest: 'd'.repeat(64),
  backEnd: 'kernel',
  startedAt: 1000,
  inspectors: [
    { pid: 1, shards: [0, 1] },
    { pid: 2, shards: [] },
  ],
  nftChild: 'up',
  evidenceFailing: '',
  alarms: [],
  pending: false,
};
const look = (now: Partial<Health>) => ({
  before: well,
  now: { ...well, ...now },
  table: 'right' as const,
  strangers: [],
});

test('nothing is wrong with a release that enforces what the former one did', () => {
  expect(troublesOf(look({ startedAt: 2000, inspectors: [{ pid: 7, shards: [1, 0] }] }))).toEqual([]);
});

test.for([
  { now: { policyVersion: 0, policyDigest: '' }, says: 'no policy' },
  { now: { policyVersion: 9, policyDigest: 'e'.repeat(64) }, says: 'policy version 9' },
  { now: { nftChild: 'down' }, says: 'nft child' },
  { now: { inspectors: [] }, says: 'do not listen' },
  { now: { inspectors: [{ pid: 1, shards: [0] }] }, says: 'do not listen' },
  { now: { evidenceFailing: 'no space' }, says: 'no space' },
  { now: { alarms: ['TABLE_UNSEEN'] }, says: 'TABLE_UNSEEN' },
])('it is not kept with $now', ({ now, says }) => {
  expect(troublesOf(look(now)).join()).toContain(says);
});

test('it is not kept where the kernel table is not right, or its engine does not answer', () => {
  expect(troublesOf({ ...look({}), table: 'wrong' }).join()).toContain('kernel table');
  expect(troublesOf({ ...look({}), table: 'unknown' }).join()).toContain('kernel table');
  expect(troublesOf({ ...look({}), now: undefined }).join()).toContain('does not answer');
});

test('it is not kept while a process of the former one goes on', () => {
  expect(troublesOf({ ...look({}), strangers: ['penstock-inspector@1.service'] }).join()).toContain(
    'inspector@1',
  );
});

test('an alarm that held before, or that comes with the hour, is not held against it', () => {
  const before = { ...well, alarms: ['SERIAL_PORT'] };
  expect(troublesOf({ ...look({ alarms: ['SERIAL_PORT', 'CLOCK', 'BUNDLE_EXPIRED'] }), before })).toEqual([]);
});

test('a gateway that did not run before has to enforce all the same', () => {
  expect(troublesOf({ ...look({}), before: undefined })).toEqual([]);
  expect(troublesOf({ ...look({ inspectors: [] }), before: undefined })).not.toEqual([]);
});

test('a process that died and came back is another one', () => {
  expect(sameProcesses(well, { ...well })).toBe(true);
  expect(sameProcesses(well, { ...well, startedAt: 2 })).toBe(false);
  expect(sameProcesses(well, { ...well, inspectors: [{ pid: 3, shards: [0, 1] }] })).toBe(false);
});

test.for(['', 'null', '[]', '{}', '{"policyVersion":1}', 'PST_ERR_ENGINE_GONE'])(
  '%o is no answer',
  (text) => {
    expect(readHealth(text)).toBeUndefined();
  },
);
