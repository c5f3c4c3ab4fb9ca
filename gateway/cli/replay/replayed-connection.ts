import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import type { Inspection, InspectionTerms } from '../../../rules/modbus/connection/inspection.ts';
import { putWord, wordAt } from '../../../rules/modbus/message/adu.ts';
import type { Reason } from '../../../rules/reason.ts';
import type { Side } from '../../capture/tcp-connections.ts';
import { createIdentifierMap, type IdentifierMap } from './identifier-map.ts';
import { createReplayedDirection, type ReplayedDirection } from './replayed-direction.ts';

/** One connection of a capture, led through the inspection. */
export interface ReplayedConnection {
  data(from: Side, bytes: Uint8Array, at: number): void;
  /** So many bytes are not in the capture: both what they said and where the next ADU begins is unknown. */
  lost(from: Side, at: number): void;
  end(): void;
}

/** Told what a replay itself has to say, beside what the inspection says. */
export interface ReplayNotes {
  /** Looked for the next ADU after something was missing or unreadable, and passed over so many bytes. */
  resynced(from: Side, skipped: number, at: number): void;
  /** An answer to a request that is not in the capture, or was before a message that would have ended the connection. */
  unmatched(at: number): void;
  /** A request that would have waited, because as many as may be were outstanding. */
  heldBack(at: number): void;
}

export interface ReplayParts {
  readonly terms: InspectionTerms;
  /** The limit of outstanding requests; the terms have none, since a capture cannot be held back. */
  readonly outstanding: number;
  /** Makes the inspection that the gateway would have made, telling this sink. */
  readonly inspect: (sink: InspectionSink) => Inspection;
  readonly sink: InspectionSink;
  /** Called with each request before it is handed on, so that what is known then can be asked. */
  readonly preview: (adu: Uint8Array, at: number) => void;
  readonly notes: ReplayNotes;
  readonly isMidstream: boolean;
}

/**
 * The client's bytes go to the inspection as they came, cut behind each ADU; the server's ADUs under the
 * identifiers that the inspection gave their requests. What the inspection ends, an enforcing gateway would
 * have cut; the capture goes on, and so does this, with a new inspection of the same server, so that a
 * violation hides nothing that comes after it.
 */
export function createReplayedConnection(parts: ReplayParts): ReplayedConnection {
  const { notes } = parts;
  const client = directionOf('client', parts);
  const server = directionOf('server', parts);
  /** From then on an answer may be to a request that was not seen. */
  let isIncomplete = parts.isMidstream;
  let identifiers: IdentifierMap | undefined;
  /** Of the inspection before: their answers may still come. */
  let former: IdentifierMap | undefined;
  let inspection: Inspection;
  /** Identifiers of requests handed in and not decided yet. */
  let handed: number[];
  let lastUpstream = 0;
  let closedFor: Reason | undefined;
  let now = 0;
  begin();

  function begin(): void {
    former = identifiers;
    identifiers = createIdentifierMap(parts.terms.profile.limits.requestTimeout);
    handed = [];
    closedFor = undefined;
    inspection = parts.inspect(listening());
  }

  function listening(): InspectionSink {
    const { sink } = parts;
    return {
      toServer: (bytes, length) => {
        lastUpstream = wordAt(bytes, 0);
        const [clientId] = handed;
        if (clientId !== undefined) identifiers?.sent(clientId, lastUpstream, now);
        sink.toServer(bytes, length);
      },
      toClient: (bytes, length, by) => sink.toClient(bytes, length, by),
      decided: (code, unit, outcome, reason, permission) => {
        handed.shift();
        sink.decided(code, unit, outcome, reason, permission);
      },
      refused: (refusal) => sink.refused(refusal),
      quarantined: (refusal) => sink.quarantined(refusal),
      tolerated: (what) => sink.tolerated(what),
      close: (reason, reset) => {
        closedFor = reason;
        sink.close(reason, reset);
      },
    };
  }

  function passTime(at: number): void {
    for (;;) {
      const due = inspection.nextDeadline();
      if (due === undefined || due > at) break;
      now = due;
      inspection.tick(due);
      if (closedFor !== undefined) startAgain();
      else if (inspection.nextDeadline() === due) break;
    }
    now = at;
  }

  function startAgain(): void {
    // After a wrong header nothing says where the next ADU begins, and a new inspection knows no half of one.
    const isUnframed = closedFor === 'malformed-adu' || closedFor === 'partial-timeout';
    if (isUnframed || !client.isBetweenAdus) client.loseStep();
    if (isUnframed || !server.isBetweenAdus) server.loseStep();
    inspection.end();
    begin();
  }

  function fromClient(bytes: Uint8Array): void {
    let start = 0;
    const hand = (end: number): void => {
      inspection.fromClient(bytes.subarray(start, end), now);
      start = end;
      if (closedFor !== undefined) startAgain();
    };
    client.cut(bytes, (adu, end) => {
      if (adu === undefined) return hand(bytes.length);
      parts.preview(adu, now);
      if ((identifiers?.open ?? 0) >= parts.outstanding) notes.heldBack(now);
      handed.push(wordAt(adu, 0));
      hand(end);
    });
    if (start < bytes.length && client.isInStep) hand(bytes.length);
  }

  function fromServer(bytes: Uint8Array): void {
    server.cut(bytes, (adu) => {
      if (adu === undefined) inspection.fromServer(bytes, now);
      else answer(adu);
      if (closedFor !== undefined) startAgain();
    });
  }

  function answer(adu: Uint8Array): void {
    const clientId = wordAt(adu, 0);
    const upstreamId = identifiers?.answered(clientId, now);
    const isOfBefore = upstreamId === undefined && former?.answered(clientId, now) !== undefined;
    if (isOfBefore || (upstreamId === undefined && isIncomplete)) return notes.unmatched(now);
    const translated = Uint8Array.from(adu);
    // One that was never asked keeps an identifier that the inspection has not given to anything.
    putWord(translated, 0, upstreamId ?? (lastUpstream + 0x8000) & 0xffff);
    inspection.fromServer(translated, now);
  }

  return {
    data(from, bytes, at) {
      passTime(at);
      const direction = from === 'client' ? client : server;
      if (!direction.findStep(bytes, at)) return;
      if (from === 'client') fromClient(bytes);
      else fromServer(bytes);
    },
    lost(from, at) {
      passTime(at);
      (from === 'client' ? client : server).loseStep();
      isIncomplete = true;
      startAgain();
    },
    end: () => inspection.end(),
  };
}

function directionOf(from: Side, { terms, isMidstream, notes }: ReplayParts): ReplayedDirection {
  return createReplayedDirection({
    hasLong: terms.tolerances.includes('long-adu'),
    isMidstream,
    resynced: (skipped, at) => notes.resynced(from, skipped, at),
  });
}
