import type { Sha256 } from '../../../rules/evidence/tree.ts';
import type { Act, EvidenceRecord } from '../../../rules/record/record.ts';
import { createChannelReplay } from './channel-replay.ts';
import type { Find, Finding } from './finding.ts';
import { createGrantReplay } from './grant-replay.ts';
import { createPeopleReplay, type PasskeyClaim } from './people-replay.ts';
import { type RecordingClaim, seconds, type Where } from './told.ts';
import { type FindTerms, NoTerms } from './vendor-terms.ts';

/**
 * Goes through the records of a log in order and holds what they tell against the rules of granted sessions: asked for,
 * approved by enough different people who did not ask, opened, used only while open, closed in time. It believes
 * nothing but the order of the records, and knows no code of the gateway that wrote them.
 */
export interface Replay {
  readonly take: (sequence: number, record: EvidenceRecord) => void;
  /** What is left to say when nothing more comes. */
  readonly end: () => ReplayOutcome;
}

export interface ReplayOutcome {
  readonly findings: readonly Finding[];
  /** Signatures of passkeys that the records hold, each to be verified by who can. */
  readonly claims: readonly PasskeyClaim[];
  /** What was recorded, by grant, as far as the records tell. */
  readonly recordings: ReadonlyMap<string, RecordingClaim>;
  /** Grants that were opened. */
  readonly sessions: number;
}

/** A clock that is set back by more than this is told. */
const ClockSlack = 2_000;

/** @param findTerms what the policies at hand ask for; without them it is the box's word how many had to approve */
export function createReplay(sha256: Sha256, findTerms: FindTerms = NoTerms): Replay {
  const findings: Finding[] = [];
  const find: Find = (code, sequence, sentence) => findings.push({ code, sequence, sentence });
  const people = createPeopleReplay(find);
  const grants = createGrantReplay(find, people, sha256, findTerms);
  const channels = createChannelReplay(find, grants);
  let latest = 0;

  function take(sequence: number, record: EvidenceRecord): void {
    switch (record.kind) {
      case 'act':
        watchClock(sequence, record.at);
        return takeAct(record.act, { sequence, at: record.at });
      case 'operation':
        return channels.operation(record, sequence);
      case 'chunk':
        return channels.chunk(record, sequence);
      case 'connection':
      case 'connections':
      case 'refusal':
      case 'drop':
        return;
    }
  }

  function watchClock(sequence: number, at: number): void {
    if (at < latest - ClockSlack) {
      find('clock-back', sequence, `The clock of the box went back by ${seconds(latest - at)}.`);
      latest = at;
    }
    latest = Math.max(latest, at);
  }

  function takeAct(act: Act, where: Where): void {
    switch (act.kind) {
      case 'accountChanged':
        return people.changed(act, where);
      case 'grantRequested':
        return grants.requested(act, where);
      case 'grantApproved':
        return grants.approved(act, where);
      case 'grantRefused':
        return grants.refused(act, where);
      case 'grantOpened':
        return grants.opened(act, where);
      case 'grantExtended':
        return grants.extended(act, where);
      case 'keySwitch':
        return grants.keySwitched(act.closed);
      case 'bundleAccepted':
        return grants.enforced(act.digest);
      case 'bundleRolledBack':
        return grants.enforced(act.toDigest);
      case 'grantClosed':
        grants.closed(act, where);
        return channels.grantClosed(act, where);
      case 'channelOpened':
        return channels.opened(act, where);
      case 'channelClosed':
        return channels.closed(act, where);
      case 'recordingErased':
        return channels.erased(act, where);
      case 'started':
        grants.started(act);
        return channels.restarted();
      default:
        return takeNotice(act, where);
    }
  }

  /** What the box said of its own log. */
  function takeNotice(act: Act, { sequence }: Where): void {
    if (act.kind === 'gap') {
      channels.lost();
      find('records-lost', sequence, `The box says that ${act.records} records are not here: ${act.what}.`);
    }
    if (act.kind === 'tornTail')
      find(
        'tail-cut',
        sequence,
        `After a sudden stop the box cut ${act.bytes} bytes off segment ${act.segment}.`,
      );
    if (act.kind === 'damage')
      find(
        'damage-told',
        sequence,
        `The box found segment ${act.segment} damaged at byte ${act.offset}: ${act.problem}.`,
      );
  }

  function end(): ReplayOutcome {
    const sessions = grants.end(latest);
    channels.end(latest);
    return { findings, claims: people.claims(), recordings: channels.recordings(), sessions };
  }

  return { take, end };
}
