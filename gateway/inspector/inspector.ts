import { createGates } from '../../rules/admission/gates.ts';
import type { Clock } from '../clock.ts';
import { connectLocally } from '../ipc/connect.ts';
import { MaxEngineFrame } from '../ipc/frame.ts';
import { checkEngineToInspector } from '../ipc/inspector-check.ts';
import type { EngineToInspector, InspectorToEngine } from '../ipc/messages.ts';
import type { Logger } from '../log.ts';
import { createCarriages } from './carriage.ts';
import { createConnections } from './connections.ts';
import { createCounters, type TakeSlot } from './counters.ts';
import { createGateWatch } from './gate-watch.ts';
import { createListening } from './listening.ts';
import type { LoadedPath } from './load-data-path.ts';
import { createOutbox } from './outbox.ts';
import type { ConnectionLimits } from './places.ts';
import { createPolicySlot } from './policy-slot.ts';
import { createRefusalWindow } from './refusal-window.ts';
import { createLines } from './serial/lines.ts';
import { createMissingPorts } from './serial/missing-ports.ts';
import { openRtuPort } from './serial/rtu-port.ts';
import { startTelling } from './telling.ts';
import { createVendorChannels } from './vendor/channels.ts';

export interface InspectorOptions {
  /** The engine's local socket. */
  readonly engine: string;
  /** Directory of the data sockets where the front brings vendors in; without one no vendor comes in. */
  readonly carriers?: string;
  /** Keeps counts where the engine can read them; without it they are sent. */
  readonly counterFile?: TakeSlot;
  /** Random, 16 hexadecimal digits, new for each process: its counters and connection ids carry it. */
  readonly epoch: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  /** Kills another inspecting process, which the kernel lets this one do because they have one account. */
  readonly kill?: (pid: number) => void;
  readonly log: Logger;
}

/** The inspecting process: carries and inspects connections as the engine tells it, also while that is away. */
export interface Inspector {
  /** Takes no new clients, ends every connection in order, hands over the last counts. */
  readonly close: () => Promise<void>;
}

/**
 * Starts without policy and shards, which permits nothing, and asks the engine for both. When the engine
 * is gone everything goes on under the last policy, and gates still shut at their time.
 */
export function startInspector(options: InspectorOptions): Inspector {
  const { engine, carriers, counterFile, epoch, pid, clock, limits, kill, log } = options;
  /** True at first, so that an engine that is not there is told once as well. */
  let engineHere = true;
  const policy = createPolicySlot();
  const gates = createGates();
  const counters = createCounters(counterFile);
  const refusals = createRefusalWindow();
  const outbox = createOutbox((record) => link.send(record));
  const missingPorts = createMissingPorts(log, (message) => link.send(message));
  /** What was told of how transparent connections are carried. */
  let carriedBy: Extract<InspectorToEngine, { kind: 'carries-by' }> | undefined;
  const lines = createLines({
    open: openRtuPort,
    now: clock.monotonic,
    onPort: missingPorts.note,
  });
  const carriages = createCarriages({ clock, gates, lines });
  const connections = createConnections({
    epoch,
    clock,
    table: policy.table,
    mode: policy.mode,
    gates,
    counters,
    refusals,
    limits,
    carriages,
    onOpened: outbox.opened,
    onClosed: outbox.closed,
  });
  const vendors = createVendorChannels({
    directory: carriers,
    epoch,
    clock,
    table: policy.table,
    mode: policy.mode,
    gates,
    counters,
    limits,
    carriages,
    isProxy: () => listening.isProxy(),
    send: (report) => link.send({ kind: 'channel', report }),
    log,
  });
  const listening = createListening({
    arrive: connections.arrive,
    table: policy.table,
    onProblem: (problem) => notListening([], problem),
    onLoaded: tellPath,
  });
  const link = connectLocally<EngineToInspector, InspectorToEngine>({
    path: engine,
    check: checkEngineToInspector,
    maxFrame: MaxEngineFrame,
    onOpen: (channel) => {
      engineHere = true;
      log.info('engine reached');
      channel.send({
        kind: 'hello',
        pid,
        epoch,
        shards: [...listening.shards()],
        policy: policy.digest(),
        countsInFile: telling.countsInFile(),
        told: outbox.told(),
      });
      for (const message of [missingPorts.standing(), carriedBy]) {
        if (message !== undefined) channel.send(message);
      }
      outbox.begin(connections.open());
    },
    onMessage: receive,
    onLost: (problem) => {
      if (engineHere) log.warn({ problem }, 'engine not in reach; what is in force stays');
      engineHere = false;
      vendors.engineLost();
    },
  });
  const telling = startTelling({
    epoch,
    clock,
    policy: policy.digest,
    connections,
    vendors,
    counters,
    refusals,
    outbox,
    countsInFile: counterFile !== undefined,
    send: (message) => link.send(message),
  });
  const gateWatch = createGateWatch({
    clock,
    gates,
    endShut: () => {
      connections.endShut();
      vendors.endShut();
    },
    untilNextEnd: vendors.untilNextEnd,
  });
  let lastProblem = '';

  function receive(message: EngineToInspector): void {
    switch (message.kind) {
      case 'prepare': {
        const problem = policy.prepare(message.digest, Buffer.from(message.policy, 'base64'));
        if (problem !== '') log.error({ digest: message.digest, problem }, 'policy not understood');
        link.send(
          problem === ''
            ? { kind: 'prepared', policy: message.digest }
            : { kind: 'unprepared', policy: message.digest, problem: problem.slice(0, MaxProblem) },
        );
        return;
      }
      case 'activate':
        return activate(message.digest);
      case 'abandon':
        return policy.abandon(message.digest);
      case 'withdraw':
        policy.withdraw();
        reconsider('policy-changed');
        lines.keep([]);
        log.warn('no policy is in force');
        return;
      case 'listeners':
        void listening
          .setListeners(message.listeners)
          .catch((error) => notListening(listening.shards(), textOf(error)));
        return;
      case 'carry-by':
        void listening.carryBy(message.path).catch((error) => notListening([], textOf(error)));
        return;
      case 'serial':
        return lines.setPorts(new Map(message.ports.map(({ port, tty }) => [port, tty])));
      case 'take':
        void take(message.shards);
        return;
      case 'gates':
        gates.set(message.open, message.tellsTime);
        vendors.gatesTold();
        reconsider('policy-changed');
        return gateWatch.look();
      case 'mode':
        return switchMode(message);
      case 'send-counters':
        return telling.sendCounters();
      case 'expect-channel':
        void vendors.expect(message.terms);
        return;
      case 'end-channels':
        return vendors.end(message.channels, message.reason);
      case 'recorded':
        return vendors.recorded(message.channel, message.upTo);
      case 'end-process':
        return endFrozen(message.pid);
    }
  }

  function endFrozen(other: number): void {
    if (kill === undefined || other === pid) return;
    try {
      kill(other);
      log.error({ inspector: other }, 'killed an inspector that was frozen');
    } catch (error) {
      log.error({ inspector: other, problem: textOf(error) }, 'cannot kill an inspector that is frozen');
    }
  }

  function reconsider(changed: 'policy-changed' | 'mode-cut'): void {
    connections.reconsider(changed);
    vendors.reconsider(changed);
  }

  /** At once, on every connection: no request is judged by the former mode after this. */
  function switchMode({ generation, mode, reopened }: Extract<EngineToInspector, { kind: 'mode' }>): void {
    const problem = policy.setMode({ mode, reopened });
    reconsider('mode-cut');
    link.send({ kind: 'mode-set', generation, problem });
    if (problem === '') log.info({ mode, reopened: reopened.length }, 'mode in force');
    else log.error({ mode, problem }, 'mode not known; nothing passes');
  }

  function tellPath({ name, problem }: LoadedPath): void {
    if (problem !== '') log.warn({ problem }, 'the event loop cannot be had; connections cost more');
    carriedBy = { kind: 'carries-by', path: name, problem: problem.slice(0, MaxProblem) };
    link.send(carriedBy);
  }

  function activate(digest: string): void {
    // First: what was used until now was used under the policy before.
    telling.use();
    if (!policy.activate(digest)) {
      link.send({ kind: 'unprepared', policy: digest, problem: 'it was not prepared' });
      return;
    }
    reconsider('policy-changed');
    lines.keep(policy.table()?.lines ?? []);
    gateWatch.look();
    link.send({ kind: 'activated', policy: digest });
    log.info({ digest }, 'policy in force');
  }

  async function take(shards: readonly number[]): Promise<void> {
    try {
      const bound = await listening.take(shards);
      link.send({ kind: 'listening', shards: [...shards], bound: [...bound] });
      log.info({ shards }, 'listening');
      lastProblem = '';
    } catch (error) {
      notListening(shards, textOf(error));
    }
  }

  /** Shards named here the engine deals again, to this process or to another. */
  function notListening(shards: readonly number[], problem: string): void {
    // It is tried again each second; the log hears of it once.
    if (problem !== lastProblem) log.error({ shards, problem }, 'cannot listen');
    lastProblem = problem;
    link.send({ kind: 'not-listening', shards: [...shards], problem: problem.slice(0, MaxProblem) });
  }

  return {
    close: async () => {
      gateWatch.stop();
      await listening.close();
      await vendors.close('shutdown');
      await connections.close('shutdown');
      lines.close();
      telling.end();
      link.send({ kind: 'leaving' });
      await link.close();
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const MaxProblem = 1_000;
