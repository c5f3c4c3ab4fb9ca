import { spawnSync } from 'node:child_process';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetricsWriter } from '../../../gateway/front/metrics.ts';
import { buildMetricsServer } from '../../../gateway/front/metrics-server.ts';
import { LatencyBuckets } from '../../../gateway/ipc/bounds.ts';
import type { FlowCounters } from '../../../gateway/ipc/reports.ts';
import type { MetricsBody } from '../../../gateway/ipc/snapshot.ts';
import { Tolerances } from '../../../rules/modbus/profile.ts';
import { Reasons } from '../../../rules/reason.ts';
import { fakeEngine, flowCounters, gone, metrics, noon } from './snapshots.ts';

test('every number of the engine stands in the metrics under its name', async () => {
  expect(await lines(metrics([flowCounters()]))).toEqual(
    expect.arrayContaining([
      'penstock_engine_up 1',
      'penstock_connections_open{conduit="C-05",flow="C-05/F-02"} 1',
      'penstock_connections_total{conduit="C-05",flow="C-05/F-02"} 17',
      'penstock_connection_bytes_total{conduit="C-05",flow="C-05/F-02",from="client"} 4825416',
      'penstock_transactions_total{conduit="C-05",flow="C-05/F-02",function_code="3",verdict="allow"} 402115',
      'penstock_transactions_total{conduit="C-05",flow="C-05/F-02",function_code="other",verdict="refuse"} 3',
      'penstock_refusals_total{conduit="C-05",flow="C-05/F-02",reason="fc-not-allowed"} 3',
      'penstock_responses_quarantined_total{conduit="C-05",flow="C-05/F-02",reason="response-late"} 4',
      'penstock_tolerated_total{conduit="C-05",flow="C-05/F-02",what="unit-echo"} 12',
      'penstock_flow_packets_total{conduit="C-03",flow="C-03/F-01"} 83220',
      'penstock_dropped_packets_total{reason="no-flow"} 219',
      'penstock_undeclared_packets_total 41',
      'penstock_policy_version 42',
      'penstock_policy_age_seconds 172800',
      'penstock_policy_not_after_timestamp_seconds 1820232000',
      'penstock_mode{mode="normal"} 1',
      'penstock_mode{mode="island"} 0',
      'penstock_mode_cut_flows 0',
      'penstock_bundles_rejected_total{code="BUNDLE_SIGNATURE"} 1',
      'penstock_processes_up{process="inspector"} 2',
      'penstock_process_restarts_total{process="inspector"} 1',
      'penstock_evidence_lag_seconds 0.04',
      'penstock_evidence_records_total 48213',
      'penstock_evidence_lost_total 0',
      'penstock_evidence_failing 0',
      'penstock_flow_essential{conduit="C-05",flow="C-05/F-02"} 1',
      'penstock_alarm{code="NO_SPARE"} 1',
      'penstock_evidence_witnessed_records 48000',
      'penstock_evidence_broken 0',
      'penstock_evidence_kept_ratio 0.12',
      'penstock_state_disk_free_bytes 9000000000',
      'penstock_grants_open 1',
      'penstock_grants_closed_total{cause="grant-ended"} 11',
      'penstock_grant_seconds_left{grant="G-7F3K",vendor="pumpco"} 1500',
      'penstock_grant_bytes_total{grant="G-7F3K",vendor="pumpco",from="client"} 1200',
    ]),
  );
});

test('the latency of a conduit is the sum of its flows, in cumulative buckets', async () => {
  const bucketCounts = LatencyBuckets.map((_, index) => (index < 2 ? 10 : 0));
  const one = flowCounters({ latency: { bucketCounts: [...bucketCounts, 5], sum: 2, count: 25 } });
  const text = await lines(metrics([one, { ...one, flowId: 'C-05/F-01' }]));
  expect(text.filter((line) => line.startsWith('penstock_added_latency_seconds'))).toEqual([
    'penstock_added_latency_seconds_bucket{conduit="C-05",le="0.00001"} 20',
    ...LatencyBuckets.slice(1).map(
      (bound) => `penstock_added_latency_seconds_bucket{conduit="C-05",le="${bound}"} 40`,
    ),
    'penstock_added_latency_seconds_bucket{conduit="C-05",le="+Inf"} 50',
    'penstock_added_latency_seconds_sum{conduit="C-05"} 4',
    'penstock_added_latency_seconds_count{conduit="C-05"} 50',
  ]);
});

test('an engine that is gone is a zero, and the scrape itself succeeds', async () => {
  const engine = fakeEngine();
  engine.problem = gone;
  const app = buildMetricsServer({ engine, clock: { wall: () => noon, monotonic: () => 0 }, tls: undefined });
  const answer = await app.inject({ url: '/metrics' });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toContain('text/plain');
  expect(answer.body).toContain('penstock_engine_up 0');
  expect(answer.body).not.toContain('penstock_policy_version');
  await app.close();
});

test('nothing but the metrics is served on their address', async () => {
  const app = buildMetricsServer({
    engine: fakeEngine(),
    clock: { wall: () => noon, monotonic: () => 0 },
    tls: undefined,
  });
  expect((await app.inject({ url: '/api/status' })).statusCode).toBe(404);
  await app.close();
});

test('1 000 flows give at most 10 000 series, whatever passed on them, and no count is lost', async () => {
  const reasons = Object.keys(Reasons) as (keyof typeof Reasons)[];
  const worst = Array.from(
    { length: 1000 },
    (_, index): FlowCounters =>
      flowCounters({
        flowId: `C-${index % 200}/F-${index}`,
        conduit: `C-${index % 200}`,
        requests: Array.from({ length: 20 }, (_, code) =>
          (['allow', 'refuse', 'would-refuse'] as const).map((verdict) => ({
            functionCode: code,
            verdict,
            count: 1,
          })),
        ).flat(),
        refusals: reasons.map((reason) => ({ reason, count: 1 })),
        exceptions: 0,
        quarantined: reasons.map((reason) => ({ reason, count: 1 })),
        tolerated: Tolerances.map((what) => ({ what, count: 1 })),
      }),
  );
  const { grants } = metrics([]);
  const open = Array.from({ length: 500 }, (_, index) => ({ ...grants.open[0]!, grant: `G-${index}` }));
  const text = await lines(metrics(worst, { grants: { ...grants, open } }));
  const series = text.filter((line) => line.startsWith('penstock_'));
  expect(series.length).toBeLessThanOrEqual(10_000);
  expect(total(series, 'penstock_transactions_total')).toBe(1000 * 60);
  expect(total(series, 'penstock_refusals_total')).toBe(1000 * reasons.length);
  expect(total(series, 'penstock_responses_quarantined_total')).toBe(1000 * reasons.length);
  expect(total(series, 'penstock_tolerated_total')).toBe(1000 * Tolerances.length);
  expect(total(series, 'penstock_added_latency_seconds_count')).toBe(1000 * 401_300);
});

test('a series once there stays, also when others come that exceed the bound', async () => {
  const writer = createMetricsWriter();
  const first = flowCounters({ flowId: 'C-00/F-00', conduit: 'C-00' });
  await render(writer, metrics([first]));
  const many = Array.from({ length: 4000 }, (_, index) => flowCounters({ flowId: `C-05/F-${index}` }));
  const text = await render(writer, metrics([...many, first]));
  expect(text).toContain(
    'penstock_transactions_total{conduit="C-00",flow="C-00/F-00",function_code="3",verdict="allow"} 402115',
  );
});

const promtool = spawnSync('promtool', ['--version']);

test.skipIf(promtool.error !== undefined)('promtool finds nothing to say about the metrics', async () => {
  const text = (await lines(metrics([flowCounters()]))).join('\n');
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: `${text}\n`, encoding: 'utf8' });
  expect(`${checked.stdout}${checked.stderr}`).toBe('');
  expect(checked.status).toBe(0);
});

async function lines(snapshot: MetricsBody): Promise<string[]> {
  return render(createMetricsWriter(), snapshot);
}

async function render(
  writer: ReturnType<typeof createMetricsWriter>,
  snapshot: MetricsBody,
): Promise<string[]> {
  const registry = new Registry();
  writer.write(registry, snapshot, noon);
  return (await registry.metrics()).split('\n');
}

function total(series: readonly string[], name: string): number {
  return series
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
