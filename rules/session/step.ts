import type { Reason } from '../reason.ts';
import { approve, missingDuties } from './approvals.ts';
import type {
  Asked,
  Grant,
  GrantAct,
  GrantEffect,
  GrantEvent,
  GrantRefusal,
  GrantRequest,
  GrantRules,
  Moment,
  Stepped,
} from './grant.ts';
import { fromHex } from './hex.ts';
import { overdue } from './timing.ts';

/** A grant that was just asked for. Nothing is open, and nothing will be before {@link step} says so. */
export function ask(
  request: GrantRequest,
  digest: string,
  about: Pick<Grant, 'duties' | 'terms' | 'weak'>,
  rules: GrantRules,
  now: Moment,
): Stepped {
  if (rules.maxDuration !== 0 && request.length > rules.maxDuration) return no('too-long', '');
  const grant: Grant = {
    ...about,
    phase: 'requested',
    asked: { request, digest, approvals: [], endsAt: now.mono + rules.requestLasts },
    more: undefined,
    opened: undefined,
    activeAt: now.mono,
    ended: undefined,
  };
  return yes(grant, [requested(request, digest)]);
}

/**
 * What becomes of a grant: the only way from one state into another. What is open was approved by everybody the
 * model names, for the digest that stands; what was closed never opens again (CIP-005 R3.2).
 */
export function step(grant: Grant, event: GrantEvent, now: Moment, rules: GrantRules): Stepped {
  switch (event.kind) {
    case 'approve':
    case 'break-glass':
      return answer(grant, event, now, rules);
    case 'refuse':
      return refuseAsked(grant, event.by, event.why, now);
    case 'open':
      return open(grant, event, now, rules);
    case 'extend':
      return extend(grant, event, now, rules);
    case 'activity':
      return grant.phase === 'open' ? yes({ ...grant, activeAt: now.mono }) : NotNow;
    case 'look':
      return look(grant, event, now, rules);
    case 'end':
      if (grant.phase === 'open') return cut(grant, event.cause, event.by, event.why, now);
      return refuseAsked(grant, event.by, event.why, now);
    case 'settled':
      return settle(grant, event);
  }
}

/** Whether everybody who has to has approved the request as it stands. */
export function isApproved(grant: Grant): boolean {
  return missingDuties(grant.duties, grant.asked).length === 0;
}

function answer(
  grant: Grant,
  event: Extract<GrantEvent, { readonly kind: 'approve' | 'break-glass' }>,
  now: Moment,
  rules: GrantRules,
): Stepped {
  const alarm: readonly GrantEffect[] = event.kind === 'break-glass' ? ['alarm'] : [];
  if (grant.phase === 'requested') {
    const given = approve(grant, grant.asked, event, now);
    if (!given.ok) return given;
    if (missingDuties(grant.duties, given.asked).length > 0)
      return yes({ ...grant, asked: given.asked }, [given.act]);
    // From now on it is the conditions that are waited for.
    const asked: Asked = { ...given.asked, endsAt: now.mono + rules.requestLasts };
    return yes({ ...grant, phase: 'approved', asked }, [given.act], alarm);
  }
  const { more, opened } = grant;
  if (grant.phase !== 'open' || more === undefined || opened === undefined) return NotNow;
  const given = approve(grant, more, event, now);
  if (!given.ok) return given;
  if (missingDuties(grant.duties, given.asked).length > 0)
    return yes({ ...grant, more: given.asked }, [given.act]);
  const until = latestEnd(opened.until + more.request.extension, opened.at.mono, now, rules);
  const extended: GrantAct = {
    kind: 'grantExtended',
    grant: more.request.grant,
    until: wallOf(until, now),
    by: event.by.name,
    certificate: fromHex(event.certificate),
  };
  const next: Grant = {
    ...grant,
    asked: given.asked,
    more: undefined,
    opened: { ...opened, until, certificate: event.certificate || opened.certificate },
  };
  return yes(next, [given.act, extended], [...alarm, 'prolong']);
}

/** A request that is not answered with yes; of an open grant only the one for more time. */
function refuseAsked(grant: Grant, by: string, why: string, now: Moment): Stepped {
  if (grant.phase === 'open' && grant.more !== undefined) {
    return yes({ ...grant, more: undefined }, [refused(grant.more, by, why)]);
  }
  if (grant.phase !== 'requested' && grant.phase !== 'approved') return NotNow;
  const ended = { at: now, cause: '', by, why } as const;
  return yes({ ...grant, phase: 'refused', ended }, [refused(grant.asked, by, why)], ['calm']);
}

function open(
  grant: Grant,
  event: Extract<GrantEvent, { readonly kind: 'open' }>,
  now: Moment,
  rules: GrantRules,
): Stepped {
  if (grant.phase !== 'approved' || !isApproved(grant) || !event.holds) return NotNow;
  if (now.mono >= grant.asked.endsAt || rules.longest <= 0) return NotNow;
  const { request } = grant.asked;
  const until = latestEnd(now.mono + request.length, now.mono, now, rules);
  const act: GrantAct = {
    kind: 'grantOpened',
    grant: request.grant,
    until: wallOf(until, now),
    policyVersion: event.policyVersion,
    policyDigest: fromHex(event.policyDigest),
    certificate: fromHex(event.certificate),
    weak: grant.weak,
  };
  const opened = { at: now, until, certificate: event.certificate };
  return yes({ ...grant, phase: 'open', opened, activeAt: now.mono }, [act], ['open']);
}

function extend(
  grant: Grant,
  { request, digest }: Extract<GrantEvent, { readonly kind: 'extend' }>,
  now: Moment,
  rules: GrantRules,
): Stepped {
  const { opened, more } = grant;
  if (grant.phase !== 'open' || opened === undefined) return NotNow;
  if (more !== undefined && now.mono < more.endsAt) return no('not-now', 'More time is asked for already.');
  const until = opened.until + request.extension;
  if (rules.maxDuration !== 0 && until - opened.at.mono > rules.maxDuration) return no('too-long', '');
  // Asked for and not approved, it holds nothing: the grant still ends when it would have.
  const asked: Asked = { request, digest, approvals: [], endsAt: opened.until };
  return yes({ ...grant, more: asked }, [requested(request, digest)]);
}

function look(
  grant: Grant,
  { totals }: Extract<GrantEvent, { readonly kind: 'look' }>,
  now: Moment,
  rules: GrantRules,
): Stepped {
  if (grant.phase === 'open') {
    const cause = overdue(grant, rules, totals, now.mono);
    return cause === undefined ? yes(grant) : cut(grant, cause, '', '', now);
  }
  if (grant.phase !== 'requested' && grant.phase !== 'approved') return NotNow;
  if (now.mono < grant.asked.endsAt) return yes(grant);
  const why =
    grant.phase === 'requested' ? 'Nobody answered in time.' : 'What it waited for did not come in time.';
  return refuseAsked(grant, '', why, now);
}

function cut(grant: Grant, cause: Reason, by: string, why: string, now: Moment): Stepped {
  return yes(
    { ...grant, phase: 'closing', more: undefined, ended: { at: now, cause, by, why } },
    [],
    ['cut'],
  );
}

function settle(grant: Grant, { totals }: Extract<GrantEvent, { readonly kind: 'settled' }>): Stepped {
  const { ended } = grant;
  if (grant.phase !== 'closing' || ended === undefined) return NotNow;
  const { cause, by, why } = ended;
  const act: GrantAct = { kind: 'grantClosed', grant: grant.asked.request.grant, cause, by, why, ...totals };
  return yes({ ...grant, phase: 'closed' }, [act], ['receipt']);
}

function latestEnd(wanted: number, openedAt: number, now: Moment, rules: GrantRules): number {
  const longest = rules.maxDuration === 0 ? Number.POSITIVE_INFINITY : openedAt + rules.maxDuration;
  return Math.min(wanted, longest, now.mono + rules.longest);
}

/** What the wall clock will show then, if nobody sets it: told to people, and relied on by nothing. */
function wallOf(mono: number, now: Moment): number {
  return Math.round(now.wall + mono - now.mono);
}

function requested(request: GrantRequest, digest: string): GrantAct {
  const { grant, vendor, person, by, targets, carrier, reason, ticket, length, extension } = request;
  return {
    kind: 'grantRequested',
    ...{ grant, vendor, person, by, targets, carrier, reason, ticket, length, extension },
    digest: fromHex(digest),
    policyVersion: request.policyVersion,
    policyDigest: fromHex(request.policyDigest),
  };
}

function refused({ request }: Asked, by: string, why: string): GrantAct {
  return { kind: 'grantRefused', grant: request.grant, by, why, extension: request.extension };
}

function yes(grant: Grant, acts: readonly GrantAct[] = [], effects: readonly GrantEffect[] = []): Stepped {
  return { ok: true, grant, acts, effects };
}

function no(refusal: GrantRefusal, detail: string): Stepped {
  return { ok: false, refusal, detail };
}

const NotNow: Stepped = { ok: false, refusal: 'not-now', detail: '' };
