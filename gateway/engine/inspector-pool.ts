import type { SerialPortName } from '../config.ts';
import type { EngineToInspector } from '../ipc/messages.ts';
import type { ProxyListener } from '../ipc/reports.ts';
import { createInspectorCrew, type InspectorCrewOptions } from './inspector-crew.ts';
import { type InspectorState, stateOf } from './inspector-member.ts';
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
  /** Before the first call, processes that outlived an engine keep the gates that one had opened. */
  readonly setGates: (
    open: readonly { readonly flow: string; readonly until: number }[],
    tellsTime: boolean,
  ) => void;
  /** Proxy back end: the listeners, which change with the policy. */
  readonly setListeners: (listeners: readonly ProxyListener[]) => void;
  readonly states: () => readonly InspectorState[];
  /** Listens for inspecting processes. @throws GatewayError PST_ERR_SOCKET */
  readonly open: () => Promise<void>;
  /** From now on nothing can be prepared. */
  readonly close: () => Promise<void>;
}

export interface InspectorPoolOptions extends Omit<InspectorCrewOptions, 'active' | 'news' | 'onChange'> {
  readonly serial: readonly SerialPortName[];
}

/** Nobody is connected, and nobody can be before `open`. */
export function createInspectorPool(options: InspectorPoolOptions): InspectorPool {
  const { monotonic } = options.clock;
  const offers = createPolicyOffers();
  const serial: EngineToInspector = { kind: 'serial', ports: [...options.serial] };
  let gates: EngineToInspector | undefined;
  let listeners: EngineToInspector | undefined;
  let change = Promise.withResolvers<void>();
  let closing = false;

  const crew = createInspectorCrew({ ...options, active: offers.active, news, onChange: wake });

  function news(policy: string): readonly EngineToInspector[] {
    const standing = [serial, listeners, gates].filter((message) => message !== undefined);
    return [...standing, ...offers.forNewcomer(policy)];
  }

  function wake(): void {
    change.resolve();
    change = Promise.withResolvers<void>();
  }

  async function prepare(digest: string, payload: Uint8Array): Promise<string> {
    for (const member of crew.members()) member.answer = { digest: '', problem: '' };
    crew.broadcast(offers.propose(digest, payload));
    const late = AbortSignal.timeout(PrepareTimeout);
    late.addEventListener('abort', wake, { once: true });
    for (;;) {
      if (closing) return 'The gateway is stopping.';
      const verdict = offers.verdict(crew.members());
      if (verdict !== undefined) return verdict;
      if (late.aborted)
        return `Inspector ${offers.silent(crew.members()).join(', ')} does not answer; end it.`;
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
    setGates: (open, tellsTime) => {
      gates = { kind: 'gates', open: [...open], tellsTime };
      crew.broadcast(gates);
    },
    setListeners: (now) => {
      listeners = { kind: 'listeners', listeners: [...now] };
      crew.broadcast(listeners);
    },
    states: () => crew.members().map((member) => stateOf(member, offers.active(), monotonic())),
    open: crew.open,
    close: () => {
      closing = true;
      wake();
      return crew.close();
    },
  };
}

/** Milliseconds a process has to read a new policy. */
const PrepareTimeout = 10_000;
