import type { Reason } from '../../reason.ts';
import { addToMinute, createMinuteWindow, minuteSum } from '../device/minute-window.ts';
import { putBytes, putWord, wordAt } from '../message/adu.ts';
import { ExceptionBit } from '../message/function-code.ts';
import { parseRequest } from '../message/parse-request.ts';
import { createRequest } from '../message/request.ts';
import {
  answersStrayBits,
  emitResponse,
  mayAnswerLikeIt,
  parseResponse,
  type Response,
  type ResponseOutcome,
} from '../message/response.ts';
import { has, Strict } from '../message/tolerance-set.ts';
import { exceptionFor } from '../permission/refuse.ts';
import { Tolerances } from '../profile.ts';
import { type Asked, asked, askedByHeader } from './asked.ts';
import { type Conversation, evidenceOf, headerOf, NoDetail } from './conversation.ts';
import type { Refusal } from './effect.ts';
import type { FrameStream } from './frame-stream.ts';
import { MaxAduBytes } from './framer.ts';
import type { Transaction } from './transaction.ts';

/** What comes from the server: cut, held against the request it answers, and handed on or put aside. */
export interface ServerSide {
  take(now: number): void;
  /** Ends the waiting for requests that the server has not answered in time. */
  expire(now: number): void;
}

/**
 * So many responses to nothing, the second one to a request among them, are put aside in a minute before the
 * connection is ended. Late ones are not counted: there are never more of them than requests.
 */
export const UnsolicitedPerMinute = 60;

/** `response` is filled again for each ADU. */
export function createServerSide(
  conversation: Conversation,
  stream: FrameStream,
  response: Response,
): ServerSide {
  const { device, sink, transactions } = conversation;
  const unsolicited = createMinuteWindow(Number.NEGATIVE_INFINITY);
  const notAsked = createRequest();
  let out = new Uint8Array(MaxAduBytes);

  function take(now: number): void {
    while (!conversation.ended) {
      const found = stream.next();
      if (found === 'need-more') break;
      if (found === 'malformed') refuse(askedByHeader(0, 0), 0, 'malformed-adu', undefined, now);
      else onAdu(now);
    }
    stream.keep();
  }

  function onAdu(now: number): void {
    const transaction = transactions.find(wordAt(stream.bytes, stream.start));
    if (transaction === undefined) onUnknown(now);
    else if (transaction.state === 'answered') onUnsolicited(askedIn(transaction), transaction.clientId, now);
    else if (transaction.opaque) passOpaque(transaction, now);
    else onAnswer(transaction, now);
  }

  function onAnswer(transaction: Transaction, now: number): void {
    const { bytes, start, end } = stream;
    const { request, clientId, permission } = transaction;
    const outcome = parseResponse(bytes, start, end, request, conversation.tolerances, response);
    const isLate = finish(transaction);
    if (!isLate) conclude(transaction, outcome);
    conversation.settle(transaction, outcome, response);
    if (outcome === 'mismatch') {
      refuse(askedIn(transaction), clientId, 'response-mismatch', permission, now);
    } else if (isLate && !mayBeLate(transaction)) {
      putAside(askedIn(transaction), clientId, 'response-late', now);
    } else if (outcome !== 'exception' || mayExcept(transaction, now)) {
      tellTolerated(transaction, isLate);
      reserve(end - start);
      sink.toClient(out, emitResponse(response, request, clientId, out), 'server');
    }
    conversation.release(now);
  }

  /** A late one was concluded when its time was over. */
  function conclude(transaction: Transaction, outcome: ResponseOutcome | undefined): void {
    if (transaction.opaque) return;
    const code = outcome === 'exception' ? response.exceptionCode : 0;
    sink.concluded?.(transaction, outcome === 'mismatch' ? undefined : outcome, code);
  }

  function mayExcept({ request, clientId }: Transaction, now: number): boolean {
    return conversation.countException(clientId, request.unit, request.functionCode, now);
  }

  /** What answers bytes that nobody could read can be checked by its identifier alone. */
  function passOpaque(transaction: Transaction, now: number): void {
    const { bytes, start, end } = stream;
    const isLate = finish(transaction);
    conversation.settle(transaction, undefined, response);
    if (isLate) return putAside(askedIn(transaction), transaction.clientId, 'response-late', now);
    reserve(end - start);
    putBytes(out, 0, bytes, start, end);
    putWord(out, 0, transaction.clientId);
    sink.toClient(out, end - start, 'server');
    conversation.release(now);
  }

  /** Whether it was late. */
  function finish(transaction: Transaction): boolean {
    const { state } = transaction;
    transactions.finish(transaction);
    if (state === 'awaited') device.freePlace(transaction.request.unit);
    return state === 'late';
  }

  function mayBeLate({ toleratesLate, reused, quiet }: Transaction): boolean {
    return toleratesLate && !reused && !quiet;
  }

  function tellTolerated({ request }: Transaction, isLate: boolean): void {
    if (isLate) sink.tolerated('late-response');
    if (stream.end - stream.start > MaxAduBytes) sink.tolerated('long-adu');
    if (answersStrayBits(response, request)) sink.tolerated('coil-padding');
    if (response.tolerated === Strict) return;
    for (const name of Tolerances) if (has(response.tolerated, name)) sink.tolerated(name);
  }

  function onUnknown(now: number): void {
    const { bytes, start, end } = stream;
    const transactionId = wordAt(bytes, start);
    const isRequest = parseRequest(bytes, start, end, notAsked) === 'request';
    // An echo that comes long after its request has been forgotten is no question.
    if (isRequest && !(transactions.wasUsed(transactionId) && mayAnswerLikeIt(notAsked))) {
      return refuse(askedNow(notAsked), transactionId, 'server-asks', undefined, now);
    }
    onUnsolicited(headerOf(stream), transactionId, now);
  }

  function onUnsolicited(what: Asked, transactionId: number, now: number): void {
    const reason = 'response-unsolicited';
    addToMinute(unsolicited, now, 1);
    if (minuteSum(unsolicited, now) <= UnsolicitedPerMinute) putAside(what, transactionId, reason, now);
    else refuse(what, transactionId, reason, undefined, now);
  }

  function putAside(what: Asked, transactionId: number, reason: Reason, now: number): void {
    sink.quarantined(recordOf(what, transactionId, { at: now, reason, action: 'drop' }));
  }

  /** Recorded, and the end of the connection: what such a server sends next means nothing either. */
  function refuse(
    what: Asked,
    transactionId: number,
    reason: Reason,
    permission: Refusal['permission'],
    now: number,
  ): void {
    sink.refused(recordOf(what, transactionId, { at: now, reason, action: 'reset', permission }));
    conversation.close(reason, true);
  }

  function recordOf(
    what: Asked,
    transactionId: number,
    why: Pick<Refusal, 'at' | 'reason' | 'action'> & Partial<Refusal>,
  ): Refusal {
    return { ...what, ...NoDetail, ...evidenceOf(stream), from: 'server', transactionId, ...why };
  }

  function askedIn({ request, opaque }: Transaction): Asked {
    return opaque ? askedByHeader(request.unit, request.functionCode) : askedNow(request);
  }

  function askedNow(request: Transaction['request']): Asked {
    return asked(request, conversation.terms.profile, device);
  }

  function expire(now: number): void {
    const { requestTimeout } = conversation.terms.profile.limits;
    for (;;) {
      const transaction = transactions.nextExpired(now, requestTimeout);
      if (transaction === undefined) break;
      conclude(transaction, undefined);
      if (!transaction.quiet) onTimeout(transaction, now);
      // In between, or the next exception would overtake one that waits behind this request.
      conversation.release(now);
      if (conversation.ended) return;
    }
    for (;;) {
      const transaction = transactions.nextLapsed(now, requestTimeout);
      if (transaction === undefined) break;
      conversation.settle(transaction, undefined, response);
    }
  }

  function onTimeout(transaction: Transaction, now: number): void {
    const { request, clientId, permission } = transaction;
    device.freePlace(request.unit);
    // Restart Communications stays without answer where the server was in Listen Only Mode (MAP V1.1b3 §6.8.1).
    if (request.functionCode === 8 && request.subFunction === 1) return;
    const reason = 'request-timeout';
    // Where the answer may still come, it is the answer: two would set a client off that counts them. Where the
    // client has used the identifier again, an exception would pass for the answer to that request.
    const isSilent = transaction.toleratesLate;
    const exceptionCode = isSilent ? 0 : exceptionFor(reason);
    const action = isSilent ? 'drop' : 'exception';
    const why = { at: now, from: 'server', transactionId: clientId, reason, permission } as const;
    sink.refused({ ...askedIn(transaction), ...NoDetail, ...why, exceptionCode, action });
    if (isSilent) return;
    const code = request.functionCode & ~ExceptionBit;
    conversation.sendException(clientId, request.unit, code, exceptionCode, now);
  }

  function reserve(aduBytes: number): void {
    if (aduBytes > out.length) out = new Uint8Array(aduBytes);
  }

  return { take, expire };
}
