import { describe, expect, test } from 'vitest';
import { type Failure, type FlowSample, findHarm } from '../../../gateway/load/canary.ts';
import { takesAway, watchedFlows } from '../../../gateway/load/revocation.ts';
import type { ModbusPermission } from '../../../rules/modbus/profile.ts';
import type { FlowRule, Policy } from '../../../rules/policy.ts';
import { sampleFlow, samplePermission, samplePolicy } from '../inspector/sample.ts';

const F = 'C-05/F-01';
const flow = { id: F, inspected: true, narrowed: false, moved: false };
const sample = (attempts: number, failures: Partial<Record<Failure, number>> = {}): FlowSample => ({
  attempts,
  failures: new Map(Object.entries(failures) as [Failure, number][]),
});
const harm = (before: FlowSample, since: FlowSample, watched = flow) =>
  findHarm([watched], new Map([[F, before]]), new Map([[F, since]]));

describe('an essential flow under a new policy', () => {
  test('that fails and did not before is a reason to go back, and the sentence says how much', () => {
    expect(harm(sample(600), sample(100, { 'rate-exceeded': 20, interlock: 3 }))).toEqual({
      flow: F,
      sentence:
        'Essential flow C-05/F-01: 23 of 100 attempts fail since, mostly rate-exceeded; before 0 of 600.',
    });
  });

  test.for<[string, FlowSample, FlowSample]>([
    ['that goes on as before', sample(600, { interlock: 60 }), sample(100, { interlock: 10 })],
    ['that went quiet', sample(600), sample(0)],
    ['that went nearly quiet', sample(600), sample(19, { 'rate-exceeded': 19 })],
    ['of which nothing is known from before', sample(19), sample(500, { 'rate-exceeded': 400 })],
    ['that fails now and then', sample(600), sample(100, { 'rate-exceeded': 4 })],
    ['that fails in a small part', sample(6_000), sample(1_000, { 'rate-exceeded': 50 })],
    ['that always failed much', sample(600, { exception: 300 }), sample(100, { exception: 70 })],
    ['whose hour has ended', sample(600), sample(100, { 'outside-schedule': 100 })],
    ['that a mode cuts', sample(600), sample(100, { 'mode-cut': 100 })],
    [
      'whose clients were cut because they may no longer',
      sample(600),
      sample(100, { 'policy-changed': 100 }),
    ],
  ])('%s is none', ([, before, since]) => {
    expect(harm(before, since)).toBeUndefined();
  });

  test.for<Failure>(['server-unreachable', 'exception', 'response-mismatch', 'connection-limit'])(
    'is hurt by %s, refused or not',
    (failure) => {
      expect(harm(sample(600), sample(100, { [failure]: 50 }))).toMatchObject({ flow: F });
    },
  );

  test('is not hurt by what forgers send, unless the policy itself looks for its ends elsewhere', () => {
    for (const failure of ['source-mac', 'source-wire'] as const) {
      const since = sample(100, { [failure]: 50 });
      expect(harm(sample(600), since)).toBeUndefined();
      expect(harm(sample(600), since, { ...flow, moved: true })).toMatchObject({ flow: F });
    }
  });

  test('narrowed on purpose may be refused for what was asked, and for nothing else', () => {
    const narrowed = { ...flow, narrowed: true };
    const since = sample(100, { 'address-out-of-range': 60, 'value-out-of-range': 20 });
    expect(harm(sample(600), since, narrowed)).toBeUndefined();
    expect(harm(sample(600), since)).toBeDefined();
    expect(harm(sample(600), sample(100, { 'too-soon': 60 }), narrowed)).toBeDefined();
  });
});

const policy = (
  change: Partial<FlowRule>,
  permissions: readonly ModbusPermission[] = [permission()],
): Policy =>
  samplePolicy({
    flows: [sampleFlow({ essential: true, ...change })],
    profiles: [{ ...samplePolicy().profiles[0]!, permissions }],
  });
const permission = (change: Partial<ModbusPermission> = {}): ModbusPermission =>
  samplePermission({ functions: [3, 6], units: [1, 2], addresses: [{ first: 100, last: 119 }], ...change });
const watched = (after: Policy, before = policy({})) => watchedFlows(before, after);

describe('which flows are watched', () => {
  test('are those essential before and after, with the same ends', () => {
    expect(watched(policy({}))).toEqual([
      { id: sampleFlow().id, inspected: true, narrowed: false, moved: false },
    ]);
    expect(watched(policy({ essential: false }))).toEqual([]);
    expect(watched(policy({}), policy({ essential: false }))).toEqual([]);
    expect(watched(policy({ id: 'C-99/F-09' }))).toEqual([]);
    expect(watched(policy({ ports: [{ first: 503, last: 503 }] }))).toEqual([]);
  });

  test('include one that is inspected for the first time, with nothing excused', () => {
    expect(watched(policy({}, []), policy({ profile: '' }))).toMatchObject([{ narrowed: false }]);
  });

  test('know whether an end is looked for at another link-layer address or on another wire', () => {
    const { asset = '', zone = '' } = sampleFlow().sources[0] ?? {};
    const at = (mac: string, device: string): Policy => ({
      ...policy({}),
      assets: [
        {
          name: asset,
          zone,
          addresses: [],
          mac,
          modbus: { kind: 'direct', framing: 'mbap', line: undefined },
        },
      ],
      interfaces: [{ device, zone, address: '', sources: [], vlan: 0, lowerDevice: '', attach: 'routed' }],
    });
    const before = at('02:00:00:00:00:01', 'a0');
    expect(watched(at('02:00:00:00:00:01', 'a0'), before)).toMatchObject([{ moved: false }]);
    expect(watched(at('02:00:00:00:00:02', 'a0'), before)).toMatchObject([{ moved: true }]);
    expect(watched(at('02:00:00:00:00:01', 'b0'), before)).toMatchObject([{ moved: true }]);
  });

  test('know whether something was taken away', () => {
    expect(watched(policy({}, [permission({ units: [1] })]))).toMatchObject([{ narrowed: true }]);
  });
});

describe('a permission that', () => {
  test.for<[string, Partial<ModbusPermission>, boolean]>([
    ['stays', {}, false],
    ['loses a function', { functions: [3] }, true],
    ['loses a unit', { units: [2] }, true],
    ['loses addresses', { addresses: [{ first: 100, last: 110 }] }, true],
    ['gains addresses', { addresses: [{ first: 90, last: 130 }] }, false],
    [
      'has its addresses in two ranges that meet',
      {
        addresses: [
          { first: 110, last: 119 },
          { first: 100, last: 109 },
        ],
      },
      false,
    ],
    [
      'has a hole in its addresses',
      {
        addresses: [
          { first: 100, last: 108 },
          { first: 110, last: 119 },
        ],
      },
      true,
    ],
    ['gets a limit of how often', { minInterval: 5_000, writesPerMinute: 2 }, false],
    ['gets a limit of how much at once', { maxQuantity: 1 }, false],
  ])('%s', ([, change, expected]) => {
    expect(takesAway([permission()], [permission(change)])).toBe(expected);
  });

  test('limits what is written takes something away, and one that lifts the limit does not', () => {
    const limited = permission({ values: [{ ...AnyValue, max: 35 }] });
    expect(takesAway([permission()], [limited])).toBe(true);
    expect(takesAway([limited], [permission()])).toBe(false);
    expect(takesAway([limited], [limited])).toBe(false);
  });

  test('is split over two takes nothing away', () => {
    expect(takesAway([permission()], [permission({ functions: [3] }), permission({ functions: [6] })])).toBe(
      false,
    );
  });
});

const AnyValue = { type: 'u16', words: 'big', bytes: 'big', bits: undefined, min: 0, allowed: [] } as const;
