import { describe, expect, test } from 'vitest';
import { type AlarmFacts, alarms } from '../../../gateway/engine/alarms.ts';
import type { InspectorState } from '../../../gateway/engine/inspector-member.ts';
import { NeverSwitched } from '../../../gateway/engine/mode-file.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';

const inspector = (change: Partial<InspectorState> = {}): InspectorState => ({
  pid: 7,
  shards: [0, 1, 2, 3],
  spare: false,
  since: 0,
  current: true,
  trouble: '',
  missingPorts: [],
  dataPath: { path: 'epoll', problem: '' },
  silence: 400,
  ...change,
});
const spare = inspector({ pid: 8, shards: [], spare: true });
const well: AlarmFacts = {
  policy: samplePolicy({ notBefore: 1_000, notAfter: 2_000_000 }),
  mode: { kept: NeverSwitched, steps: [], recovery: undefined, guessed: false, unfinished: [] },
  pending: undefined,
  rollbackTrouble: '',
  now: 1_000_000,
  canTellTime: true,
  enforcement: { nftChild: 'up', alarms: [] },
  drift: [],
  blindness: '',
  evidenceFailing: '',
  evidenceBroken: '',
  evidencePercent: 12,
  grants: { requested: 0, approved: 0, open: [], opened: 0, closed: new Map() },
  accessTroubles: [],
  inspectors: [inspector(), spare],
  wanted: 1,
};
const pending = { by: 'anna', left: 60_000, before: undefined };
const gated = sampleFlow({ gate: { opensAt: 0, closesAt: 5, schedule: undefined, session: false } });

describe('what a person should look into', () => {
  test('is nothing when all is well', () => {
    expect(alarms(well)).toEqual([]);
  });

  test.for<[string, string, Partial<AlarmFacts>]>([
    ['no policy', 'NO_POLICY', { policy: undefined }],
    ['a changed table', 'TABLE_CHANGED', { drift: ['chain forward is gone'] }],
    ['a mode that nobody knows', 'MODE_UNKNOWN', { mode: { ...well.mode, guessed: true } }],
    [
      'a mode the kernel has not taken',
      'MODE_UNFINISHED',
      { mode: { ...well.mode, unfinished: ['It is not.'] } },
    ],
    [
      'a recovery that stands still',
      'RECOVERY_HELD',
      { mode: { ...well.mode, recovery: { done: 1, nextAt: undefined, held: 'it was started anew' } } },
    ],
    ['a policy nobody has confirmed', 'UNCONFIRMED', { pending }],
    [
      'a policy that cannot be taken back',
      'ROLLBACK_FAILED',
      { pending, rollbackTrouble: 'The nft child does not answer.' },
    ],
    ['a table nobody can look at', 'TABLE_UNSEEN', { blindness: 'The nft child does not answer.' }],
    ['nobody who carries', 'INSPECTOR_MISSING', { inspectors: [spare] }],
    ['nobody who stands by', 'NO_SPARE', { inspectors: [inspector()] }],
    [
      'an inspector under another policy',
      'INSPECTOR_BEHIND',
      { inspectors: [inspector({ current: false }), spare] },
    ],
    ['an inspector that hangs', 'INSPECTOR_SILENT', { inspectors: [inspector({ silence: 6_000 }), spare] }],
    [
      'a listener that cannot be had',
      'NOT_LISTENING',
      { inspectors: [inspector({ trouble: 'EADDRINUSE' }), spare] },
    ],
    [
      'a serial port that cannot be had',
      'SERIAL_PORT',
      { inspectors: [inspector({ missingPorts: [{ port: 'rs485-1', problem: 'no such device' }] }), spare] },
    ],
    [
      'an inspector that had to fall back to streams',
      'DATA_PATH',
      { inspectors: [inspector({ dataPath: { path: 'streams', problem: 'no epoll' } }), spare] },
    ],
    ['evidence that fails', 'EVIDENCE', { evidenceFailing: 'ENOSPC' }],
    ['evidence that is not what it was', 'EVIDENCE_BROKEN', { evidenceBroken: 'records are missing' }],
    ['evidence that fills its disk', 'EVIDENCE_QUOTA', { evidencePercent: 70 }],
    ['accounts that cannot be read', 'ACCESS', { accessTroubles: ['The account of lena cannot be read.'] }],
    ['a grant that one person opened alone', 'BREAK_GLASS', { grants: openedAlone }],
    ['a bundle that has ended', 'BUNDLE_EXPIRED', { now: 2_000_000 }],
    ['a bundle that has yet to begin', 'BUNDLE_NOT_YET', { now: 999 }],
    ['gates and no clock', 'CLOCK', { canTellTime: false, policy: samplePolicy({ flows: [gated] }) }],
    [
      'what enforcement says',
      'PST_ERR_ROUTING',
      { enforcement: { nftChild: 'up', alarms: [{ code: 'PST_ERR_ROUTING', sentence: 'No device lan0.' }] } },
    ],
  ])('is %s', ([, code, change]) => {
    expect(alarms({ ...well, ...change }).map((alarm) => alarm.code)).toEqual([code]);
  });

  test('is no inspector that has just come and is still taking the policy up', () => {
    const young = inspector({ pid: 9, shards: [], spare: true, current: false, since: 999_000 });
    expect(alarms({ ...well, inspectors: [inspector(), young] })).toEqual([]);
  });
});

const openedAlone: AlarmFacts['grants'] = {
  requested: 0,
  approved: 0,
  open: [
    {
      ...{ grant: 'G-7F3K92QD', vendor: 'pumpco', person: 'service-1', targets: ['pumpco/plc-dosing.502'] },
      ...{ secondsLeft: 60, openFor: 1, channels: 0, bytesFromClient: 0, bytesFromServer: 0 },
      ...{ writes: 0, refused: 0, breakGlass: true },
    },
  ],
  opened: 1,
  closed: new Map(),
};
