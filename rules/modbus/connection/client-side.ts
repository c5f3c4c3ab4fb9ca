import type { Reason } from '../../reason.ts';
import type { Verdict } from '../../verdict.ts';
import type { DeviceState } from '../device/device-state.ts';
import { writes } from '../message/access.ts';
import { byteAt, FunctionOffset, putBytes, putWord, UnitOffset, wordAt } from '../message/adu.ts';
import { illegalException, type ParseOutcome, parseRequest } from '../message/parse-request.ts';
import { aduLength, copyRequest, createRequest, emitRequest, hasStrayBits } from '../message/request.ts';
import { isAnswered } from '../message/response.ts';
import { has } from '../message/tolerance-set.ts';
import { decide } from '../permission/decide.ts';
import { refuse as refuseFor } from '../permission/refuse.ts';
import { type Asked, asked, askedByHeader } from './asked.ts';
import { type Conversation, evidenceOf, headerOf, NoDetail } from './conversation.ts';
import type { InspectionSink, Refusal } from './effect.ts';
import type { FlowTraffic } from './flow-traffic.ts';
import type { FrameStream } from './frame-stream.ts';
import { MaxAduBytes } from './framer.ts';
import type { Transaction, TransactionTable } from './transaction.ts';

/** What comes from the client: cut, parsed, judged, and forwarded or answered, one request after the other. */
export interface ClientSide {
  /** Goes on with what was handed to the stream, as far as there is room for it. */
  take(now: number): void;
  /** Whether more from the client could be dealt with now. */
  isReading(): boolean;
}

export function createClientSide(
  conversation: Conversation,
  stream: FrameStream,
  traffic: FlowTraffic,
): ClientSide {
  return new FromClient(conversation, stream, traffic);
}

/** Of a class, as `createFrameStream` (frame-stream.ts) is. */
class FromClient implements ClientSide {
  readonly #conversation: Conversation;
  readonly #stream: FrameStream;
  readonly #traffic: FlowTraffic;
  readonly #device: DeviceState;
  readonly #sink: InspectionSink;
  readonly #transactions: TransactionTable;
  readonly #request = createRequest();
  /** What the flow's rate and budgets said to the request that waits for a place; asked once for each. */
  #charged: Reason | 'within' | undefined = undefined;
  #isWaiting = false;

  constructor(conversation: Conversation, stream: FrameStream, traffic: FlowTraffic) {
    this.#conversation = conversation;
    this.#stream = stream;
    this.#traffic = traffic;
    this.#device = conversation.device;
    this.#sink = conversation.sink;
    this.#transactions = conversation.transactions;
  }

  take(now: number): void {
    while (this.#hasRoom()) {
      const found = this.#stream.next();
      if (found === 'need-more') break;
      if (found === 'malformed') {
        this.#closeUnframed(now);
        break;
      }
      if (!this.#onAdu(now)) {
        this.#stream.putBack();
        break;
      }
    }
    this.#stream.keep();
  }

  isReading(): boolean {
    return this.#hasRoom() && !this.#stream.unread();
  }

  #hasRoom(): boolean {
    const { outstanding } = this.#conversation.terms.profile.limits;
    return (
      !this.#conversation.ended &&
      !this.#conversation.ending &&
      this.#transactions.outstanding() < outstanding &&
      // These wait for nobody, so that even one request at a time leaves room for them; still they are remembered.
      this.#transactions.quiet() < Math.max(outstanding, QuietAtLeast) &&
      this.#conversation.waiting() < outstanding
    );
  }

  /** False when it has to wait for a place at its unit. */
  #onAdu(now: number): boolean {
    const { bytes, start, end } = this.#stream;
    const outcome = parseRequest(bytes, start, end, this.#request);
    if (outcome === 'request' ? !this.#judge(now) : !this.#onBroken(outcome, now)) return false;
    this.#charged = undefined;
    // Refused or quiet after all: whoever is behind in the line for a place goes on.
    if (this.#isWaiting) this.#device.stopWaiting(this.#conversation.turn);
    this.#isWaiting = false;
    return true;
  }

  #judge(now: number): boolean {
    const verdict = this.#verdictOn(now);
    const isAudit = this.#conversation.isAudit(now);
    if (verdict.kind === 'refuse' && !isAudit) {
      const { reason, exceptionCode, action, permission } = verdict;
      this.#refuse(reason, exceptionCode, action, permission, now);
      return true;
    }
    const isQuiet = this.#conversation.isSilent(this.#request.unit) || !isAnswered(this.#request);
    if (!isQuiet && !this.#hasPlace(this.#request.unit)) return false;
    const transaction = this.#open(isQuiet, aduLength(this.#request), now);
    transaction.permission = verdict.permission;
    this.#forward(transaction, now);
    if (verdict.kind === 'allow') {
      this.#sink.decided(
        this.#request.functionCode,
        this.#request.unit,
        'allow',
        undefined,
        verdict.permission.index,
      );
    } else {
      this.#pass(verdict.reason, verdict.action, verdict.permission, now);
    }
    return true;
  }

  #verdictOn(now: number): Verdict {
    const { profile } = this.#conversation.terms;
    if (this.#charged === undefined && !this.#traffic.takeRequest(now, profile.limits))
      this.#charged = 'rate-exceeded';
    if (this.#charged !== undefined && this.#charged !== 'within')
      return refuseFor(this.#charged, profile.refusal, undefined);
    const verdict = decide(profile, this.#request, this.#device, now);
    if (verdict.kind === 'refuse') return verdict;
    this.#charged ??= this.#traffic.takeRead(this.#request, now, profile.limits)
      ? 'within'
      : 'read-budget-spent';
    return this.#charged === 'within'
      ? verdict
      : refuseFor(this.#charged, profile.refusal, verdict.permission);
  }

  #hasPlace(unit: number): boolean {
    const { outstandingPerUnit } = this.#conversation.terms.profile.limits;
    this.#isWaiting = !this.#device.takePlace(unit, outstandingPerUnit, this.#conversation.turn);
    // It has not been sent, and is what the client waits for all the same.
    if (this.#isWaiting) this.#identifier();
    return !this.#isWaiting;
  }

  #open(isQuiet: boolean, aduBytes: number, now: number): Transaction {
    const transaction = this.#transactions.open(
      this.#identifier(),
      isQuiet,
      aduBytes,
      now,
      this.#device.moment(),
    );
    transaction.toleratesLate = has(this.#conversation.tolerances, 'late-response');
    return transaction;
  }

  #identifier(): number {
    const clientId = wordAt(this.#stream.bytes, this.#stream.start);
    if (this.#conversation.hasToleratedLate) this.#transactions.markReused(clientId);
    return clientId;
  }

  #forward(transaction: Transaction, now: number): void {
    const length = emitRequest(this.#request, transaction.upstreamId, transaction.adu);
    copyRequest(this.#request, transaction.request, transaction.adu);
    // Before the write is noted: what was known of its place is still what was there before.
    this.#sink.forwarding?.(transaction);
    if (writes(this.#request)) {
      transaction.writing = true;
      this.#device.beginWrite(transaction.request, now, transaction.write);
    }
    if (hasStrayBits(this.#request)) this.#sink.tolerated('coil-padding');
    if (length > MaxAduBytes) this.#sink.tolerated('long-adu');
    this.#sink.toServer(transaction.adu, length);
  }

  /** What breaks a rule of the protocol: never forwarded, unless an audit stage says so by name. */
  #onBroken(outcome: Exclude<ParseOutcome, 'request'>, now: number): boolean {
    const reason = 'malformed-pdu';
    if (this.#conversation.terms.auditMalformed && this.#conversation.isAudit(now))
      return this.#passBroken(now);
    if (outcome === 'malformed') {
      const what = headerOf(this.#stream);
      this.#sink.decided(what.functionCode, what.unit, 'refuse', reason, -1);
      this.#record(what, { at: now, reason, action: 'reset' });
      this.#conversation.close(reason, true);
      return true;
    }
    this.#traffic.takeRequest(now, this.#conversation.terms.profile.limits);
    this.#refuse(reason, illegalException(outcome), 'exception', undefined, now);
    return true;
  }

  #passBroken(now: number): boolean {
    const { bytes, start, end } = this.#stream;
    const unit = byteAt(bytes, start + UnitOffset);
    const isQuiet = this.#conversation.isSilent(unit);
    if (!isQuiet && !this.#hasPlace(unit)) return false;
    const transaction = this.#open(isQuiet, end - start, now);
    transaction.opaque = true;
    transaction.request.unit = unit;
    transaction.request.functionCode = byteAt(bytes, start + FunctionOffset);
    putBytes(transaction.adu, 0, bytes, start, end);
    putWord(transaction.adu, 0, transaction.upstreamId);
    // A server that is less strict may take it for a write, and other flows to it are judged in earnest.
    this.#device.beginUnread(unit, now);
    this.#sink.toServer(transaction.adu, end - start);
    this.#pass('malformed-pdu', 'exception', undefined, now);
    return true;
  }

  #pass(reason: Reason, action: Refusal['action'], permission: Verdict['permission'], now: number): void {
    this.#sink.decided(
      this.#request.functionCode,
      this.#request.unit,
      'would-refuse',
      reason,
      permission?.index ?? -1,
    );
    this.#record(this.#askedNow(), { at: now, reason, action, permission, audit: true });
  }

  #refuse(
    reason: Reason,
    exceptionCode: number,
    action: Refusal['action'],
    permission: Verdict['permission'],
    now: number,
  ): void {
    const { unit, functionCode } = this.#request;
    const transactionId = this.#identifier();
    // Nobody answers a broadcast, and an answer nobody expects would be taken for another one's.
    const said =
      action === 'drop' || action === 'reset' || this.#conversation.isSilent(unit) ? 0 : exceptionCode;
    const shown = action === 'exception' && said === 0 ? 'drop' : action;
    this.#sink.decided(functionCode, unit, 'refuse', reason, permission?.index ?? -1);
    this.#record(this.#askedNow(), { at: now, reason, exceptionCode: said, action: shown, permission });
    if (shown === 'reset') this.#conversation.close(reason, true);
    else if (shown !== 'drop') {
      const closes = shown === 'exception-close' ? reason : undefined;
      this.#conversation.answer({ transactionId, unit, functionCode, exceptionCode: said, closes }, now);
    }
  }

  #askedNow(): Asked {
    return asked(this.#request, this.#conversation.terms.profile, this.#device);
  }

  #record(what: Asked, why: Pick<Refusal, 'at' | 'reason' | 'action'> & Partial<Refusal>): void {
    const transactionId = wordAt(this.#stream.bytes, this.#stream.start);
    this.#sink.refused({
      ...what,
      ...NoDetail,
      ...evidenceOf(this.#stream),
      from: 'client',
      transactionId,
      ...why,
    });
  }

  #closeUnframed(now: number): void {
    const reason = 'malformed-adu';
    this.#record(askedByHeader(0, 0), { at: now, transactionId: 0, reason, action: 'reset' });
    this.#conversation.close(reason, true);
  }
}

/** Requests without an answer that may be on their way, whatever the limit for those with one. */
const QuietAtLeast = 16;
