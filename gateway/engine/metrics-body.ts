import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { GrantsSummary } from '../broker/broker.ts';
import type { MetricsBody } from '../ipc/snapshot.ts';
import type { Knowledge } from './knowledge.ts';
import { summariseMode } from './mode-answer.ts';

/** Every number the metrics page renders. */
export function metricsBody(known: Knowledge): MetricsBody {
  const { config, active, counts, ledger } = known;
  const { nftChild } = known.enforcement;
  const { size, signedSize, witnessedSize, checkpointAt, broken, maxBytes, percent } = known.proof;
  const conduits = new Map(active?.policy.flows.map((flow) => [flow.id, flow.conduit]));
  return {
    flows: [...ledger.totals()],
    kernelFlows: counts.flows.map((flow) => ({ ...flow, conduit: conduits.get(flow.flowId) ?? '' })),
    drops: counts.drops.map(({ reason, packets }) => ({ reason, packets })),
    undeclared: counts.undeclared,
    evidence: known.evidence,
    policy: {
      version: active?.policy.version ?? 0,
      digest: active?.digest ?? '',
      activatedAt: active?.since ?? 0,
      notAfter: active?.policy.notAfter ?? 0,
    },
    mode: {
      name: known.mode.kept.mode,
      modes: active?.policy.modes.map(({ name }) => name) ?? [],
      cutFlows: summariseMode(known.mode, active?.policy).cutFlows,
    },
    rollbacks: known.rollbacks,
    ...(known.pending === undefined ? {} : { confirmSecondsLeft: known.pending.left / 1000 }),
    tableChanges: known.tableChanges,
    bundlesRejected: [...known.rejections].map(([code, count]) => ({ code, count })),
    // The supervisor or systemd counts the engine's restarts, and the nft child has no count of its own.
    processes: [
      { name: 'engine', up: 1 },
      { name: 'inspector', up: known.inspectors.length, restarts: known.inspectorDeaths },
      ...(nftChild === 'none' ? [] : [{ name: 'nft' as const, up: nftChild === 'up' ? 1 : 0 }]),
    ],
    backEnd: config.backEnd,
    startedAt: known.startedAt,
    essential: (active?.policy.flows ?? [])
      .filter(({ essential }) => essential)
      .map(({ id, conduit }) => ({ flowId: id, conduit })),
    alarms: [...Map.groupBy(known.alarms, ({ code }) => code)].map(([code, all]) => ({
      code,
      count: all.length,
    })),
    proof: { size, signedSize, witnessedSize, checkpointAt, broken, maxBytes, keptPercent: percent },
    disk: diskOf(config.state),
    ...syslogBehind(known),
    grants: grantNumbers(known.grants),
  };
}

function grantNumbers({ requested, approved, open, opened, closed }: GrantsSummary): MetricsBody['grants'] {
  return {
    ...{ requested, approved, opened },
    // Who it is stays out of the metrics: they are kept by others and for long.
    open: open.map(({ person: _, targets: __, ...numbers }) => numbers),
    closed: [...closed].map(([cause, count]) => ({ cause, count })),
  };
}

/** The process that hands records over keeps where it got to in a file; the numbers of records run over all histories. */
function syslogBehind({ config, evidence }: Knowledge): Pick<MetricsBody, 'syslogBehind'> {
  if (config.syslog === undefined) return {};
  try {
    const delivered = Number(readFileSync(join(config.state, 'syslog', 'cursor'), 'utf8'));
    return Number.isSafeInteger(delivered) ? { syslogBehind: Math.max(0, evidence.records - delivered) } : {};
  } catch {
    return {};
  }
}

function diskOf(path: string): MetricsBody['disk'] {
  try {
    const { bsize, blocks, bavail } = statfsSync(path);
    return { bytes: bsize * blocks, free: bsize * bavail };
  } catch {
    return { bytes: 0, free: 0 };
  }
}
