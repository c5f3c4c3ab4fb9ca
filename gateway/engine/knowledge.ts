import { canTellTime, type TimeKnowledge } from '../../rules/admission/open-gates.ts';
import type { GrantsSummary } from '../broker/broker.ts';
import type { Config } from '../config.ts';
import type { Enforcement, EnforcementCounts, EnforcementState } from '../enforce/enforcement.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import type { EvidenceState, EvidenceStats } from '../evidence/evidence-state.ts';
import type { ExerciseBody } from '../ipc/exercise-body.ts';
import type { Activation } from '../load/activation.ts';
import type { Pending } from '../load/outcome.ts';
import type { ActivePolicy, Rejection, Rollback } from '../load/steps.ts';
import type { Access } from './access.ts';
import { type Alarm, alarms } from './alarms.ts';
import type { ExerciseBook } from './exercise-book.ts';
import type { GateLoop } from './gate-loop.ts';
import type { InspectorState } from './inspector-member.ts';
import type { InspectorPool } from './inspector-pool.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { ModeKeeper } from './mode-keeper.ts';
import type { ModeReport } from './mode-report.ts';
import type { Observer } from './observation.ts';
import type { TableWatch } from './table-watch.ts';

/** What the engine knows at one moment, for everybody who asks. */
export interface Knowledge {
  readonly config: Config;
  readonly active: ActivePolicy | undefined;
  /** That it is yet to be confirmed. */
  readonly pending: Pending | undefined;
  readonly now: number;
  readonly startedAt: number;
  readonly inspectors: readonly InspectorState[];
  /** Inspecting processes lost since the start. */
  readonly inspectorDeaths: number;
  readonly enforcement: EnforcementState;
  readonly counts: EnforcementCounts;
  readonly openGates: ReadonlySet<string>;
  readonly evidence: EvidenceStats;
  readonly proof: EvidenceState;
  /** Vendors' granted sessions. */
  readonly grants: GrantsSummary;
  readonly ledger: Ledger;
  readonly mode: ModeReport;
  /** The one that goes on, or the last. */
  readonly exercise: ExerciseBody | undefined;
  readonly observer: Pick<Observer, 'observation' | 'audited'>;
  readonly alarms: readonly Alarm[];
  /** By rejection code, since the start. */
  readonly rejections: ReadonlyMap<string, number>;
  readonly lastRejection: (Rejection & { readonly at: number }) | undefined;
  readonly rollbacks: number;
  readonly lastRollback: (Rollback & { readonly at: number }) | undefined;
  readonly tableChanges: number;
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
  readonly modes: ModeKeeper;
  readonly exercises: ExerciseBook;
  readonly evidence: EvidenceLog;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly access: Pick<Access, 'broker' | 'troubles'>;
  readonly time: () => TimeKnowledge;
}

export function gatherKnowledge(sources: KnowledgeSources): Knowledge {
  const { config, startedAt, activation, pool, table, gates, ledger, journal } = sources;
  const active = activation.active();
  const pending = activation.pending();
  const inspectors = pool.states();
  const enforcement = sources.enforcement.state();
  const evidence = sources.evidence.stats();
  const time = sources.time();
  const mode = sources.modes.report();
  const grants = sources.access.broker.summary();
  return {
    config,
    active,
    pending,
    now: time.now,
    startedAt,
    inspectors,
    inspectorDeaths: ledger.deaths(),
    enforcement,
    counts: table.counts(),
    openGates: new Set(gates.open().map(({ flow }) => flow)),
    evidence,
    proof: sources.evidence.state(),
    ledger,
    mode,
    exercise: sources.exercises.latest(),
    observer: sources.observer,
    grants,
    alarms: alarms({
      policy: active?.policy,
      mode,
      pending,
      rollbackTrouble: journal.rollbackTrouble(),
      now: time.now,
      canTellTime: canTellTime(time),
      enforcement,
      drift: table.drift(),
      blindness: table.blindness(),
      evidenceFailing: evidence.failing,
      evidenceBroken: sources.evidence.state().broken,
      evidencePercent: sources.evidence.state().percent,
      grants,
      accessTroubles: sources.access.troubles(),
      inspectors,
      wanted: config.inspectors,
    }),
    rejections: journal.rejections(),
    lastRejection: journal.lastRejection(),
    rollbacks: journal.rollbacks(),
    lastRollback: journal.lastRollback(),
    tableChanges: table.changes(),
  };
}
