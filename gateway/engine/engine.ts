import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type BundleTrust, judgeBundle, judgeConfirmedBundle } from '../../rules/bundle/judge-bundle.ts';
import type { Act } from '../../rules/record/record.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Enforcement, EnforcementCounts } from '../enforce/enforcement.ts';
import type { DropSummary } from '../enforce/kernel/drop-summary.ts';
import { GatewayError } from '../errors.ts';
import { openEvidenceLog } from '../evidence/evidence-log.ts';
import { newestWrite } from '../evidence/newest-write.ts';
import { isClockSynchronised } from '../ffi/clock-sync.ts';
import type { Question } from '../ipc/messages.ts';
import { createActivation, Resumed } from '../load/activation.ts';
import { openBundleStore } from '../load/bundle-store.ts';
import { readIfPresent } from '../load/durable-file.ts';
import { readTrustedKeys, signedBy, type TrustedKey } from '../load/trusted-keys.ts';
import type { Logger } from '../log.ts';
import { GatewayRelease } from '../release.ts';
import { controlSocket, frontSocket, inspectorSocket } from '../run/processes.ts';
import { alarms } from './alarms.ts';
import { answerQuestion, type Knowledge } from './answers.ts';
import { dropRecords } from './drop-records.ts';
import { canTellTime, type TimeKnowledge } from './gate-keeper.ts';
import { createGateLoop } from './gate-loop.ts';
import { openInspectorPool } from './inspector-pool.ts';
import { createLedger } from './ledger.ts';
import { proxyListeners } from './proxy-listeners.ts';
import { type Outcome, openQuestionServer } from './question-server.ts';
import { recordContext } from './records.ts';

/** The running engine. */
export interface Engine {
  /** Ends in order. What the kernel holds stays in force. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the authority of the gateway: it takes up the confirmed bundle, hands policy to the inspectors,
 * keeps the evidence and answers questions. Without a bundle it runs all the same, with everything closed,
 * so that one can be handed over.
 * @throws GatewayError
 */
export async function startEngine(
  config: Config,
  makeEnforcement: (onDrops: (summary: DropSummary) => void) => Enforcement,
  log: Logger,
): Promise<Engine> {
  const { wall } = systemClock;
  const startedAt = wall();
  const keys = readTrustedKeys(config.trustedKeys);
  const evidenceDirectory = join(config.state, 'evidence');
  const newestEvidence = newestWrite(evidenceDirectory);
  const evidence = await openEvidenceLog(evidenceDirectory, {
    maxBytes: config.evidenceBytes,
    segmentBytes: SegmentBytes,
    clock: systemClock,
  });
  const record = (act: Act): void => evidence.append({ kind: 'act', at: wall(), act });
  const rejections = new Map<string, number>();
  let lastRejection: Knowledge['lastRejection'];
  let counts: EnforcementCounts = { flows: [], drops: [] };
  let drift: readonly string[] = [];
  let inspectorDeaths = 0;

  const ledger = createLedger({
    record: evidence.append,
    context: () => context,
    wall,
  });
  let context: ReturnType<typeof recordContext> | undefined;

  const pool = await openInspectorPool({
    path: inspectorSocket(config),
    inspectors: config.inspectors,
    log,
    wall,
    onReport: ledger.take,
    onLost: (epoch, pid) => {
      inspectorDeaths += 1;
      ledger.lose(epoch, pid);
    },
  });

  const trust: BundleTrust<TrustedKey> = {
    keys,
    verify: signedBy,
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    site: config.site,
    gateway: config.gateway,
    gatewayVersion: GatewayRelease,
  };
  const activation = createActivation({
    store: openBundleStore(config.state),
    wall,
    judge: (envelope, running) =>
      judgeBundle(
        envelope,
        trust,
        running === undefined ? undefined : { version: running.policy.version, digest: running.digest },
        wall(),
      ),
    judgeConfirmed: (envelope) => judgeConfirmedBundle(envelope, trust),
    check: async (policy) => {
      if (config.backEnd === 'proxy') proxyListeners(config.listeners, policy);
      await enforcement.check(policy);
    },
    prepare: pool.prepare,
    enforce: (policy) => enforcement.apply(policy, gates.judge(policy)),
    activate: (digest, policy) => {
      context = recordContext(policy);
      if (config.backEnd === 'proxy') pool.setListeners(proxyListeners(config.listeners, policy));
      pool.activate(digest);
      pool.setGates(gates.open());
      gates.follow(policy);
      log.info({ version: policy.version, digest }, 'policy in force');
    },
    abandon: pool.abandon,
    recordAccepted: async (policy, digest, by) => {
      const act: Act = {
        kind: 'bundleAccepted',
        policyVersion: policy.version,
        digest: Buffer.from(digest, 'hex'),
        by,
      };
      // A new policy is an administrative act: durable before effect. Taking up the confirmed one again is
      // not: a full disk must not keep the plant's own policy from coming back.
      if (by === Resumed) record(act);
      else await evidence.appendDurable({ kind: 'act', at: wall(), act });
    },
    recordRejected: (rejection, by) => {
      rejections.set(rejection.code, (rejections.get(rejection.code) ?? 0) + 1);
      lastRejection = { ...rejection, at: wall() };
      record({
        kind: 'bundleRefused',
        code: rejection.code,
        message: rejection.message,
        digest: new Uint8Array(),
        by,
      });
      log.error({ ...rejection, by }, 'bundle refused, the running policy stays');
    },
  });

  const enforcement = makeEnforcement((summary) => {
    if (summary.lost > 0)
      record({
        kind: 'gap',
        what: 'kernel drop log',
        from: wall() - 1_000,
        to: wall(),
        records: summary.lost,
      });
    for (const drop of dropRecords(summary, activation.active()?.policy, wall())) evidence.append(drop);
  });
  const gates = createGateLoop({
    time: timeKnowledge,
    turn: async (open) => {
      await enforcement.setGates(open);
      pool.setGates(open);
    },
    log,
  });

  function timeKnowledge(): TimeKnowledge {
    return { now: wall(), synchronised: isClockSynchronised(), newestEvidence };
  }

  function knowledge(): Knowledge {
    const inspectors = pool.states();
    const active = activation.active();
    const now = wall();
    const carrying = inspectors.filter(({ shards }) => shards.length > 0).length;
    return {
      config,
      active,
      now,
      startedAt,
      inspectors,
      inspectorDeaths,
      enforcement: enforcement.state(),
      counts,
      openGates: new Set(gates.open().map(({ flow }) => flow)),
      evidence: evidence.stats(),
      ledger,
      alarms: alarms({
        policy: active?.policy,
        now,
        canTellTime: canTellTime(timeKnowledge()),
        enforcement: enforcement.state(),
        drift,
        evidenceFailing: evidence.stats().failing,
        carrying,
        inspectors: config.inspectors,
        spares: inspectors.length - carrying,
      }),
      rejections,
      lastRejection,
    };
  }

  async function apply(envelope: Uint8Array): Promise<Outcome> {
    const result = await activation.apply(envelope, 'control socket');
    if (result.ok)
      return { ok: true, body: { version: result.active.policy.version, digest: result.active.digest } };
    const { code, message, remedy } = result.rejection;
    return { ok: false, problem: { code, sentence: message, remedy } };
  }

  /** Somebody who flushes the ruleset opens the box: the table is looked at and put back. 62443-3-3 SR 3.3 RE2. */
  async function watch(): Promise<void> {
    const policy = activation.active()?.policy;
    if (policy === undefined) return;
    try {
      counts = await enforcement.counts();
      drift = await enforcement.verify();
      if (drift.length === 0) return;
      log.error({ drift }, 'the kernel table was changed; putting it back');
      await enforcement.apply(policy, gates.judge(policy));
    } catch (cause) {
      log.warn({ problem: textOf(cause) }, 'cannot look at the kernel table');
    }
  }

  record({
    kind: 'started',
    release: GatewayRelease,
    site: config.site,
    gateway: config.gateway,
    backEnd: config.backEnd,
  });
  await activation.resume();
  if (config.bundle !== undefined) await takeConfigured(config.bundle);
  if (activation.active() === undefined) log.error(new GatewayError('PST_ERR_NO_BUNDLE').message);

  /** The configured bundle may be the one already in force, an older one after an apply, or a newer one. */
  async function takeConfigured(file: string): Promise<void> {
    const envelope = readIfPresent(file);
    const running = activation.active();
    if (envelope === undefined) return;
    const judged = judgeConfirmedBundle(envelope, trust);
    if (judged.ok && running !== undefined && judged.policy.version <= running.policy.version) return;
    await activation.apply(envelope, file);
  }

  const servers = await openQuestionServer({
    frontPath: frontSocket(config),
    controlPath: controlSocket(config),
    answer: (what: Question) => answerQuestion(what, knowledge()),
    apply,
  });
  let watching: Promise<void> = Promise.resolve();
  const watchTimer = setInterval(() => {
    watching = watching.then(watch);
  }, WatchInterval);

  return {
    close: async () => {
      gates.stop();
      clearInterval(watchTimer);
      await Promise.all(servers.map((server) => server.close()));
      await pool.close();
      await watching;
      record({ kind: 'stopped', why: 'asked to' });
      await evidence.close();
      enforcement.close();
    },
  };
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** 16 MiB a segment: a day of a busy plant, and little to scan after a power cut. */
const SegmentBytes = 16 * 1024 * 1024;

/** Milliseconds between two looks at the kernel table and its counters. */
const WatchInterval = 2_000;
