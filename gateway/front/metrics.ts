import { Counter, Gauge, type Registry } from 'prom-client';
import type { MetricsBody } from '../ipc/snapshot.ts';
import { GatewayRelease } from '../release.ts';
import { writeGrants, writeProof } from './grant-metrics.ts';
import { LatencyFamily } from './latency-family.ts';
import { createSeriesBudget } from './series-budget.ts';

/** Writes what the engine knows into a fresh registry, one per scrape: the numbers are the engine's own. */
export interface MetricsWriter {
  /** `snapshot` is undefined while the engine does not answer; `now` in milliseconds since the epoch. */
  readonly write: (registry: Registry, snapshot: MetricsBody | undefined, now: number) => void;
}

/**
 * Series at 1 000 flows: 4 000 of flows (connections, bytes or packets), at most 3 000 of transactions,
 * 1 000 of refusals, 200 each of quarantined and of tolerated, 80 × 16 of latency, 8 of each of 10 open grants
 * and some 150 others.
 */
export function createMetricsWriter(): MetricsWriter {
  const transactions = createSeriesBudget<TransactionLabels>(3_000, ({ verdict }) => ({
    conduit: Other,
    flow: Other,
    function_code: Other,
    verdict,
  }));
  const refusals = createSeriesBudget<RefusalLabels>(1_000, ({ reason }) => ({
    conduit: Other,
    flow: Other,
    reason,
  }));
  const quarantined = createSeriesBudget<RefusalLabels>(200, ({ reason }) => ({
    conduit: Other,
    flow: Other,
    reason,
  }));
  const tolerated = createSeriesBudget<ToleratedLabels>(200, ({ what }) => ({
    conduit: Other,
    flow: Other,
    what,
  }));
  const latencies = createSeriesBudget<{ conduit: string }>(80, () => ({ conduit: Other }));

  function write(registry: Registry, snapshot: MetricsBody | undefined, now: number): void {
    const family = families(registry);
    family.gauge('build_info', 'Release of the gateway, always 1', { release: GatewayRelease }, 1);
    family.gauge('engine_up', 'Whether the engine answers', {}, snapshot === undefined ? 0 : 1);
    if (snapshot === undefined) return;
    writeFlows(snapshot);
    writePolicy(snapshot);
    writeProcesses(snapshot);
    writeProof(family, snapshot);
    writeGrants(family, snapshot);

    function writeFlows({ flows, kernelFlows, drops, undeclared, essential }: MetricsBody): void {
      for (const { conduit, flowId: flow } of essential) {
        family.gauge('flow_essential', 'Flows the model names essential, always 1', { conduit, flow }, 1);
      }
      const latency = new LatencyFamily(registry);
      for (const { conduit, flowId: flow, ...counted } of flows) {
        const at = { conduit, flow };
        family.gauge('connections_open', 'Inspected connections open now', at, counted.open);
        family.counter('connections_total', 'Inspected connections opened', at, counted.opened);
        const bytes = 'Bytes on inspected connections, by the side they came from';
        family.counter('connection_bytes_total', bytes, { ...at, from: 'client' }, counted.bytesFromClient);
        family.counter('connection_bytes_total', bytes, { ...at, from: 'server' }, counted.bytesFromServer);
        for (const { functionCode, verdict, count } of counted.requests) {
          const code = functionCode === 0 ? Other : String(functionCode);
          const labels = transactions.admit({ ...at, function_code: code, verdict });
          family.counter('transactions_total', 'Modbus requests by what was decided', labels, count);
        }
        for (const { reason, count } of counted.refusals) {
          const labels = refusals.admit({ ...at, reason });
          family.counter('refusals_total', 'Modbus requests refused, by reason', labels, count);
        }
        for (const { reason, count } of counted.quarantined) {
          const labels = quarantined.admit({ ...at, reason });
          family.counter(
            'responses_quarantined_total',
            'Responses of servers put aside, by why',
            labels,
            count,
          );
        }
        for (const { what, count } of counted.tolerated) {
          const labels = tolerated.admit({ ...at, what });
          family.counter('tolerated_total', 'Messages let pass against the specification', labels, count);
        }
        latency.add(latencies.admit({ conduit }).conduit, counted.latency);
      }
      for (const { conduit, flowId: flow, packets, bytes } of kernelFlows) {
        family.counter('flow_packets_total', 'Packets the kernel forwarded', { conduit, flow }, packets);
        family.counter('flow_bytes_total', 'Bytes the kernel forwarded', { conduit, flow }, bytes);
      }
      for (const { reason, packets } of drops) {
        family.counter('dropped_packets_total', 'Packets the kernel refused', { reason }, packets);
      }
      const passed = 'Packets no flow declares that an audit stage let pass';
      family.counter('undeclared_packets_total', passed, {}, undeclared);
    }

    function writePolicy(snapshot: MetricsBody): void {
      const { policy, mode, bundlesRejected, backEnd, rollbacks, confirmSecondsLeft, tableChanges } =
        snapshot;
      const seconds = (at: number): number => at / 1000;
      const age = policy.activatedAt === 0 ? 0 : seconds(now - policy.activatedAt);
      family.gauge(
        'policy_info',
        'Policy in force, always 1',
        { back_end: backEnd, digest: policy.digest },
        1,
      );
      family.gauge('policy_version', 'Version of the policy in force, 0 for none', {}, policy.version);
      family.gauge('policy_age_seconds', 'Time since the policy came into force', {}, age);
      family.gauge(
        'policy_not_after_timestamp_seconds',
        'End of the validity of the policy in force',
        {},
        seconds(policy.notAfter),
      );
      if (confirmSecondsLeft !== undefined) {
        const help = 'Time until the policy in force goes back unless it is confirmed';
        family.gauge('policy_confirm_seconds_left', help, {}, confirmSecondsLeft);
      }
      family.counter('policy_rollbacks_total', 'Policies taken back', {}, rollbacks);
      family.counter('table_changes_total', 'Kernel table found changed by others', {}, tableChanges);
      // The mode in force is 1 and every other one 0; one that the policy has lost is there all the same.
      for (const name of new Set([...mode.modes, mode.name])) {
        family.gauge('mode', 'Whether this mode is in force', { mode: name }, name === mode.name ? 1 : 0);
      }
      family.gauge('mode_cut_flows', 'Flows that do not pass in the mode in force', {}, mode.cutFlows);
      for (const { code, count } of bundlesRejected) {
        family.counter('bundles_rejected_total', 'Bundles refused, by code', { code }, count);
      }
    }

    function writeProcesses({ processes, evidence, startedAt, alarms }: MetricsBody): void {
      for (const { code, count } of alarms) {
        family.gauge('alarm', 'Alarms that hold now, by code', { code }, count);
      }
      for (const { name, up, restarts } of processes) {
        family.gauge('processes_up', 'Processes that run, by kind', { process: name }, up);
        if (restarts === undefined) continue;
        family.counter(
          'process_restarts_total',
          'Processes lost since the start',
          { process: name },
          restarts,
        );
      }
      family.gauge('start_timestamp_seconds', 'When the engine started', {}, startedAt / 1000);
      family.gauge('evidence_lag_seconds', 'Age of the oldest unwritten record', {}, evidence.lagMs / 1000);
      family.counter('evidence_records_total', 'Records the evidence log ever held', {}, evidence.records);
      family.gauge('evidence_bytes', 'Size of the evidence log', {}, evidence.bytes);
      family.counter('evidence_lost_total', 'Records the disk could not take', {}, evidence.lost);
      family.gauge('evidence_failing', 'Whether the disk fails', {}, evidence.failing === '' ? 0 : 1);
    }
  }

  return { write };
}

/** Metrics by name, made when first used, so that an empty family is not announced. */
export interface MetricFamilies {
  readonly gauge: (name: string, help: string, labels: Labels, value: number) => void;
  readonly counter: (name: string, help: string, labels: Labels, value: number) => void;
}

function families(registry: Registry): MetricFamilies {
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  return {
    gauge: (name: string, help: string, labels: Labels, value: number): void => {
      const found = gauges.get(name) ?? new Gauge(metric(registry, name, help, labels));
      gauges.set(name, found);
      found.inc(labels, value);
    },
    counter: (name: string, help: string, labels: Labels, value: number): void => {
      const found = counters.get(name) ?? new Counter(metric(registry, name, help, labels));
      counters.set(name, found);
      found.inc(labels, value);
    },
  };
}

function metric(registry: Registry, name: string, help: string, labels: Labels) {
  return { name: `penstock_${name}`, help, labelNames: Object.keys(labels), registers: [registry] };
}

type Labels = Readonly<Record<string, string>>;
type TransactionLabels = { conduit: string; flow: string; function_code: string; verdict: string };
type RefusalLabels = { conduit: string; flow: string; reason: string };
type ToleratedLabels = { conduit: string; flow: string; what: string };

/** Function codes outside a flow's profile, and whatever is beyond the bound of series. */
const Other = 'other';
