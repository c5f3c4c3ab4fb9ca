import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageCheck } from '../../../gateway/ipc/channel.ts';
import { checkEngineToInspector } from '../../../gateway/ipc/inspector-check.ts';
import {
  checkControlToEngine,
  checkEngineToFront,
  checkFrontToEngine,
  checkInspectorToEngine,
} from '../../../gateway/ipc/messages.ts';
import { Reasons } from '../../../rules/reason.ts';

const digest = 'ab'.repeat(32);
const epoch = '0123456789abcdef';
const ends = {
  client: { address: '10.10.0.10', port: 40000 },
  server: { address: 'fd00::20', port: 502 },
  clientAsset: 'hmi-1',
  serverAsset: '',
};
const opened = { id: `${epoch}-1`, flow: 1, flowId: 'C-1/F-1', conduit: 'C-1', ...ends, startedAt: 1.5 };
const passed = { bytesFromClient: 12, bytesFromServer: 0, transactions: 1, refused: 1, responses: 0 };
const closed = { ...opened, ...passed, wouldRefuse: 0, endedAt: 2.5, reason: 'client-closed' };
const { id: _, ...kind } = opened;
const sum = { ...kind, ...passed, wouldRefuse: 0, endedAt: 2.5, reason: '', count: 7, kinds: 2 };
const told = { ...passed, connections: 1, wouldRefuse: 0, refusals: [{ reason: 'no-flow', count: 2 }] };
const refusal = {
  at: 1.5,
  flow: 1,
  flowId: 'C-1/F-1',
  conduit: 'C-1',
  connection: `${epoch}-1`,
  ...ends,
  verdict: 'refuse',
  reason: 'value-out-of-range',
  summed: false,
  unit: 1,
  functionCode: 6,
  address: 140,
  quantity: 1,
  values: [900],
  exceptionCode: 3,
  rule: 'operate/2',
  file: 'zones.yaml',
  line: 7,
  text: 'WRITE holding register 140 = 900 on unit 1',
  count: 3,
};
const counted = {
  flowId: 'C-1/F-1',
  conduit: 'C-1',
  requests: [{ functionCode: 6, verdict: 'would-refuse', count: 1 }],
  refusals: [{ reason: 'value-out-of-range', count: 1 }],
  exceptions: 0,
  quarantined: [{ reason: 'response-late', count: 1 }],
  tolerated: [{ what: 'unit-echo', count: 2 }],
  bytesFromClient: 12,
  bytesFromServer: 12,
  open: 1,
  opened: 1,
  unreached: 0,
  responses: 1,
  latency: { bucketCounts: [1, 0], sum: 0.00001, count: 1 },
};
const listener = {
  as: 'hmi-1',
  to: 'plc-1',
  port: 502,
  listen: { address: '127.0.0.1', port: 0 },
  server: { address: '127.0.0.1', port: 1502 },
  shard: 0,
};

/** One of each kind, by direction. */
const Samples: readonly { name: string; check: MessageCheck<unknown>; messages: readonly object[] }[] = [
  {
    name: 'from an inspector',
    check: checkInspectorToEngine,
    messages: [
      { kind: 'hello', pid: 7, epoch, shards: [0], policy: '', countsInFile: true, told },
      { kind: 'counted' },
      { kind: 'prepared', policy: digest },
      { kind: 'unprepared', policy: digest, problem: 'the digest does not fit' },
      { kind: 'activated', policy: digest },
      { kind: 'listening', shards: [0], bound: [{ address: '127.0.0.1', port: 15502 }] },
      { kind: 'not-listening', shards: [0], problem: 'taken' },
      { kind: 'connections', opened: [opened], closed: [closed], summed: ['a-2'], sums: [sum] },
      { kind: 'progress', connections: [{ id: opened.id, ...passed }] },
      { kind: 'refusals', refusals: [refusal] },
      { kind: 'counters', epoch, flows: [counted] },
      { kind: 'leaving' },
    ],
  },
  {
    name: 'to an inspector',
    check: checkEngineToInspector,
    messages: [
      { kind: 'prepare', digest, policy: 'AAECAw==' },
      { kind: 'activate', digest },
      { kind: 'abandon', digest },
      { kind: 'listeners', listeners: [listener] },
      { kind: 'withdraw' },
      { kind: 'take', shards: [0, 1] },
      { kind: 'gates', open: [{ flow: 'C-1/F-1', until: 1.5 }], tellsTime: true },
    ],
  },
  { name: 'from the front', check: checkFrontToEngine, messages: [{ kind: 'ask', id: 1, what: 'status' }] },
  {
    name: 'to the front',
    check: checkEngineToFront,
    messages: [
      { kind: 'answer', id: 1, body: { anything: [1] } },
      { kind: 'no-answer', id: 1, code: 'BUNDLE_KEY', sentence: 'No.', remedy: 'Ask.' },
    ],
  },
  {
    name: 'from the command line',
    check: checkControlToEngine,
    messages: [
      { kind: 'ask', id: 1, what: 'metrics' },
      { kind: 'apply', id: 2, envelope: 'AAECAw==', by: 'Anna Åkesson', confirmWithin: 0, dryRun: true },
      { kind: 'confirm', id: 3, by: 'anna' },
      { kind: 'rollback', id: 4, by: '' },
    ],
  },
];

describe.for(Samples)('messages $name', ({ check, messages }) => {
  test.for(messages.map((message) => [Reflect.get(message, 'kind') as string, message] as const))(
    '%s: taken as agreed, not with a key too many or one too few',
    ([, message]) => {
      expect(check(message)).toEqual({ ok: true, value: message });
      expect(check({ ...message, more: 1 }).ok).toBe(false);
      for (const key of Object.keys(message)) {
        expect(check(Object.fromEntries(Object.entries(message).filter(([name]) => name !== key))).ok).toBe(
          false,
        );
      }
    },
  );

  test('of any other kind, or no message at all, are refused and never throw', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(check(value).ok).toBe(false);
      }),
    );
  });

  test('with any one value replaced are judged without an exception', () => {
    const change = fc.record({
      message: fc.constantFrom(...messages),
      key: fc.nat(20),
      value: fc.anything(),
    });
    fc.assert(
      fc.property(change, ({ message, key, value }) => {
        const names = Object.keys(message);
        check({ ...message, [names[key % names.length] ?? 'kind']: value });
      }),
    );
  });
});

test('every reason of the vocabulary can be reported', () => {
  for (const reason of Object.keys(Reasons)) {
    expect(checkInspectorToEngine({ kind: 'refusals', refusals: [{ ...refusal, reason }] }).ok).toBe(true);
  }
});

test.for<[string, object]>([
  ['a negative count', { ...refusal, count: -1 }],
  ['a fraction as a count', { ...refusal, count: 1.5 }],
  ['an unknown reason', { ...refusal, reason: 'because' }],
  ['a unit above 255', { ...refusal, unit: 256 }],
  ['a time that no calendar has', { ...refusal, at: 1e300 }],
  ['more text than a line', { ...refusal, text: 'x'.repeat(501) }],
])('a refusal with %s is refused', ([, changed]) => {
  expect(checkInspectorToEngine({ kind: 'refusals', refusals: [changed] }).ok).toBe(false);
});

test('what was tolerated has a name of the closed list: nobody makes labels of metrics', () => {
  const named = (what: string) => ({ ...counted, tolerated: [{ what, count: 1 }] });
  const check = (flow: object) => checkInspectorToEngine({ kind: 'counters', epoch, flows: [flow] }).ok;
  expect(check(named('coil-padding'))).toBe(true);
  expect(check(named('anything else'))).toBe(false);
});
