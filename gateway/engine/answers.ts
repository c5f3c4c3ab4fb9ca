import type { FlowRule } from '../../rules/policy.ts';
import type { Config } from '../config.ts';
import type { EnforcementCounts, EnforcementState } from '../enforce/enforcement.ts';
import type { EvidenceStats } from '../evidence/evidence-log.ts';
import type { Question } from '../ipc/messages.ts';
import type { MetricsBody, StatusBody } from '../ipc/snapshot.ts';
import type { ActivePolicy, Rejection } from '../load/activation.ts';
import { GatewayRelease } from '../release.ts';
import type { Alarm } from './alarms.ts';
import { describeConduits } from './describe-conduits.ts';
import type { InspectorState } from './inspector-pool.ts';
import type { Ledger } from './ledger.ts';
import type { Outcome } from './question-server.ts';

/** What the engine knows at one moment, for everybody who asks. */
export interface Knowledge {
  readonly config: Config;
  readonly active: ActivePolicy | undefined;
  readonly now: number;
  readonly startedAt: number;
  readonly inspectors: readonly InspectorState[];
  /** Inspecting processes lost since the start. */
  readonly inspectorDeaths: number;
  readonly enforcement: EnforcementState;
  readonly counts: EnforcementCounts;
  readonly openGates: ReadonlySet<string>;
  readonly evidence: EvidenceStats;
  readonly ledger: Ledger;
  readonly alarms: readonly Alarm[];
  /** By rejection code, since the start. */
  readonly rejections: ReadonlyMap<string, number>;
  readonly lastRejection: (Rejection & { readonly at: number }) | undefined;
}

/** The answer to one question of the front or the command line. */
export function answerQuestion(what: Question, known: Knowledge): Outcome {
  switch (what) {
    case 'status':
      return { ok: true, body: statusBody(known) };
    case 'metrics':
      return { ok: true, body: metricsBody(known) };
    case 'connections':
      return { ok: true, body: known.ledger.connections() };
    case 'refusals':
      return { ok: true, body: known.ledger.refusals() };
    case 'conduits': {
      const { active, ledger, counts, openGates, config } = known;
      // The proxy back end carries inspected flows only; what it has no listener for does not pass.
      const carries = (flow: FlowRule): boolean => config.backEnd === 'kernel' || flow.profile !== '';
      const isOpen = (flow: FlowRule): boolean =>
        carries(flow) && (flow.gate === undefined || openGates.has(flow.id));
      const body =
        active === undefined ? [] : describeConduits(active.policy, ledger.totals(), counts.flows, isOpen);
      return { ok: true, body };
    }
  }
}

function statusBody(known: Knowledge): StatusBody {
  const { config, active, lastRejection } = known;
  return {
    site: config.site,
    gateway: config.gateway,
    policyVersion: active?.policy.version ?? 0,
    policyDigest: active?.digest ?? '',
    compiledFor: active?.policy.compiler ?? GatewayRelease,
    notBefore: active?.policy.notBefore ?? 0,
    notAfter: active?.policy.notAfter ?? 0,
    activatedAt: active?.since ?? 0,
    backEnd: config.backEnd,
    mode: 'normal',
    startedAt: known.startedAt,
    now: known.now,
    inspectors: known.inspectors.map(({ pid, shards, since }) => ({
      pid,
      shards: [...shards],
      spare: shards.length === 0,
      since,
    })),
    nftChild: known.enforcement.nftChild,
    evidence: known.evidence,
    alarms: [...known.alarms],
    ...(lastRejection === undefined
      ? {}
      : {
          lastRejection: { at: lastRejection.at, code: lastRejection.code, message: lastRejection.message },
        }),
  };
}

function metricsBody(known: Knowledge): MetricsBody {
  const { config, active, counts, ledger } = known;
  const conduits = new Map(active?.policy.flows.map((flow) => [flow.id, flow.conduit]));
  return {
    flows: [...ledger.totals()],
    kernelFlows: counts.flows.map((flow) => ({ ...flow, conduit: conduits.get(flow.flowId) ?? '' })),
    drops: counts.drops.map(({ reason, packets }) => ({ reason, packets })),
    inspectorLost: ledger.lost(),
    evidence: known.evidence,
    policy: {
      version: active?.policy.version ?? 0,
      digest: active?.digest ?? '',
      activatedAt: active?.since ?? 0,
      notAfter: active?.policy.notAfter ?? 0,
    },
    bundlesRejected: [...known.rejections].map(([code, count]) => ({ code, count })),
    processes: [
      { name: 'engine', up: 1, restarts: 0 },
      { name: 'inspector', up: known.inspectors.length, restarts: known.inspectorDeaths },
      ...(known.enforcement.nftChild === 'none'
        ? []
        : [{ name: 'nft' as const, up: known.enforcement.nftChild === 'up' ? 1 : 0, restarts: 0 }]),
    ],
    backEnd: config.backEnd,
    startedAt: known.startedAt,
  };
}
