import { describe, expect, test } from 'vitest';
import { createEssentialTraffic, samplesSince } from '../../../gateway/engine/essential-traffic.ts';
import type { FlowCounters } from '../../../gateway/ipc/reports.ts';
import type { DropRecord } from '../../../rules/record/record.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';

const flow = sampleFlow({ essential: true });
const policy = samplePolicy({ flows: [flow, sampleFlow({ id: 'C-9/F-9', number: 9 })] });
const counted = {
  flowId: flow.id,
  requests: [
    { functionCode: 3, verdict: 'allow', count: 90 },
    { functionCode: 6, verdict: 'refuse', count: 10 },
  ],
  refusals: [{ reason: 'too-soon', count: 10 }],
  quarantined: [{ reason: 'response-late', count: 2 }],
  exceptions: 3,
} as unknown as FlowCounters;
const end = (address: string, port: number) => ({ asset: '', zone: '', address, port });
const address = (prefix: string | undefined): string => prefix?.split('/')[0] ?? '';
const drop = (change: Partial<DropRecord> = {}): DropRecord => ({
  kind: 'drop',
  firstAt: 0,
  lastAt: 0,
  packets: 4,
  verdict: 'refuse',
  reason: 'source-mac',
  device: 'sup0',
  source: end(address(flow.sources[0]?.prefixes[0]), 50_000),
  destination: end(address(flow.destinations[0]?.prefixes[0]), flow.ports[0]?.first ?? 0),
  protocol: 'tcp',
  foldedKinds: 0,
  ...change,
});
const traffic = () => createEssentialTraffic({ inspected: () => [counted], forwarded: () => [] });
const failures = (of: ReturnType<typeof traffic>) =>
  Object.fromEntries(of.sample(policy).get(flow.id)?.failures ?? []);

describe('what goes over essential flows', () => {
  test('is counted with every way to fail, and of no other flow', () => {
    const sample = traffic().sample(policy);
    expect([...sample.keys()]).toEqual([flow.id]);
    expect(sample.get(flow.id)?.attempts).toBe(100);
    expect(failures(traffic())).toEqual({ 'too-soon': 10, 'response-late': 2, exception: 3 });
  });

  test('includes connections whose server could not be reached, and packets the kernel refused all the same', () => {
    const one = traffic();
    one.closed({ flowId: flow.id, reason: 'server-unreachable', count: 1 });
    one.closed({ flowId: flow.id, reason: 'client-closed', count: 1 });
    one.dropped(drop(), policy);
    expect(failures(one)).toMatchObject({ 'server-unreachable': 1, 'source-mac': 4 });
    expect(one.sample(policy).get(flow.id)?.attempts).toBe(105);
  });

  test.for<[string, Partial<DropRecord>]>([
    ['that no flow permits', { source: end('192.0.2.1', 1) }],
    ['that passed under audit', { verdict: 'would-refuse' }],
    ['for a reason of another release', { reason: 'bad-mood' }],
    ['of another protocol', { protocol: 'icmp' }],
  ])('includes no packets %s', ([, change]) => {
    const one = traffic();
    one.dropped(drop(change), policy);
    expect(failures(one)).toEqual(failures(traffic()));
  });

  test('between two samples is their difference', () => {
    const then = new Map([[flow.id, { attempts: 40, failures: new Map([['too-soon', 4] as const]) }]]);
    const since = samplesSince(then, traffic().sample(policy)).get(flow.id);
    expect(since?.attempts).toBe(60);
    expect(since?.failures.get('too-soon')).toBe(6);
  });
});
