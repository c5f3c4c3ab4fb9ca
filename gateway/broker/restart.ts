import type { Grant, Moment } from '../../rules/session/grant.ts';
import { type Entry, entryOf, type KeptGrant } from './grant-entry.ts';
import type { BrokerParts } from './parts.ts';

/**
 * What an earlier engine left: nothing of it goes on. What was open is closing, and its end goes on record as soon as
 * it can be; what was asked for is refused (62443-3-3 SR 1.13).
 */
export async function closeFormer(
  { store, evidence, log }: Pick<BrokerParts, 'store' | 'evidence' | 'log'>,
  now: Moment,
): Promise<readonly Entry[]> {
  const { grants, unreadable } = store.load();
  if (unreadable.length > 0) log.error({ unreadable }, 'grants that cannot be read; the log tells of them');
  const entries: Entry[] = [];
  for (const kept of grants) {
    const { phase, asked } = kept.grant;
    // Between the wish to open it and the record of it: the log knows whether there was one.
    const wasOpened = kept.opening && phase === 'approved' && (await evidence.wasOpened(asked.request.grant));
    kept.grant = wasOpened ? { ...kept.grant, phase: 'open' } : kept.grant;
    entries.push(entryOf(ended(kept, now)));
  }
  return entries;
}

/** Times of another start mean nothing on this monotonic clock, so everything that still waits is over now. */
function ended(kept: KeptGrant, now: Moment): KeptGrant {
  const { grant } = kept;
  kept.opening = false;
  for (const channel of kept.channels.filter(({ live }) => live)) {
    Object.assign(channel, { live: false, cause: 'box-restarted', endedAt: now.wall });
  }
  if (grant.phase === 'open') {
    kept.grant = closing(grant, now);
  } else if (grant.phase === 'requested' || grant.phase === 'approved') {
    // The watch finds it expired, and puts that on record.
    kept.grant = { ...grant, asked: { ...grant.asked, endsAt: now.mono } };
  }
  return kept;
}

function closing(grant: Grant, now: Moment): Grant {
  const ended = { at: now, cause: 'box-restarted', by: '', why: '' } as const;
  return { ...grant, phase: 'closing', more: undefined, ended };
}
