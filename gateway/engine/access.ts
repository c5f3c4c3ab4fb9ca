import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { openBoard } from '../../hardware/detect.ts';
import type { TimeKnowledge } from '../../rules/admission/open-gates.ts';
import type { Act } from '../../rules/record/record.ts';
import type { CallContext, CallOutcome } from '../access/caller.ts';
import { createDesk } from '../access/desk.ts';
import { openAccountBook } from '../accounts/open-account-book.ts';
import type { Authority } from '../authority/authority.ts';
import { openAuthority } from '../authority/open-authority.ts';
import { createBroker, type RunningBroker } from '../broker/create-broker.ts';
import { openGrantStore } from '../broker/grant-store.ts';
import { DefaultLimits } from '../broker/parts.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { isLoopback } from '../front/loopback.ts';
import type { Call, CallName } from '../ipc/calls.ts';
import type { Channel } from '../ipc/channel.ts';
import type { EngineToFront } from '../ipc/messages.ts';
import type { Activation } from '../load/activation.ts';
import type { Logger } from '../log.ts';
import type { Retention } from '../retention.ts';
import { evidencePort } from './evidence-port.ts';
import type { GateLoop } from './gate-loop.ts';
import type { InspectorPool } from './inspector-pool.ts';
import type { Journal } from './journal.ts';
import { createKeySwitchWatch } from './key-switch.ts';
import { describeSwitch } from './mode-answer.ts';
import type { ModeKeeper } from './mode-keeper.ts';
import { stateOf } from './mode-switch.ts';
import type { Observer } from './observation.ts';
import { openSessionRecorder } from './session-recorder.ts';
import { targetShard } from './target-shard.ts';

/** People and what they are granted, as the engine holds them. */
export interface Access {
  readonly broker: RunningBroker;
  readonly answer: (call: Call, context: CallContext) => Promise<CallOutcome<CallName>>;
  /** What of accounts, authority and recordings cannot be used, as sentences. */
  readonly troubles: () => readonly string[];
  readonly frontCame: (front: Channel<EngineToFront>) => void;
  readonly frontLost: (front: Channel<EngineToFront>) => void;
  /** Closes on record what an earlier engine had open; from now on grants can open. */
  readonly begin: () => Promise<void>;
  /** The keys that stand for the box to operators and vendors. */
  readonly authority: Pick<Authority, 'rotate'>;
  /** What grants are judged by, for a log that begins anew. */
  readonly restate: () => Promise<readonly Act[]>;
  /** Every front is told of the page's certificate again. */
  readonly renewIdentity: () => void;
  /** What is recorded from now on is sealed under another key. */
  readonly useRecordingKey: (key: Uint8Array) => void;
  readonly close: () => Promise<void>;
}

export interface AccessSources {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly evidence: EvidenceLog;
  readonly evidenceDirectory: string;
  readonly journal: Journal;
  readonly pool: InspectorPool;
  readonly gates: GateLoop;
  readonly modes: ModeKeeper;
  readonly activation: Activation;
  readonly time: () => TimeKnowledge;
  /** How long recordings are kept. */
  readonly retention: Retention | undefined;
  /** Bytes a flow has carried so far, by the kernel's count. */
  readonly flowBytes: (flow: string) => number;
  /** Counts sessions of vendors: it is told of all that are open, whenever that changes. */
  readonly letIn: Observer['letIn'];
}

/**
 * Opens accounts, authority, recorder and grants. Nothing is granted before `begin`.
 * @throws GatewayError PST_ERR_STATE_DIR
 */
export async function openAccess(sources: AccessSources): Promise<Access> {
  const { config, clock, log, evidence, evidenceDirectory, journal, pool, gates, modes, activation } =
    sources;
  const { site, gateway, name, banner, page, vendor } = config;
  const policy = () => activation.active()?.policy;
  const addresses = [page, vendor.tls, vendor.ssh].flatMap((one) => (one === undefined ? [] : [one.address]));
  const authority = await openAuthority(
    join(config.state, 'authority'),
    { site, gateway, name, addresses: addresses.filter((one) => !isAny(one)) },
    clock,
  );
  const people = openAccountBook({
    directory: join(config.state, 'access', 'accounts'),
    ...{ site, gateway, name, banner, clock, evidence },
    page: { loopback: isLoopback(page.address), port: page.port },
    isWaived: (account) =>
      policy()?.vendors.some((one) => one.people.some(({ id, mfa }) => id === account && !mfa)) === true,
  });
  const recorder = await openSessionRecorder({
    ...{ config, evidence, evidenceDirectory, clock, log },
    retention: sources.retention,
    limits: { grantBytes: DefaultLimits.grantBytes, totalBytes: config.recordingsBytes },
    isOpen: (grant) => broker.isOpen(grant),
    onRecorded: pool.channels.recorded,
    onFailure: (grant, cause, problem) => broker.fail(grant, cause, problem),
  });
  const keySwitch = createKeySwitchWatch({
    ...{ config, log, record: journal.act },
    gpio: openBoard().gpio,
    onTurn: () => broker.look(),
    isLetIn: () => broker.summary().open.length > 0,
  });
  const broker = createBroker({
    ...{ site, gateway, authority, people, recorder, clock, log },
    limits: { ...DefaultLimits, ...config.vendorTimes },
    name: name || hostOf(addresses),
    entry: vendor,
    store: openGrantStore(config.state),
    evidence: evidencePort(evidence, evidenceDirectory, { site, gateway }),
    channels: {
      ...pool.channels,
      expect: (terms) => {
        const shard = targetShard(config, policy(), terms.target);
        return shard === undefined ? undefined : pool.channels.expect(shard, terms);
      },
    },
    policy: activation.active,
    mode: () => stateOf(modes.report().kept),
    keySwitch: keySwitch.state,
    time: sources.time,
    flowBytes: sources.flowBytes,
    turnGates: () => {
      sources.letIn(broker.summary().open);
      return gates.turnNow();
    },
    switchMode: async (wish, by) =>
      describeSwitch(await modes.switchTo({ ...wish, by }), modes.report(), policy()),
    keepSigning: evidence.keepSigning,
  });
  people.onRevoked(broker.revoked);
  evidence.onHealth(broker.look);
  const desk = createDesk({ ...people.handlers, ...broker.handlers }, (cause, call) => {
    const problem = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    log.error({ call, problem }, 'defect in a call');
  });
  const links = new Map<Channel<EngineToFront>, { readonly send: (message: EngineToFront) => void }>();

  async function tellIdentity(front: Channel<EngineToFront>): Promise<void> {
    if (page.tls !== undefined) return;
    try {
      const { certificate, key } = await authority.pageIdentity();
      front.send({ kind: 'page-identity', certificate, key });
    } catch (cause) {
      log.error({ problem: String(cause) }, 'the page has no certificate');
    }
  }

  // A box runs for years: a front that never restarts is told of the certificate that follows the one it shows.
  const renewing = setInterval(renewIdentity, Day).unref();

  function renewIdentity(): void {
    for (const front of links.keys()) void tellIdentity(front);
  }

  return {
    broker,
    authority,
    restate: people.restate,
    renewIdentity,
    useRecordingKey: recorder.useKey,
    answer: desk.answer,
    troubles: () => [...people.troubles(), ...authority.troubles(), ...[recorder.trouble()].filter(Boolean)],
    frontCame: (front) => {
      const link = { send: (message: EngineToFront): void => void front.send(message) };
      links.set(front, link);
      broker.frontCame(link);
      void tellIdentity(front);
    },
    frontLost: (front) => {
      const link = links.get(front);
      links.delete(front);
      if (link !== undefined) broker.frontLost(link);
    },
    begin: async () => {
      keySwitch.start();
      await broker.begin();
    },
    close: async () => {
      await broker.close();
      clearInterval(renewing);
      keySwitch.stop();
      await recorder.close();
      await people.close();
    },
  };
}

/** What vendors are told to connect to where the box has no name. */
function hostOf(addresses: readonly string[]): string {
  return addresses.find((one) => !isAny(one)) ?? 'localhost';
}

function isAny(address: string): boolean {
  return isIPv6(address) ? /^[0:]+$/.test(address) : address === '0.0.0.0';
}

/** Milliseconds. */
const Day = 86_400_000;
