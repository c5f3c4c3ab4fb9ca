import type { EngineToInspector } from '../ipc/messages.ts';
import type { Member } from './inspector-member.ts';
import { assignShards } from './roster.ts';

/** Hands shards that nobody holds to processes that have none. */
export interface ShardDealer {
  /** Processes can connect from now on. */
  readonly begin: () => void;
  readonly deal: () => void;
  /** After a process could not listen: later each time it stumbles. */
  readonly dealAgain: (stumbles: number) => void;
  readonly stop: () => void;
}

export interface ShardDealerOptions {
  readonly inspectors: number;
  readonly members: () => readonly Member[];
  /** Digest of the policy in force, or empty. */
  readonly active: () => string;
  readonly tell: (member: Member, message: EngineToInspector) => void;
  /** Monotonic. */
  readonly now: () => number;
}

export function createShardDealer(options: ShardDealerOptions): ShardDealer {
  const { inspectors, members, active, tell, now } = options;
  // Processes that outlived the engine come back one by one, and each may hold what another would be told to
  // take. When all are here, the spare included, there is nobody left to wait for.
  let settledAt = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function deal(): void {
    clearTimeout(timer);
    timer = undefined;
    if (stopped || active() === '' || settledAt === Number.POSITIVE_INFINITY) return;
    const early = settledAt - now();
    if (early > 0 && members().length <= inspectors) return dealLater(early);
    const all = members().toSorted((one, other) => one.stumbles - other.stumbles || one.id - other.id);
    const candidates = all.map(({ id, shards, policy }) => ({ id, shards, ready: policy === active() }));
    for (const { id, shards } of assignShards(inspectors, candidates)) {
      const member = all.find((one) => one.id === id);
      if (member === undefined) continue;
      member.shards = [...member.shards, ...shards];
      tell(member, { kind: 'take', shards: [...shards] });
    }
  }

  function dealLater(milliseconds: number): void {
    timer ??= setTimeout(deal, milliseconds);
  }

  return {
    begin: () => {
      settledAt = now() + Settling;
      deal();
    },
    deal,
    dealAgain: (stumbles) => dealLater(Math.min(LongestDelay, FirstDelay * 2 ** Math.max(0, stumbles - 1))),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Three tries of an inspector to reach the engine again. Milliseconds. */
const Settling = 300;

/** The port of a process that has just died may take a moment to become free. Milliseconds. */
const FirstDelay = 200;
const LongestDelay = 5_000;
