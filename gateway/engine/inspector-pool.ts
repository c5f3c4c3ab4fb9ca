import type { Socket } from 'node:net';
import { type Channel, openChannel } from '../ipc/channel.ts';
import { type LocalListener, listenLocally } from '../ipc/listen.ts';
import {
  checkInspectorToEngine,
  type EngineToInspector,
  type InspectorToEngine,
  type ProxyListener,
} from '../ipc/messages.ts';
import type { Logger } from '../log.ts';
import { assignShards } from './roster.ts';

/** A message about traffic, passed on to whoever keeps records and counts. */
export type InspectorReport = Extract<
  InspectorToEngine,
  { readonly kind: 'opened' | 'closed' | 'progress' | 'refusal' | 'counters' }
>;

/** An inspecting process as the status shows it. */
export interface InspectorState {
  readonly pid: number;
  readonly shards: readonly number[];
  /** Wall clock at which it said hello. */
  readonly since: number;
}

/** The connected inspecting processes: they get policy, gates and shards from here. */
export interface InspectorPool {
  /**
   * Hands a policy to every process and waits until each has understood it.
   * @returns what one of them could not do with it, or '' when all can
   */
  readonly prepare: (digest: string, payload: Uint8Array) => Promise<string>;
  /** Makes the prepared policy the one in force, also for processes that connect later. */
  readonly activate: (digest: string) => void;
  readonly abandon: (digest: string) => void;
  readonly setGates: (open: readonly { readonly flow: string; readonly until: number }[]) => void;
  /** Proxy back end: the listeners, which change with the policy. */
  readonly setListeners: (listeners: readonly ProxyListener[]) => void;
  readonly states: () => readonly InspectorState[];
  readonly close: () => Promise<void>;
}

export interface InspectorPoolOptions {
  readonly path: string;
  readonly inspectors: number;
  readonly log: Logger;
  readonly wall: () => number;
  /** `epoch` names the process the report comes from. */
  readonly onReport: (epoch: string, report: InspectorReport) => void;
  /** The process is gone and its connections with it. */
  readonly onLost: (epoch: string, pid: number) => void;
}

interface Member {
  readonly id: number;
  readonly channel: Channel<EngineToInspector>;
  epoch: string;
  pid: number;
  since: number;
  shards: number[];
  policy: string;
  prepared: string;
  problem: string;
}

/** Listens for inspecting processes. @throws GatewayError PST_ERR_SOCKET */
export async function openInspectorPool(options: InspectorPoolOptions): Promise<InspectorPool> {
  const { path, inspectors, log, wall, onReport, onLost } = options;
  const members = new Map<number, Member>();
  const waiting = new Set<() => void>();
  const payloads = new Map<string, string>();
  let active = '';
  let gates: Extract<EngineToInspector, { kind: 'gates' }> = { kind: 'gates', open: [] };
  let listeners: Extract<EngineToInspector, { kind: 'listeners' }> | undefined;
  let nextId = 1;
  let closing = false;

  const listener: LocalListener = await listenLocally({
    path,
    directoryMode: 0o750,
    mode: 0o660,
    onConnection: welcome,
  });

  function welcome(socket: Socket): void {
    const id = nextId++;
    const channel = openChannel<InspectorToEngine, EngineToInspector>(socket, {
      check: checkInspectorToEngine,
      onMessage: (message) => receive(member, message),
      onClose: (problem) => leave(member, problem),
    });
    const member: Member = {
      id,
      channel,
      epoch: '',
      pid: 0,
      since: 0,
      shards: [],
      policy: '',
      prepared: '',
      problem: '',
    };
  }

  function receive(member: Member, message: InspectorToEngine): void {
    if (message.kind === 'hello') return greet(member, message);
    if (member.epoch === '') return member.channel.close();
    switch (message.kind) {
      case 'prepared':
        member.prepared = message.policy;
        return wake();
      case 'unprepared':
        member.problem = message.problem;
        return wake();
      case 'activated':
        member.policy = message.policy;
        return deal();
      case 'listening':
      case 'leaving':
        return;
      case 'not-listening':
        log.warn(
          { inspector: member.pid, shards: message.shards, problem: message.problem },
          'cannot listen',
        );
        member.shards = member.shards.filter((shard) => !message.shards.includes(shard));
        setTimeout(deal, RedealDelay).unref();
        return;
      default:
        onReport(member.epoch, message);
    }
  }

  function greet(member: Member, hello: Extract<InspectorToEngine, { kind: 'hello' }>): void {
    Object.assign(member, { epoch: hello.epoch, pid: hello.pid, since: wall() });
    member.shards = [...hello.shards];
    member.policy = hello.policy;
    // A process that already listens on a shard keeps it: nobody else could bind its port anyway.
    for (const other of members.values()) {
      other.shards = other.shards.filter((shard) => !member.shards.includes(shard));
    }
    members.set(member.id, member);
    if (listeners !== undefined) member.channel.send(listeners);
    member.channel.send(gates);
    // Also a policy that is only prepared yet: it may come into force before the next message.
    for (const [digest, policy] of payloads) {
      if (digest !== member.policy) member.channel.send({ kind: 'prepare', digest, policy });
    }
    if (active !== '' && member.policy !== active) member.channel.send({ kind: 'activate', digest: active });
    deal();
  }

  function leave(member: Member, problem: string): void {
    if (!members.delete(member.id) || closing) return;
    log.warn({ inspector: member.pid, problem }, 'inspector gone');
    onLost(member.epoch, member.pid);
    wake();
    deal();
  }

  /** Only a process that enforces the policy in force may carry traffic. */
  function deal(): void {
    const ready = [...members.values()].filter((member) => active !== '' && member.policy === active);
    for (const { id, shards } of assignShards(inspectors, ready)) {
      const member = members.get(id);
      if (member === undefined) continue;
      member.shards = [...member.shards, ...shards];
      member.channel.send({ kind: 'take', shards: [...shards] });
    }
  }

  function wake(): void {
    for (const resume of [...waiting]) resume();
  }

  function broadcast(message: EngineToInspector): void {
    for (const member of members.values()) member.channel.send(message);
  }

  async function prepare(digest: string, payload: Uint8Array): Promise<string> {
    const policy = Buffer.from(payload).toString('base64');
    payloads.set(digest, policy);
    for (const member of members.values()) Object.assign(member, { prepared: '', problem: '' });
    broadcast({ kind: 'prepare', digest, policy });
    const late = AbortSignal.timeout(PrepareTimeout);
    for (;;) {
      const all = [...members.values()];
      const problem = all.find((member) => member.problem !== '')?.problem;
      if (problem !== undefined) return problem;
      if (all.every((member) => member.prepared === digest || member.policy === digest)) return '';
      if (late.aborted) return 'an inspecting process did not answer in time';
      await new Promise<void>((resolve) => {
        const resume = (): void => {
          waiting.delete(resume);
          late.removeEventListener('abort', resume);
          resolve();
        };
        waiting.add(resume);
        late.addEventListener('abort', resume);
      });
    }
  }

  return {
    prepare,
    activate: (digest) => {
      active = digest;
      for (const old of payloads.keys()) if (old !== digest) payloads.delete(old);
      broadcast({ kind: 'activate', digest });
    },
    abandon: (digest) => {
      if (digest === active) return;
      payloads.delete(digest);
      broadcast({ kind: 'abandon', digest });
    },
    setGates: (open) => {
      gates = { kind: 'gates', open: [...open] };
      broadcast(gates);
    },
    setListeners: (all) => {
      listeners = { kind: 'listeners', listeners: [...all] };
      broadcast(listeners);
    },
    states: () =>
      [...members.values()].map(({ pid, shards, since }) => ({ pid, shards: [...shards].sort(), since })),
    close: () => {
      closing = true;
      return listener.close();
    },
  };
}

/** Milliseconds a process has to read a new policy. */
const PrepareTimeout = 10_000;

/** The port of a process that has just died may take a moment to become free. Milliseconds. */
const RedealDelay = 200;
