import type { Reason } from '../../reason.ts';
import { askedByHeader } from '../connection/asked.ts';
import { NoDetail } from '../connection/conversation.ts';
import { type InspectionSink, type Outcome, type Refusal, RefusalBytes } from '../connection/effect.ts';
import { createInspection, type Inspection, type InspectionParts } from '../connection/inspection.ts';
import { byteAt, FunctionOffset, wordAt } from '../message/adu.ts';
import { awaitsAnswer, MaxMbapBytes, MaxRtuBytes, TurnaroundDelay, toMbap, toRtu } from './rtu.ts';
import { rtuRequestBytes, rtuResponseBytes } from './rtu-length.ts';
import { createRtuStream, type RtuStream } from './rtu-stream.ts';

/**
 * One connection whose both ends speak Modbus RTU over TCP. The same inspection as of any other sees each
 * frame under an MBAP header; in and out of here go RTU frames. RTU has no identifiers, so what belongs
 * together is told by order alone, and everything that would leave the order in doubt ends the connection:
 * a wrong frame, bytes nobody asked for, and a request not answered in time, whose answer, still on its way,
 * would pass for the next one's. One request is under way at a time (V1.02 §2.1).
 */
export function createRtuInspection(parts: InspectionParts): Inspection {
  const { sink, device } = parts;
  const mbap = new Uint8Array(MaxMbapBytes);
  const rtu = new Uint8Array(MaxRtuBytes);
  let state: 'reading' | 'judging' | 'awaiting' | 'resting' | 'ended' = 'reading';
  let transactionId = 0;
  /** Of the request under way: the identifier it has upstream, and what tells its answer's length. */
  let upstreamId = 0;
  let askedFunction = 0;
  let askedBytes = 0;
  let askedAt = 0;
  let { terms } = parts;
  let now = 0;
  const requests = createRtuStream(rtuRequestBytes);
  const responses = createRtuStream((bytes, start, end) =>
    rtuResponseBytes(bytes, start, end, askedFunction, askedBytes),
  );
  const inner = createInspection({ ...parts, sink: translating() });

  function during(moment: number, work: () => void): void {
    if (state === 'ended') return;
    now = moment;
    work();
    proceed();
  }

  function ownDeadline(): number {
    if (state === 'awaiting') return askedAt + terms.profile.limits.requestTimeout;
    if (state === 'resting') return askedAt + TurnaroundDelay;
    return state === 'reading' ? requests.deadline() : NoDeadline;
  }

  /** One request after the other, as long as nothing has to be waited for. */
  function proceed(): void {
    while (state === 'reading') {
      const found = requests.next(now);
      if (found === 'need-more') return;
      if (found === 'malformed') return refuse('client', requests, 'malformed-adu');
      transactionId = (transactionId + 1) & 0xffff;
      state = 'judging';
      inner.fromClient(underHeader(requests, transactionId), now);
    }
  }

  function receive(): void {
    while (state !== 'ended' && responses.unread > 0) {
      if (state !== 'awaiting') {
        responses.stop();
        return refuse('server', responses, 'response-unsolicited');
      }
      const found = responses.next(now);
      if (found === 'need-more') return;
      if (found === 'malformed') return refuse('server', responses, 'malformed-adu');
      inner.fromServer(underHeader(responses, upstreamId), now);
    }
  }

  function underHeader({ bytes, start, end }: RtuStream, identifier: number): Uint8Array {
    return mbap.subarray(0, toMbap(bytes, start, end, identifier, mbap));
  }

  function translating(): InspectionSink {
    return {
      toServer: (bytes, length) => {
        upstreamId = wordAt(bytes, 0);
        askedFunction = byteAt(bytes, FunctionOffset);
        askedBytes = toRtu(bytes, length, rtu);
        askedAt = now;
        state = awaitsAnswer(bytes, device.kind) ? 'awaiting' : 'resting';
        sink.toServer(rtu, askedBytes);
      },
      toClient: (bytes, length, by) => {
        if (by === 'server') state = 'reading';
        sink.toClient(rtu, toRtu(bytes, length, rtu), by);
      },
      decided: (functionCode, unit, outcome: Outcome, reason, permission) => {
        if (outcome === 'refuse') state = 'reading';
        sink.decided(functionCode, unit, outcome, reason, permission);
      },
      refused: (refusal) => sink.refused(refusal),
      quarantined: (refusal) => sink.quarantined(refusal),
      tolerated: (what) => sink.tolerated(what),
      forwarding: (sent) => sink.forwarding?.(sent),
      concluded: (sent, answer, exceptionCode) => sink.concluded?.(sent, answer, exceptionCode),
      close: (reason, reset) => {
        state = 'ended';
        sink.close(reason, reset);
      },
    };
  }

  function refuse(from: Refusal['from'], { bytes, start, end, offset }: RtuStream, reason: Reason): void {
    const what = askedByHeader(byteAt(bytes, start), byteAt(bytes, start + 1));
    const evidence = { bytes: bytes.slice(start, Math.min(end, start + RefusalBytes)), offset };
    const why = { at: now, from, transactionId: 0, reason, action: 'reset' } as const;
    sink.refused({ ...what, ...NoDetail, ...why, ...evidence });
    finish(reason, true);
  }

  function finish(reason: Reason, reset: boolean): void {
    state = 'ended';
    inner.end();
    sink.close(reason, reset);
  }

  return {
    fromClient: (bytes, at) =>
      during(at, () => {
        requests.push(bytes);
      }),
    fromServer: (bytes, at) =>
      during(at, () => {
        responses.push(bytes);
        receive();
      }),
    resume: (at) => during(at, () => inner.resume(at)),
    tick: (at) =>
      during(at, () => {
        inner.tick(at);
        if (at < ownDeadline()) return;
        if (state === 'awaiting') finish('request-timeout', false);
        else if (state === 'resting') state = 'reading';
        else finish('partial-timeout', true);
      }),
    nextDeadline: () => {
      if (state === 'ended') return undefined;
      const next = Math.min(ownDeadline(), inner.nextDeadline() ?? NoDeadline);
      return next === NoDeadline ? undefined : next;
    },
    readingClient: () => state === 'reading' && inner.readingClient(),
    adopt: (next, at) =>
      during(at, () => {
        terms = next;
        inner.adopt(next, at);
      }),
    end: () => {
      state = 'ended';
      inner.end();
    },
  };
}

const NoDeadline = Number.POSITIVE_INFINITY;
