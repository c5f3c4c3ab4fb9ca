import type { ModeState } from '../../rules/admission/mode.ts';
import type { Config, SerialPortName } from '../config.ts';
import type { EngineToInspector } from '../ipc/messages.ts';
import type { ProxyListener } from '../ipc/reports.ts';
import { createInspectorCrew, type InspectorCrew, type InspectorCrewOptions } from './inspector-crew.ts';
import { type InspectorState, PrepareTimeout, stateOf } from './inspector-member.ts';
import { createPolicyOffers } from './policy-offer.ts';

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
  /** No policy is in force any more, also for processes that connect later. */
  readonly withdraw: () => void;
  /** Before the first call, processes that outlived an engine keep the gates that one had opened. */
  readonly setGates: (
    open: readonly { readonly flow: string; readonly until: number }[],
    tellsTime: boolean,
  ) => void;
  /**
   * Tells every process the mode, also those that come later, and waits until all have it on every connection.
   * `generation` rises with each change. @returns what one of them could not do, or '' when all have it
   */
  readonly setMode: (state: ModeState, generation: number) => Promise<string>;
  /** Proxy back end: the listeners, which change with the policy. */
  readonly setListeners: (listeners: readonly ProxyListener[]) => void;
  /** The channels of granted sessions. */
  readonly channels: InspectorCrew['channels'];
  readonly states: () => readonly InspectorState[];
  /** Listens for inspecting processes. @throws GatewayError PST_ERR_SOCKET */
  readonly open: () => Promise<void>;
  /** From now on nothing can be prepared. */
  readonly close: () => Promise<void>;
}

export interface InspectorPoolOptions extends Omit<InspectorCrewOptions, 'active' | 'news' | 'onChange'> {
  readonly serial: readonly SerialPortName[];
  /** How transparent connections are carried; undefined in the proxy back end. */
  readonly dataPath: Config['dataPath'] | undefined;
}

/** Nobody is connected, and nobody can be before `open`. */
export function createInspectorPool(options: InspectorPoolOptions): InspectorPool {
  const { monotonic } = options.clock;
  const offers = createPolicyOffers();
  const serial: EngineToInspector = { kind: 'serial', ports: [...options.serial] };
  const { dataPath } = options;
  const carryBy: EngineToInspector | undefined =
    dataPath === undefined ? undefined : { kind: 'carry-by', path: dataPath };
  let gates: EngineToInspector | undefined;
  let mode: Extract<EngineToInspector, { readonly kind: 'mode' }> | undefined;
  let listeners: EngineToInspector | undefined;
  let change = Promise.withResolvers<void>();
  let closing = false;

  const crew = createInspectorCrew({ ...options, active: offers.active, news, onChange: wake });

  function news(policy: string): readonly EngineToInspector[] {
    const standing = [carryBy, serial, listeners, gates, mode].filter((message) => message !== undefined);
    return [...standing, ...offers.forNewcomer(policy)];
  }

  function wake(): void {
    change.resolve();
    change = Promise.withResolvers<void>();
  }

  /** Of the mode of this generation: undefined while somebody has not answered. */
  function modeVerdict(generation: number): string | undefined {
    const members = crew.members();
    const unable = members.find((one) => one.mode.generation === generation && one.mode.problem !== '');
    if (unable !== undefined) return `Inspector ${unable.pid}: ${unable.mode.problem}`;
    return members.every((one) => one.mode.generation >= generation) ? '' : undefined;
  }

  async function setMode({ mode: name, reopened }: ModeState, generation: number): Promise<string> {
    mode = { kind: 'mode', generation, mode: name, reopened: [...reopened] };
    crew.broadcast(mode);
    return answers(
      ModeTimeout,
      () => modeVerdict(generation),
      () => crew.members().filter((one) => one.mode.generation < generation),
    );
  }

  async function prepare(digest: string, payload: Uint8Array): Promise<string> {
    for (const member of crew.members()) member.answer = { digest: '', problem: '' };
    crew.broadcast(offers.propose(digest, payload));
    return answers(
      PrepareTimeout,
      () => offers.verdict(crew.members()),
      () => offers.silent(crew.members()),
    );
  }

  /** Waits for a verdict, so many milliseconds at most; then it says who is silent. */
  async function answers(
    patience: number,
    verdict: () => string | undefined,
    silent: () => readonly { readonly pid: number }[],
  ): Promise<string> {
    const late = AbortSignal.timeout(patience);
    late.addEventListener('abort', wake, { once: true });
    for (;;) {
      if (closing) return 'The gateway is stopping.';
      const found = verdict();
      if (found !== undefined) return found;
      if (late.aborted) {
        const pids = silent().map(({ pid }) => pid);
        return `Inspector ${pids.join(', ')} does not answer; end it.`;
      }
      await change.promise;
    }
  }

  return {
    prepare,
    activate: (digest) => {
      offers.activate(digest);
      crew.broadcast({ kind: 'activate', digest });
    },
    abandon: (digest) => {
      if (offers.abandon(digest)) crew.broadcast({ kind: 'abandon', digest });
    },
    withdraw: () => {
      offers.withdraw();
      for (const member of crew.members()) member.policy = '';
      crew.broadcast({ kind: 'withdraw' });
    },
    setGates: (open, tellsTime) => {
      gates = { kind: 'gates', open: [...open], tellsTime };
      crew.broadcast(gates);
    },
    setMode,
    setListeners: (now) => {
      listeners = { kind: 'listeners', listeners: [...now] };
      crew.broadcast(listeners);
    },
    channels: crew.channels,
    states: () =>
      crew.members().map((member) => stateOf(member, offers.active(), mode?.generation ?? 0, monotonic())),
    open: crew.open,
    close: () => {
      closing = true;
      wake();
      return crew.close();
    },
  };
}

/** Milliseconds a process has to go through its connections. */
const ModeTimeout = 2_000;
