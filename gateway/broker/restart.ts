import type { Grant, Moment } from '../../rules/session/grant.ts';
import { type Entry, entryOf, type KeptGrant } from './grant-entry.ts';
import type { BrokerParts } from './parts.ts';

/**
 * What an earlier engine left: nothing of it goes on. What was open is closing, and its end goes on record as soon as
 * it can be; what was asked for is refused (62443-3-3 SR 1.13). A process that stopped between a record and its effect
 * did not keep what the log tells, so the log is asked.
 */
export async function closeFormer(
  { store, evidence, log }: Pick<BrokerParts, 'store' | 'evidence' | 'log'>,
  now: Moment,
): Promise<readonly Entry[]> {
  const { grants, unreadable } = store.load();
  if (unreadable.length > 0) log.error({ unreadable }, 'grants that cannot be read; the log tells of them');
  const unfinished = new Set(grants.filter(isUnfinished).map(nameOf));
  const told = unfinished.size === 0 ? new Map() : await evidence.toldOf(unfinished).catch(unread);
  const entries: Entry[] = [];
  for (const kept of grants) {
    const name = nameOf(kept);
    if (!unfinished.has(name)) entries.push(entryOf(kept));
    // Kept and never put on record, it was never asked for.
    else if (!wasAsked(kept, told?.get(name))) await store.forget(name);
    else entries.push(entryOf(ended(kept, told?.get(name) ?? guessed(kept), now)));
  }
  return entries;

  /** A disk that cannot be read must not keep the plant's gateway from starting. */
  function unread(cause: unknown): undefined {
    log.error(
      { problem: String(cause) },
      'the log cannot be read; what was open is closed by what was kept of it',
    );
  }
}

/** All but the asking itself is kept only when it is on record. */
function wasAsked({ grant, approvals }: KeptGrant, told: ReadonlySet<string> | undefined): boolean {
  return told?.has('grantRequested') === true || grant.phase !== 'requested' || approvals.length > 0;
}

/** What may have been open is closed on record. */
function guessed({ opening }: KeptGrant): ReadonlySet<string> {
  return new Set(opening ? ['grantOpened'] : []);
}

function isUnfinished({ grant: { phase } }: KeptGrant): boolean {
  return phase !== 'closed' && phase !== 'refused';
}

function nameOf({ grant }: KeptGrant): string {
  return grant.asked.request.grant;
}

/** Times of another start mean nothing on this monotonic clock, so everything that still waits is over now. */
function ended(kept: KeptGrant, told: ReadonlySet<string>, now: Moment): KeptGrant {
  const { grant } = kept;
  kept.opening = false;
  for (const channel of kept.channels.filter(({ live }) => live)) {
    Object.assign(channel, { live: false, cause: 'box-restarted', endedAt: now.wall });
  }
  const over = closing(grant, now);
  if (told.has('grantClosed')) kept.grant = { ...over, phase: 'closed' };
  else if (told.has('grantRefused')) kept.grant = { ...over, phase: 'refused' };
  else if (told.has('grantOpened') || grant.phase === 'open' || grant.phase === 'closing') kept.grant = over;
  // The watch finds it expired, and puts that on record.
  else kept.grant = { ...grant, asked: { ...grant.asked, endsAt: now.mono } };
  return kept;
}

function closing(grant: Grant, now: Moment): Grant {
  const restarted = { at: now, cause: 'box-restarted', by: '', why: '' } as const;
  return { ...grant, phase: 'closing', more: undefined, ended: grant.ended ?? restarted };
}
