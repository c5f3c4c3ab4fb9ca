import { canTellTime, type TimeKnowledge } from '../../rules/admission/open-gates.ts';
import type { Config } from '../config.ts';
import type { Enforcement, EnforcementCounts, EnforcementState } from '../enforce/enforcement.ts';
import type { EvidenceLog, EvidenceStats } from '../evidence/evidence-log.ts';
import type { Activation, ActivePolicy, Rejection } from '../load/activation.ts';
import { type Alarm, alarms } from './alarms.ts';
import type { GateLoop } from './gate-loop.ts';
import type { InspectorState } from './inspector-member.ts';
import type { InspectorPool } from './inspector-pool.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { Observer } from './observation.ts';
import type { TableWatch } from './table-watch.ts';

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
  readonly observer: Pick<Observer, 'observation'>;
  readonly alarms: readonly Alarm[];
  /** By rejection code, since the start. */
  readonly rejections: ReadonlyMap<string, number>;
  readonly lastRejection: (Rejection & { readonly at: number }) | undefined;
}

/** Who knows it. */
export interface KnowledgeSources {
  readonly config: Config;
  readonly startedAt: number;
  readonly activation: Activation;
  readonly pool: InspectorPool;
  readonly enforcement: Enforcement;
  readonly table: TableWatch;
  readonly gates: GateLoop;
  readonly evidence: EvidenceLog;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly time: () => TimeKnowledge;
}

export function gatherKnowledge(sources: KnowledgeSources): Knowledge {
  const { config, startedAt, activation, pool, table, gates, ledger, journal } = sources;
  const active = activation.active();
  const inspectors = pool.states();
  const enforcement = sources.enforcement.state();
  const evidence = sources.evidence.stats();
  const time = sources.time();
  return {
    config,
    active,
    now: time.now,
    startedAt,
    inspectors,
    inspectorDeaths: ledger.deaths(),
    enforcement,
    counts: table.counts(),
    openGates: new Set(gates.open().map(({ flow }) => flow)),
    evidence,
    ledger,
    observer: sources.observer,
    alarms: alarms({
      policy: active?.policy,
      now: time.now,
      canTellTime: canTellTime(time),
      enforcement,
      drift: table.drift(),
      blindness: table.blindness(),
      evidenceFailing: evidence.failing,
      inspectors,
      wanted: config.inspectors,
    }),
    rejections: journal.rejections(),
    lastRejection: journal.lastRejection(),
  };
}
