import type { Reason } from '../../rules/reason.ts';
import type { RevokedCause } from '../accounts/account-book.ts';
import { answerCalls } from './answer-calls.ts';
import { boxCalls } from './box-calls.ts';
import type { Broker, GrantsSummary } from './broker.ts';
import { createCarriers, grantedFlows } from './carriers.ts';
import { createChannelDesk } from './channel-desk.ts';
import { createGrantEffects } from './effects.ts';
import { createGrantJudge, isAsGranted } from './facts.ts';
import { createShelf, type GrantBook, isAlive } from './grant-book.ts';
import type { Entry } from './grant-entry.ts';
import { createGrantKeeper } from './keeper.ts';
import { createOperations } from './operations.ts';
import type { BrokerParts } from './parts.ts';
import { readCalls } from './read-calls.ts';
import { requestCalls } from './request-calls.ts';
import { closeFormer } from './restart.ts';
import { summarise } from './summary.ts';
import { createGrantWatch } from './watch.ts';

/** A broker as the engine holds it: it also hears of accounts that hold up nothing any more. */
export interface RunningBroker extends Broker {
  readonly revoked: (account: string, cause: RevokedCause) => void;
  /** Nothing more can be recorded of this grant. */
  readonly fail: (grant: string, cause: Reason, why: string) => void;
  /** Whether the grant may still get channels. */
  readonly isOpen: (grant: string) => boolean;
}

/** Nothing is open, and nothing is before `begin`. */
export function createBroker(parts: BrokerParts): RunningBroker {
  const tally = { opened: 0, closed: new Map<string, number>() };
  const open = (): readonly Entry[] => shelf.entries().filter(({ kept }) => kept.grant.phase === 'open');
  const carriers = createCarriers(parts, open);
  const judge = createGrantJudge({
    ...parts,
    hasFront: carriers.hasFront,
    openOf: (vendor, but) =>
      shelf.entries().filter(({ id, kept }) => {
        const { phase, asked } = kept.grant;
        const takesPlace = phase === 'open' || phase === 'closing' || kept.opening;
        return takesPlace && id !== but && asked.request.vendor === vendor;
      }).length,
  });
  const shelf = createShelf(judge);
  const operations = createOperations(parts);
  const channels = createChannelDesk({
    ...parts,
    find: shelf.find,
    operations,
    onActivity: (entry) => keeper.takeNow(entry, { kind: 'activity' }, judge.now()),
  });
  const effects = createGrantEffects({
    ...{ parts, judge, channels, carriers, tally },
    isAnyOpen: () => open().length > 0,
  });
  const keeper = createGrantKeeper(parts, judge, effects);
  const watch = createGrantWatch(parts, judge, keeper, shelf.entries);
  const book: GrantBook = {
    judge,
    keeper,
    ...shelf,
    isAlive,
    openIfReady: watch.openIfReady,
    certificateForMore: effects.certificateForMore,
  };

  function revoked(account: string, cause: RevokedCause): void {
    if (cause !== 'approval-lost') judge.forgetProof(account);
    for (const entry of shelf.entries().filter(isAlive)) {
      if (cause !== 'approval-lost' && entry.kept.grant.asked.request.person === account) {
        keeper.end(entry, cause, '', '');
      }
    }
    // Whom it had approved is found by looking: the account may not approve any more.
    watch.look();
  }

  async function forgetOld(): Promise<void> {
    for (const entry of shelf.superfluous()) {
      shelf.remove(entry);
      await parts.store.forget(entry.id);
    }
  }

  return {
    handlers: {
      ...requestCalls(parts, book),
      ...answerCalls(parts, book),
      ...readCalls(parts, book, operations, carriers.publish),
      ...boxCalls(parts),
      'carrier-open': channels.open,
    },
    granted: (policy) =>
      grantedFlows(
        open().filter(({ kept }) => isAsGranted(policy, kept.grant)),
        judge.now(),
      ),
    onChannel: channels.take,
    frontCame: (front) => {
      carriers.came(front);
      watch.look();
    },
    frontLost: (front) => {
      carriers.lost(front);
      watch.look();
    },
    look: watch.look,
    revoked,
    fail: (grant, cause, why) => {
      const entry = shelf.find(grant);
      if (entry !== undefined) keeper.end(entry, cause, '', why);
    },
    isOpen: (grant) => {
      const entry = shelf.find(grant);
      return entry !== undefined && (isAlive(entry) || entry.kept.grant.phase === 'closing');
    },
    summary: (): GrantsSummary => summarise(shelf.entries(), judge, tally),
    begin: async () => {
      for (const entry of await closeFormer(parts, judge.now())) shelf.add(entry);
      await forgetOld();
      const unproved = shelf.entries().filter(({ kept }) => kept.grant.phase === 'closed' && !kept.receipt);
      for (const entry of unproved) void keeper.conclude(entry);
      watch.start();
      watch.look();
    },
    close: async () => {
      watch.stop();
      const alive = shelf.entries().filter(isAlive);
      for (const entry of alive) keeper.end(entry, 'shutdown', '', 'The gateway was stopped.');
      const closing = shelf.entries().filter(({ kept }) => kept.grant.phase === 'closing');
      await Promise.all(closing.map((entry) => effects.settled(entry)));
    },
  };
}
