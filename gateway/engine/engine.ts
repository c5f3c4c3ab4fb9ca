import { join } from 'node:path';
import { NormalMode } from '../../rules/admission/mode.ts';
import { canTellTime, type TimeKnowledge } from '../../rules/admission/open-gates.ts';
import { judgeConfirmedBundle } from '../../rules/bundle/judge-bundle.ts';
import type { Act } from '../../rules/record/record.ts';
import type { CallOutcome } from '../access/caller.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Enforcement } from '../enforce/enforcement.ts';
import type { DropSummary } from '../enforce/kernel/drop-summary.ts';
import { openEvidenceLog } from '../evidence/evidence-log.ts';
import { openMarkFile } from '../evidence/mark-file.ts';
import { newestWrite } from '../evidence/newest-write.ts';
import { isClockSynchronised } from '../ffi/clock-sync.ts';
import type { CallName } from '../ipc/calls.ts';
import { createActivation } from '../load/activation.ts';
import { openBundleStore } from '../load/bundle-store.ts';
import type { Logger } from '../log.ts';
import { createLine } from '../one-at-a-time.ts';
import { GatewayRelease } from '../release.ts';
import { retentionOf } from '../retention.ts';
import {
  carryingFile,
  controlSocket,
  countersDirectory,
  frontSocket,
  inspectorSocket,
} from '../run/processes.ts';
import { openAccess } from './access.ts';
import { activationSteps } from './activation-steps.ts';
import { answerQuestion } from './answers.ts';
import { createCanaryWatch } from './canary-watch.ts';
import { createCarryingSign } from './carrying-sign.ts';
import { actOnPolicy } from './control.ts';
import { openCounterFiles } from './counter-files.ts';
import { dropRecords } from './drop-records.ts';
import { createEssentialTraffic } from './essential-traffic.ts';
import { createExerciseBook } from './exercise-book.ts';
import { openExerciseFile } from './exercise-file.ts';
import { createGateLoop } from './gate-loop.ts';
import { createInspectorPool } from './inspector-pool.ts';
import { createJournal } from './journal.ts';
import { gatherKnowledge } from './knowledge.ts';
import { createLedger } from './ledger.ts';
import { beginLife } from './life.ts';
import { rehearseForPerson, switchForPerson } from './mode-control.ts';
import { openModeFile } from './mode-file.ts';
import { createModeKeeper } from './mode-keeper.ts';
import { createObserver } from './observation.ts';
import { type Outcome, openQuestionServer } from './question-server.ts';
import { latestContext } from './records.ts';
import { putSoftwareOnRecord } from './software-record.ts';
import { createTableWatch } from './table-watch.ts';
import { createTakeUp } from './take-up.ts';
import { openTrustBook } from './trust-book.ts';

/** The running engine. */
export interface Engine {
  /** Ends in order. What the kernel holds stays in force, and so do the inspectors. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the authority of the gateway: it takes up the confirmed bundle, hands policy to the inspectors,
 * keeps the evidence and answers questions. Without a bundle it runs all the same, with everything closed,
 * so that one can be handed over.
 * @throws GatewayError PST_ERR_KEY_READ, PST_ERR_EVIDENCE, PST_ERR_SOCKET, PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD
 */
export async function startEngine(
  config: Config,
  makeEnforcement: (onDrops: (summary: DropSummary) => void) => Enforcement,
  log: Logger,
): Promise<Engine> {
  const { wall } = systemClock;
  const startedAt = wall();
  const { trust, look } = openTrustBook({ config, confirmed: openBundleStore(config.state).confirmed, wall });
  const evidenceDirectory = join(config.state, 'evidence');
  const newestEvidence = newestWrite(evidenceDirectory);
  const time = (): TimeKnowledge => ({
    now: wall(),
    synchronised: config.clock === 'by-hand' || isClockSynchronised(),
    newestEvidence,
  });
  const retention = retentionOf(config.evidenceDays, {
    clock: systemClock,
    newest: newestEvidence,
    canTellTime: () => canTellTime(time()),
  });
  const { site, gateway, backEnd } = config;
  const evidence = await openEvidenceLog(evidenceDirectory, {
    maxBytes: config.evidenceBytes,
    segmentBytes: SegmentBytes,
    clock: systemClock,
    owner: { site, gateway },
    witnesses: config.witnesses,
    mark: openMarkFile(join(config.state, 'evidence.mark')),
    retention,
  });
  const journal = createJournal({ evidence, configured: config.bundle, wall, log });
  const inTurn = createLine();

  const latest = () => activation.latest();
  const ledger = createLedger({ record: evidence.append, context: latestContext(latest), wall });
  const pool = createInspectorPool({
    path: inspectorSocket(config),
    inspectors: config.inspectors,
    counterFiles: openCounterFiles(countersDirectory(config)),
    serial: config.serial,
    dataPath: config.backEnd === 'kernel' ? config.dataPath : undefined,
    log,
    clock: systemClock,
    onMet: (epoch, told) => ledger.meet(epoch, told),
    onReport: (epoch, report) => {
      if (report.kind === 'used') observer.used(epoch, report.policy, report.flows, report.permissions);
      else ledger.take(epoch, report);
      if (report.kind === 'refusals') for (const refusal of report.refusals) observer.refused(refusal);
      if (report.kind !== 'connections') return;
      for (const { flowId, reason } of report.closed) traffic.closed({ flowId, reason, count: 1 });
      for (const sum of report.sums) traffic.closed(sum);
    },
    onChannel: (epoch, report) => access.broker.onChannel(epoch, report),
    onLost: ledger.lose,
  });
  const enforcement = makeEnforcement((summary) => {
    for (const record of dropRecords(summary, latest(), wall())) {
      evidence.append(record);
      observer.recorded(record);
      const known = latest();
      if (record.kind === 'drop' && known !== undefined) traffic.dropped(record, known);
    }
  });
  const gates = createGateLoop({
    time,
    granted: (policy) => access.broker.granted(policy),
    turn: async (open, tellsTime) => {
      // First where a gate that shuts ends connections; where one opens the kernel still holds it shut.
      pool.setGates(open, tellsTime);
      await enforcement.setGates(open);
    },
    inTurn,
    log,
  });
  const clock = systemClock;
  const policy = () => activation.active()?.policy;
  const recordDurably = (act: Act) => evidence.appendDurable({ kind: 'act', at: wall(), act });
  const modes = createModeKeeper({
    enforcement,
    pool,
    file: openModeFile(config.state),
    record: journal.act,
    recordDurably,
    policy,
    inTurn,
    wall,
    monotonic: clock.monotonic,
    log,
    onChange: (change) => {
      exercises.note(change);
      access.broker.look();
    },
  });
  const exercises = createExerciseBook({
    file: openExerciseFile(config.state),
    modes,
    policy,
    record: journal.act,
    recordDurably,
    site: config.site,
    gateway: config.gateway,
    wall,
  });
  const steps = activationSteps({ config, trust, enforcement, pool, gates, modes, journal, clock, log });
  const activation = createActivation(steps, inTurn);
  const takeUp = createTakeUp({
    activation,
    configured: config.bundle,
    judge: (envelope) => judgeConfirmedBundle(envelope, trust),
    store: steps.store,
    rejected: journal.rejected,
    log,
  });
  const table = createTableWatch({
    enforcement,
    clock,
    policy,
    onDrift: config.drift,
    putBack: (policy) =>
      inTurn(async () => {
        if (activation.active()?.policy !== policy) return;
        const open = gates.judge(policy);
        await enforcement.apply(policy, open);
        pool.setGates(open, gates.tellsTime());
        gates.follow(policy, open);
      }),
    record: journal.act,
    log,
  });

  const observer = createObserver({
    config,
    clock: systemClock,
    active: activation.active,
    packets: () => table.counts().flows,
    log,
  });

  const traffic = createEssentialTraffic({ inspected: ledger.totals, forwarded: () => table.counts().flows });
  const isNormal = () => modes.report().kept.mode === NormalMode;
  const canary = createCanaryWatch({ activation, traffic, isNormal });
  const sign = createCarryingSign(
    carryingFile(config),
    () => ({ policy: policy(), drift: table.drift(), inspectors: pool.states() }),
    log,
  );

  const access = await openAccess({
    ...{ config, clock, log, evidence, evidenceDirectory, journal, pool, gates, modes, activation, time },
    retention,
    flowBytes: (flow) => table.counts().flows.find(({ flowId }) => flowId === flow)?.bytes ?? 0,
    letIn: observer.letIn,
  });
  journal.act({ kind: 'started', release: GatewayRelease, site, gateway, backEnd });
  await enforcement.holdShut();
  await modes.begin();
  await takeUp.begin();
  // Inspectors that outlived the former engine find the policy in force, and their records the names in it.
  await pool.open();
  table.start();
  observer.start();
  canary.start();
  sign.start();
  await access.begin();
  const life = await beginLife({ config, evidence, record: recordDurably, look, access, activation, log });
  const sources = {
    config,
    startedAt,
    activation,
    pool,
    enforcement,
    table,
    gates,
    modes,
    exercises,
    evidence,
    ledger,
    journal,
    observer,
    access,
  };
  const servers = await openQuestionServer({
    frontPath: frontSocket(config),
    controlPath: controlSocket(config),
    answer: (what) => answerQuestion(what, gatherKnowledge({ ...sources, time })),
    call: async ({ call, session, source, attended }) => {
      const { address, port } = source;
      return told(await access.answer(call, { at: 'front', session, source: address, port, attended }));
    },
    onFront: access.frontCame,
    onFrontLost: access.frontLost,
    act: async (asked, by) => {
      if (asked.kind === 'call') return told(await access.answer(asked.call, { at: 'console', by }));
      if (asked.kind === 'life') return life.act(asked.act, by);
      if (asked.kind === 'mode') return switchForPerson(modes, asked, by, policy);
      if (asked.kind === 'software') return putSoftwareOnRecord(recordDurably, asked, by);
      if (asked.kind === 'exercise') return rehearseForPerson(exercises, asked, by);
      return actOnPolicy(activation, asked, by);
    },
  });

  return {
    close: async () => {
      sign.stop();
      await access.close();
      takeUp.stop();
      canary.stop();
      gates.stop();
      modes.stop();
      await Promise.all(servers.map((server) => server.close()));
      // Nobody is left to confirm it, and nothing would take it back while the gateway is down.
      await activation.giveUp('The gateway was stopped before anybody confirmed it.');
      // What waits for an inspector ends with the pool, and so does every act that is still in the line.
      await pool.close();
      await table.stop();
      observer.stop();
      await inTurn(async () => undefined);
      gates.stop();
      journal.act({ kind: 'stopped', why: 'asked to' });
      await evidence.close();
      enforcement.close();
    },
  };
}

/** 16 MiB a segment: a day of a busy plant, and little to scan after a power cut. */
const SegmentBytes = 16 * 1024 * 1024;

function told(outcome: CallOutcome<CallName>): Outcome {
  return outcome.ok ? outcome : { ok: false, problem: outcome.refusal };
}
