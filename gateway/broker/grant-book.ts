import type { Caller } from '../access/caller.ts';
import type { GrantBody } from '../ipc/grant-body.ts';
import { describeGrant } from './describe-grant.ts';
import type { GrantJudge } from './facts.ts';
import type { Entry } from './grant-entry.ts';
import type { GrantKeeper } from './keeper.ts';

/** Every grant the box knows, and who may see which. */
export interface GrantBook {
  readonly judge: GrantJudge;
  readonly keeper: GrantKeeper;
  readonly entries: () => readonly Entry[];
  readonly find: (grant: string) => Entry | undefined;
  readonly add: (entry: Entry) => void;
  /** The grant, if this caller may see it: a vendor's person sees their own and no others. */
  readonly visible: (grant: string, caller: Caller) => Entry | undefined;
  readonly mine: (caller: Caller) => readonly Entry[];
  readonly describe: (entry: Entry) => GrantBody;
  readonly isAlive: (entry: Entry) => boolean;
  /** Opens it if it is approved and everything holds. What keeps it from opening is told by its conditions. */
  readonly openIfReady: (entry: Entry) => Promise<void>;
  /** SHA-256 of a certificate for the time that is asked for more, or ''. */
  readonly certificateForMore: (entry: Entry) => Promise<string>;
}

/** Whether a grant may still come to something. */
export function isAlive({ kept }: Entry): boolean {
  return kept.opening || ['requested', 'approved', 'open'].includes(kept.grant.phase);
}

/** What the book shows of its grants: open ones first, then requests, then the latest that ended. */
export function createShelf(judge: GrantJudge) {
  const all = new Map<string, Entry>();
  const sees = (caller: Caller, { kept }: Entry): boolean =>
    isOfPlant(caller) || kept.grant.asked.request.person === caller.name;

  return {
    entries: (): readonly Entry[] => [...all.values()],
    find: (grant: string) => all.get(grant),
    add: (entry: Entry) => void all.set(entry.id, entry),
    visible: (grant: string, caller: Caller) => {
      const entry = all.get(grant);
      return entry !== undefined && sees(caller, entry) ? entry : undefined;
    },
    mine: (caller: Caller): readonly Entry[] =>
      [...all.values()]
        .filter((entry) => sees(caller, entry))
        .sort((one, other) => rank(one) - rank(other) || since(other) - since(one))
        .slice(0, MostListed),
    describe: (entry: Entry) => {
      const now = judge.now();
      // Of what has ended nothing holds and nothing is measured any more.
      return describeGrant(entry, isAlive(entry) ? judge.judge(entry, now) : undefined, now);
    },
    /** Ended ones beyond what is kept, the oldest. */
    superfluous: (): readonly Entry[] =>
      [...all.values()]
        .filter((entry) => entry.kept.grant.phase === 'closed' || entry.kept.grant.phase === 'refused')
        .sort((one, other) => since(other) - since(one))
        .slice(MostKept),
    remove: (entry: Entry) => void all.delete(entry.id),
  };
}

function isOfPlant({ at, roles }: Caller): boolean {
  return at === 'console' || roles.some((role) => role !== 'vendor');
}

function rank({ kept }: Entry): number {
  if (kept.grant.phase === 'open') return 0;
  return kept.grant.phase === 'requested' || kept.grant.phase === 'approved' ? 1 : 2;
}

function since({ kept: { grant } }: Entry): number {
  return grant.ended?.at.wall ?? grant.asked.request.askedAt;
}

const MostListed = 200;
/** Ended grants whose receipts can be had without the log. */
const MostKept = 500;
