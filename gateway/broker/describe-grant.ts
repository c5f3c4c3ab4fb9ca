import { missingDuties } from '../../rules/session/approvals.ts';
import { broken } from '../../rules/session/conditions.ts';
import { shortCode } from '../../rules/session/digest.ts';
import type { Moment } from '../../rules/session/grant.ts';
import { timeLeft, warning } from '../../rules/session/timing.ts';
import type { GrantBody, GrantState } from '../ipc/grant-body.ts';
import type { Judged } from './facts.ts';
import { type ChannelState, type Entry, liveChannels, totalsOf } from './grant-entry.ts';

/** A grant as people are told of it. */
export function describeGrant(entry: Entry, judged: Judged | undefined, now: Moment): GrantBody {
  const { kept, id } = entry;
  const { grant } = kept;
  const { request } = grant.asked;
  const totals = totalsOf(kept);
  const isOpen = grant.phase === 'open';
  const isAlive = isOpen || grant.phase === 'requested' || grant.phase === 'approved';
  const { conditions, rules } = judged ?? { conditions: [], rules: undefined };
  const left = isOpen && rules !== undefined ? timeLeft(grant, rules, now.mono) : { end: 0, idle: 0 };
  const pending = grant.more ?? grant.asked;
  const wall = (mono: number): number => Math.round(now.wall + mono - now.mono);
  return {
    id,
    digest: pending.digest,
    code: shortCode(pending.digest),
    state: stateOf(grant.phase),
    vendor: request.vendor,
    company: kept.company,
    person: request.person,
    fullName: kept.fullName,
    targets: [...kept.targets],
    carrier: request.carrier as GrantBody['carrier'],
    weak: grant.weak,
    reason: pending.request.reason,
    ticket: request.ticket,
    length: request.length,
    requestedAt: request.askedAt,
    requestEndsAt: isAlive ? wall(pending.endsAt) : 0,
    missing: isAlive ? missingDuties(grant.duties, pending).map((duty) => duty || AnyApprover) : [],
    approvals: kept.approvals.map(({ by, role, at, means, weak }) => ({
      ...{ by, role, at, weak },
      means: means as GrantBody['approvals'][number]['means'],
    })),
    extension: grant.more?.request.extension ?? 0,
    openedAt: grant.opened?.at.wall ?? 0,
    endsAt: grant.opened === undefined ? 0 : isOpen ? wall(grant.opened.until) : (grant.ended?.at.wall ?? 0),
    secondsLeft: Math.ceil(left.end / 1000),
    idle: rules?.idle ?? 0,
    idleLeft: Number.isFinite(left.idle) ? Math.round(left.idle) : 0,
    warning: rules === undefined ? '' : warning(grant, rules, totals, now.mono),
    conditions: isAlive ? conditions.map(({ what, holds, sentence }) => ({ what, holds, sentence })) : [],
    channels: liveChannels(entry).map(describeChannel),
    bytesFromClient: totals.bytesFromClient,
    bytesFromServer: totals.bytesFromServer,
    writes: totals.writes,
    refused: totals.refused,
    lastActivity: Math.max(
      grant.opened?.at.wall ?? 0,
      ...kept.channels.map(({ lastActivity }) => lastActivity),
    ),
    closedAt: grant.ended?.at.wall ?? 0,
    cause: grant.ended?.cause ?? '',
    closedBy: grant.ended?.by ?? '',
    why: grant.ended?.why ?? waitsFor(grant.phase, conditions),
    breakGlass: kept.approvals.some(({ means }) => means === 'break-glass'),
    receipt: kept.receipt !== undefined,
  };
}

function describeChannel(channel: ChannelState): GrantBody['channels'][number] {
  const { id, target, carrier, source, since, bytesFromClient, bytesFromServer } = channel;
  const { lastActivity, writes, refused } = channel;
  return {
    id,
    target,
    carrier,
    source,
    since,
    bytesFromClient,
    bytesFromServer,
    lastActivity,
    writes,
    refused,
  };
}

/** What an approved grant waits for, as a sentence. */
function waitsFor(phase: string, conditions: Judged['conditions']): string {
  return phase === 'approved' ? (broken(conditions)?.sentence ?? '') : '';
}

/** Cut and waiting for its last counts is closed for everybody who looks. */
function stateOf(phase: Entry['kept']['grant']['phase']): GrantState {
  return phase === 'closing' ? 'closed' : phase;
}

/** How people are told of a duty that the model does not name. */
const AnyApprover = 'an approver';
