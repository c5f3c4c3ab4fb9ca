import type { Reason } from '../../reason.ts';
import type { DeviceState } from '../device/device-state.ts';
import { addToMinute, createMinuteWindow, type MinuteWindow, minuteSum } from '../device/minute-window.ts';
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
import type { InspectionSink, Refusal } from './effect.ts';
import type { FrameStream } from './frame-stream.ts';
import { MaxAduBytes } from './framer.ts';
import type { Transaction, TransactionTable } from './transaction.ts';

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
  return new FromServer(conversation, stream, response);
}

/** Of a class, as `createFrameStream` (frame-stream.ts) is. */
class FromServer implements ServerSide {
  readonly #conversation: Conversation;
  readonly #stream: FrameStream;
  readonly #response: Response;
  readonly #device: DeviceState;
  readonly #sink: InspectionSink;
  readonly #transactions: TransactionTable;
  /** These are made when they are needed first. */
  #unsolicited: MinuteWindow | undefined = undefined;
  #out: Uint8Array = Empty;

  constructor(conversation: Conversation, stream: FrameStream, response: Response) {
    this.#conversation = conversation;
    this.#stream = stream;
    this.#response = response;
    this.#device = conversation.device;
    this.#sink = conversation.sink;
    this.#transactions = conversation.transactions;
  }

  take(now: number): void {
    while (!this.#conversation.ended) {
      const found = this.#stream.next();
      if (found === 'need-more') break;
      if (found === 'malformed') this.#refuse(askedByHeader(0, 0), 0, 'malformed-adu', undefined, now);
      else this.#onAdu(now);
    }
    this.#stream.keep();
  }

  expire(now: number): void {
    const { requestTimeout } = this.#conversation.terms.profile.limits;
    for (;;) {
      const transaction = this.#transactions.nextExpired(now, requestTimeout);
      if (transaction === undefined) break;
      this.#conclude(transaction, undefined);
      if (!transaction.quiet) this.#onTimeout(transaction, now);
      // In between, or the next exception would overtake one that waits behind this request.
      this.#conversation.release(now);
      if (this.#conversation.ended) return;
    }
    for (;;) {
      const transaction = this.#transactions.nextLapsed(now, requestTimeout);
      if (transaction === undefined) break;
      this.#conversation.settle(transaction, undefined, this.#response);
    }
  }

  #onAdu(now: number): void {
    const transaction = this.#transactions.find(wordAt(this.#stream.bytes, this.#stream.start));
    if (transaction === undefined) this.#onUnknown(now);
    else if (transaction.state === 'answered')
      this.#onUnsolicited(this.#askedIn(transaction), transaction.clientId, now);
    else if (transaction.opaque) this.#passOpaque(transaction, now);
    else this.#onAnswer(transaction, now);
  }

  #onAnswer(transaction: Transaction, now: number): void {
    const { bytes, start, end } = this.#stream;
    const { request, clientId, permission } = transaction;
    const outcome = parseResponse(bytes, start, end, request, this.#conversation.tolerances, this.#response);
    const isLate = this.#finish(transaction);
    if (!isLate) this.#conclude(transaction, outcome);
    this.#conversation.settle(transaction, outcome, this.#response);
    if (outcome === 'mismatch') {
      this.#refuse(this.#askedIn(transaction), clientId, 'response-mismatch', permission, now);
    } else if (isLate && !this.#mayBeLate(transaction)) {
      this.#putAside(this.#askedIn(transaction), clientId, 'response-late', now);
    } else if (outcome !== 'exception' || this.#mayExcept(transaction, now)) {
      this.#tellTolerated(transaction, isLate);
      this.#reserve(end - start);
      this.#sink.toClient(this.#out, emitResponse(this.#response, request, clientId, this.#out), 'server');
    }
    this.#conversation.release(now);
  }

  /** A late one was concluded when its time was over. */
  #conclude(transaction: Transaction, outcome: ResponseOutcome | undefined): void {
    if (transaction.opaque) return;
    const code = outcome === 'exception' ? this.#response.exceptionCode : 0;
    this.#sink.concluded?.(transaction, outcome === 'mismatch' ? undefined : outcome, code);
  }

  #mayExcept({ request, clientId }: Transaction, now: number): boolean {
    return this.#conversation.countException(clientId, request.unit, request.functionCode, now);
  }

  /** What answers bytes that nobody could read can be checked by its identifier alone. */
  #passOpaque(transaction: Transaction, now: number): void {
    const { bytes, start, end } = this.#stream;
    const isLate = this.#finish(transaction);
    this.#conversation.settle(transaction, undefined, this.#response);
    if (isLate) return this.#putAside(this.#askedIn(transaction), transaction.clientId, 'response-late', now);
    this.#reserve(end - start);
    putBytes(this.#out, 0, bytes, start, end);
    putWord(this.#out, 0, transaction.clientId);
    this.#sink.toClient(this.#out, end - start, 'server');
    this.#conversation.release(now);
  }

  /** Whether it was late. */
  #finish(transaction: Transaction): boolean {
    const { state } = transaction;
    this.#transactions.finish(transaction);
    if (state === 'awaited') this.#device.freePlace(transaction.request.unit);
    return state === 'late';
  }

  #mayBeLate({ toleratesLate, reused, quiet }: Transaction): boolean {
    return toleratesLate && !reused && !quiet;
  }

  #tellTolerated({ request }: Transaction, isLate: boolean): void {
    if (isLate) this.#sink.tolerated('late-response');
    if (this.#stream.end - this.#stream.start > MaxAduBytes) this.#sink.tolerated('long-adu');
    if (answersStrayBits(this.#response, request)) this.#sink.tolerated('coil-padding');
    if (this.#response.tolerated === Strict) return;
    for (const name of Tolerances) if (has(this.#response.tolerated, name)) this.#sink.tolerated(name);
  }

  #onUnknown(now: number): void {
    const { bytes, start, end } = this.#stream;
    const transactionId = wordAt(bytes, start);
    const notAsked = createRequest();
    const isRequest = parseRequest(bytes, start, end, notAsked) === 'request';
    // An echo that comes long after its request has been forgotten is no question.
    if (isRequest && !(this.#transactions.wasUsed(transactionId) && mayAnswerLikeIt(notAsked))) {
      return this.#refuse(this.#askedNow(notAsked), transactionId, 'server-asks', undefined, now);
    }
    this.#onUnsolicited(headerOf(this.#stream), transactionId, now);
  }

  #onUnsolicited(what: Asked, transactionId: number, now: number): void {
    const reason = 'response-unsolicited';
    this.#unsolicited ??= createMinuteWindow(Number.NEGATIVE_INFINITY);
    addToMinute(this.#unsolicited, now, 1);
    if (minuteSum(this.#unsolicited, now) <= UnsolicitedPerMinute)
      this.#putAside(what, transactionId, reason, now);
    else this.#refuse(what, transactionId, reason, undefined, now);
  }

  #putAside(what: Asked, transactionId: number, reason: Reason, now: number): void {
    this.#sink.quarantined(this.#recordOf(what, transactionId, { at: now, reason, action: 'drop' }));
  }

  /** Recorded, and the end of the connection: what such a server sends next means nothing either. */
  #refuse(
    what: Asked,
    transactionId: number,
    reason: Reason,
    permission: Refusal['permission'],
    now: number,
  ): void {
    this.#sink.refused(this.#recordOf(what, transactionId, { at: now, reason, action: 'reset', permission }));
    this.#conversation.close(reason, true);
  }

  #recordOf(
    what: Asked,
    transactionId: number,
    why: Pick<Refusal, 'at' | 'reason' | 'action'> & Partial<Refusal>,
  ): Refusal {
    return { ...what, ...NoDetail, ...evidenceOf(this.#stream), from: 'server', transactionId, ...why };
  }

  #askedIn({ request, opaque }: Transaction): Asked {
    return opaque ? askedByHeader(request.unit, request.functionCode) : this.#askedNow(request);
  }

  #askedNow(request: Transaction['request']): Asked {
    return asked(request, this.#conversation.terms.profile, this.#device);
  }

  #onTimeout(transaction: Transaction, now: number): void {
    const { request, clientId, permission } = transaction;
    this.#device.freePlace(request.unit);
    // Restart Communications stays without answer where the server was in Listen Only Mode (MAP V1.1b3 §6.8.1).
    if (request.functionCode === 8 && request.subFunction === 1) return;
    const reason = 'request-timeout';
    // Where the answer may still come, it is the answer: two would set a client off that counts them. Where the
    // client has used the identifier again, an exception would pass for the answer to that request.
    const isSilent = transaction.toleratesLate;
    const exceptionCode = isSilent ? 0 : exceptionFor(reason);
    const action = isSilent ? 'drop' : 'exception';
    const why = { at: now, from: 'server', transactionId: clientId, reason, permission } as const;
    this.#sink.refused({ ...this.#askedIn(transaction), ...NoDetail, ...why, exceptionCode, action });
    if (isSilent) return;
    const code = request.functionCode & ~ExceptionBit;
    this.#conversation.sendException(clientId, request.unit, code, exceptionCode, now);
  }

  #reserve(aduBytes: number): void {
    if (aduBytes > this.#out.length) this.#out = new Uint8Array(Math.max(aduBytes, MaxAduBytes));
  }
}

const Empty = new Uint8Array(0);
