import type { GrantsSummary } from './broker.ts';
import type { GrantJudge } from './facts.ts';
import { type Entry, liveChannels, totalsOf } from './grant-entry.ts';

/** The numbers of all grants, for status and metrics. */
export function summarise(
  entries: readonly Entry[],
  judge: GrantJudge,
  { opened, closed }: { readonly opened: number; readonly closed: ReadonlyMap<string, number> },
): GrantsSummary {
  const { mono } = judge.now();
  const count = (phase: string): number => entries.filter(({ kept }) => kept.grant.phase === phase).length;
  return {
    requested: count('requested'),
    approved: count('approved'),
    open: entries.flatMap((entry) => {
      const { grant, approvals } = entry.kept;
      if (grant.phase !== 'open' || grant.opened === undefined) return [];
      const { vendor, person, targets } = grant.asked.request;
      const { bytesFromClient, bytesFromServer, writes, refused } = totalsOf(entry.kept);
      return [
        {
          ...{ grant: entry.id, vendor, person, targets, bytesFromClient, bytesFromServer, writes, refused },
          secondsLeft: Math.max(0, Math.ceil((grant.opened.until - mono) / 1000)),
          openFor: Math.max(0, Math.round((mono - grant.opened.at.mono) / 1000)),
          channels: liveChannels(entry).length,
          breakGlass: approvals.some(({ means }) => means === 'break-glass'),
        },
      ];
    }),
    opened,
    closed,
  };
}
