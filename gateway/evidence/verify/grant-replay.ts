import { toHex } from '../../../rules/evidence/base64.ts';
import type { Sha256 } from '../../../rules/evidence/tree.ts';
import { digestOf } from '../../../rules/session/digest.ts';
import type { Find } from './finding.ts';
import type { PeopleReplay } from './people-replay.ts';
import { type ActOf, seconds, type Where } from './told.ts';
import { againstTerms, type FindTerms } from './vendor-terms.ts';

/** The life of one grant, as its records tell it. */
export interface GrantStory {
  readonly id: string;
  readonly vendor: string;
  readonly person: string;
  readonly targets: ReadonlySet<string>;
  readonly carrier: string;
  /** Milliseconds asked for. */
  readonly length: number;
  /** Who made the request as it stands, and its digest, hexadecimal. */
  asker: string;
  digest: string;
  stage: 'asked' | 'approved' | 'open' | 'closed' | 'refused';
  /** Who approved the request, or the extension, as it stands. */
  approvers: string[];
  /** Duties in which the request was approved before it was opened; alone: by one person, in an emergency. */
  readonly approvedAs: string[];
  alone: boolean;
  /** The same of more time that is asked for, and the policy under which it was. */
  more: { readonly policy: string; readonly approvedAs: string[]; alone: boolean };
  /** Milliseconds of an extension that is wholly approved. */
  extension: number;
  until: number;
  openedIn: number;
  closedAt: number;
  /** The box was started again while it was open. */
  restarted: boolean;
  /** The policy it was opened under, where that is at hand, has every byte recorded. */
  recordsBytes: boolean;
}

/** Holds what is told of grants against the rules. */
export interface GrantReplay {
  readonly requested: (act: ActOf<'grantRequested'>, where: Where) => void;
  readonly approved: (act: ActOf<'grantApproved'>, where: Where) => void;
  readonly refused: (act: ActOf<'grantRefused'>, where: Where) => void;
  readonly opened: (act: ActOf<'grantOpened'>, where: Where) => void;
  readonly extended: (act: ActOf<'grantExtended'>, where: Where) => void;
  readonly closed: (act: ActOf<'grantClosed'>, where: Where) => void;
  readonly keySwitched: (closed: boolean) => void;
  /** This policy is in force from here on. */
  readonly enforced: (digest: Uint8Array) => void;
  /** The box was started: whatever was open is not any more. */
  readonly started: (act: ActOf<'started'>) => void;
  readonly get: (grant: string) => GrantStory | undefined;
  /** `latest` is the time of the last record. @returns grants that were opened */
  readonly end: (latest: number) => number;
}

/** What a grant's end may be off, milliseconds. */
export const EndSlack = 1_000;

/** An end is put on record when its last counts are in, which is waited for this long at most. Milliseconds. */
const ClosingSlack = 1_000;

/** What a closing may take to get on record, milliseconds. */
export const RecordSlack = 10_000;

export function createGrantReplay(
  find: Find,
  people: PeopleReplay,
  sha256: Sha256,
  findTerms: FindTerms,
): GrantReplay {
  const grants = new Map<string, GrantStory>();
  const open = new Set<GrantStory>();
  let keySwitchOpen = false;
  let policy = '';
  let box: ActOf<'started'> | undefined;
  let opened = 0;

  /** The grant in one of these stages; anything else is a finding. */
  function expectIn(id: string, stages: readonly GrantStory['stage'][], where: Where, what: string) {
    const grant = grants.get(id);
    if (grant === undefined) {
      find('grant-unasked', where.sequence, `Grant ${id} was ${what} and nobody had asked for it.`);
      return undefined;
    }
    if (!stages.includes(grant.stage)) {
      find('grant-out-of-turn', where.sequence, `Grant ${id} was ${what} while it was ${grant.stage}.`);
    }
    return grant;
  }

  /** What was approved is the digest; so it has to be that of what the record says. */
  function checkDigest(act: ActOf<'grantRequested'>, { sequence, at }: Where): void {
    if (box === undefined) return;
    const { kind: _, digest, policyDigest, ...asked } = act;
    const { site, gateway } = box;
    const request = { ...asked, site, gateway, askedAt: at, policyDigest: toHex(policyDigest) };
    if (digestOf(request, sha256) === toHex(digest)) return;
    find(
      'request-differs',
      sequence,
      `The request of grant ${act.grant} is not what its digest was made of.`,
    );
  }

  function requested(act: ActOf<'grantRequested'>, where: Where): void {
    checkDigest(act, where);
    if (act.extension > 0) {
      const grant = expectIn(act.grant, ['open'], where, 'asked to be longer');
      if (grant === undefined) return;
      grant.digest = toHex(act.digest);
      grant.asker = act.by;
      grant.approvers = [];
      grant.more = { policy: toHex(act.policyDigest), approvedAs: [], alone: false };
      return;
    }
    if (grants.has(act.grant)) {
      return find('grant-twice', where.sequence, `Grant ${act.grant} was asked for a second time.`);
    }
    grants.set(act.grant, {
      id: act.grant,
      vendor: act.vendor,
      person: act.person,
      targets: new Set(act.targets),
      carrier: act.carrier,
      length: act.length,
      asker: act.by,
      digest: toHex(act.digest),
      stage: 'asked',
      approvers: [],
      approvedAs: [],
      alone: false,
      more: { policy: '', approvedAs: [], alone: false },
      extension: 0,
      until: 0,
      openedIn: 0,
      closedAt: 0,
      restarted: false,
      recordsBytes: false,
    });
  }

  function approved(act: ActOf<'grantApproved'>, where: Where): void {
    const more = act.extension > 0;
    const grant = expectIn(act.grant, more ? ['open'] : ['asked'], where, 'approved');
    if (grant === undefined) return;
    const { sequence } = where;
    const named = `Grant ${act.grant} was approved by ${act.by}`;
    if (act.by === grant.person || act.by === grant.asker) {
      find('approval-own', sequence, `${named}, who had asked for it.`);
    }
    if (grant.approvers.includes(act.by))
      find('approval-twice', sequence, `${named}, who had done so before.`);
    if (toHex(act.digest) !== grant.digest) {
      find('approval-other', sequence, `${named} for another request than the one that was made.`);
    }
    people.approved(act, where);
    grant.approvers.push(act.by);
    const given = more ? grant.more : grant;
    given.approvedAs.push(act.role);
    if (act.means === 'break-glass') given.alone = true;
    if (act.missing > 0) return;
    if (more) grant.extension += act.extension;
    else if (grant.stage === 'asked') grant.stage = 'approved';
    grant.approvers = [];
  }

  function openedNow(act: ActOf<'grantOpened'>, where: Where): void {
    const grant = grants.get(act.grant);
    const { sequence, at } = where;
    if (grant === undefined || grant.stage !== 'approved') {
      find('opened-unapproved', sequence, `Grant ${act.grant} was opened without the approvals it needs.`);
    }
    if (grant === undefined) return;
    if (act.until > at + grant.length + EndSlack) {
      find(
        'opened-too-long',
        sequence,
        `Grant ${act.grant} was opened for ${seconds(act.until - at)}, and ${seconds(grant.length)} were asked for.`,
      );
    }
    if (keySwitchOpen) {
      find('opened-key-switch', sequence, `Grant ${act.grant} was opened while the key switch was open.`);
    }
    if (policy !== '' && toHex(act.policyDigest) !== policy) {
      find(
        'opened-other-policy',
        sequence,
        `Grant ${act.grant} was opened under another policy than was in force.`,
      );
    }
    const terms = findTerms(toHex(act.policyDigest), grant.vendor);
    for (const what of terms === undefined ? [] : againstTerms(terms, grant)) {
      find('opened-against-model', sequence, `Grant ${act.grant} was opened ${what}.`);
    }
    grant.recordsBytes = terms?.recordsBytes === true;
    grant.stage = 'open';
    grant.until = act.until;
    grant.openedIn = sequence;
    open.add(grant);
    opened += 1;
  }

  function extended(act: ActOf<'grantExtended'>, where: Where): void {
    const grant = expectIn(act.grant, ['open'], where, 'extended');
    if (grant === undefined) return;
    if (grant.restarted) {
      find(
        'grant-out-of-turn',
        where.sequence,
        `Grant ${act.grant} was extended after a restart, which ends it.`,
      );
    }
    if (act.until > grant.until + grant.extension + EndSlack) {
      find(
        'opened-too-long',
        where.sequence,
        `Grant ${act.grant} got ${seconds(act.until - grant.until)} more, and ${seconds(grant.extension)} were approved.`,
      );
    }
    const terms = findTerms(grant.more.policy, grant.vendor);
    for (const what of terms === undefined ? [] : againstTerms(terms, { ...grant, ...grant.more })) {
      find('opened-against-model', where.sequence, `Grant ${act.grant} was extended ${what}.`);
    }
    grant.until = act.until;
    grant.extension = 0;
  }

  function closed(act: ActOf<'grantClosed'>, where: Where): void {
    const grant = expectIn(act.grant, ['open'], where, 'closed');
    if (grant === undefined) return;
    const late = where.at - grant.until;
    // Where the box was off nothing passed; where clock or disk failed the time of the record proves nothing.
    const excused =
      grant.restarted ||
      act.cause === 'box-restarted' ||
      act.cause === 'clock-untrusted' ||
      act.cause === 'evidence-lost';
    if (grant.stage === 'open' && late > EndSlack + ClosingSlack && !excused) {
      find('closed-late', where.sequence, `Grant ${act.grant} was closed ${seconds(late)} after its end.`);
    }
    grant.stage = 'closed';
    grant.closedAt = where.at;
    open.delete(grant);
  }

  function refused(act: ActOf<'grantRefused'>, where: Where): void {
    const more = act.extension > 0;
    const grant = expectIn(act.grant, more ? ['open'] : ['asked', 'approved'], where, 'refused');
    if (grant !== undefined && !more) grant.stage = 'refused';
  }

  function end(latest: number): number {
    for (const grant of open) {
      if (grant.restarted) {
        find(
          'ended-by-restart',
          grant.openedIn,
          `Grant ${grant.id} was open when the box was started again.`,
        );
      } else if (latest > grant.until + EndSlack + RecordSlack) {
        find('never-closed', grant.openedIn, `Grant ${grant.id} was opened and never closed.`);
      } else {
        find('still-open', grant.openedIn, `Grant ${grant.id} is open where the records end.`);
      }
    }
    return opened;
  }

  function started(act: ActOf<'started'>): void {
    box = act;
    for (const grant of open) grant.restarted = true;
  }

  return {
    requested,
    approved,
    refused,
    opened: openedNow,
    extended,
    closed,
    keySwitched: (closed) => {
      keySwitchOpen = !closed;
    },
    enforced: (digest) => {
      policy = toHex(digest);
    },
    started,
    get: (id) => grants.get(id),
    end,
  };
}
