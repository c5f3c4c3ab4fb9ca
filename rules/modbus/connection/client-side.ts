import type { Reason } from '../../reason.ts';
import type { Verdict } from '../../verdict.ts';
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
import type { Refusal } from './effect.ts';
import type { FlowTraffic } from './flow-traffic.ts';
import type { FrameStream } from './frame-stream.ts';
import { MaxAduBytes } from './framer.ts';
import type { Transaction } from './transaction.ts';

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
  const { device, sink, transactions } = conversation;
  const request = createRequest();
  /** What the flow's rate and budgets said to the request that waits for a place; asked once for each. */
  let charged: Reason | 'within' | undefined;
  let isWaiting = false;

  function take(now: number): void {
    while (hasRoom()) {
      const found = stream.next();
      if (found === 'need-more') break;
      if (found === 'malformed') {
        closeUnframed(now);
        break;
      }
      if (!onAdu(now)) {
        stream.putBack();
        break;
      }
    }
    stream.keep();
  }

  function hasRoom(): boolean {
    const { outstanding } = conversation.terms.profile.limits;
    return (
      !conversation.ended &&
      !conversation.ending &&
      transactions.outstanding() < outstanding &&
      // These wait for nobody, so that even one request at a time leaves room for them; still they are remembered.
      transactions.quiet() < Math.max(outstanding, QuietAtLeast) &&
      conversation.waiting() < outstanding
    );
  }

  /** False when it has to wait for a place at its unit. */
  function onAdu(now: number): boolean {
    const { bytes, start, end } = stream;
    const outcome = parseRequest(bytes, start, end, request);
    if (outcome === 'request' ? !judge(now) : !onBroken(outcome, now)) return false;
    charged = undefined;
    // Refused or quiet after all: whoever is behind in the line for a place goes on.
    if (isWaiting) device.stopWaiting(conversation.turn);
    isWaiting = false;
    return true;
  }

  function judge(now: number): boolean {
    const verdict = verdictOn(now);
    const isAudit = conversation.isAudit(now);
    if (verdict.kind === 'refuse' && !isAudit) {
      const { reason, exceptionCode, action, permission } = verdict;
      refuse(reason, exceptionCode, action, permission, now);
      return true;
    }
    const isQuiet = conversation.isSilent(request.unit) || !isAnswered(request);
    if (!isQuiet && !hasPlace(request.unit)) return false;
    const transaction = open(isQuiet, aduLength(request), now);
    transaction.permission = verdict.permission;
    forward(transaction, now);
    if (verdict.kind === 'allow') {
      sink.decided(request.functionCode, request.unit, 'allow', undefined, verdict.permission.index);
    } else {
      pass(verdict.reason, verdict.action, verdict.permission, now);
    }
    return true;
  }

  function verdictOn(now: number): Verdict {
    const { profile } = conversation.terms;
    if (charged === undefined && !traffic.takeRequest(now, profile.limits)) charged = 'rate-exceeded';
    if (charged !== undefined && charged !== 'within') return refuseFor(charged, profile.refusal, undefined);
    const verdict = decide(profile, request, device, now);
    if (verdict.kind === 'refuse') return verdict;
    charged ??= traffic.takeRead(request, now, profile.limits) ? 'within' : 'read-budget-spent';
    return charged === 'within' ? verdict : refuseFor(charged, profile.refusal, verdict.permission);
  }

  function hasPlace(unit: number): boolean {
    const { outstandingPerUnit } = conversation.terms.profile.limits;
    isWaiting = !device.takePlace(unit, outstandingPerUnit, conversation.turn);
    // It has not been sent, and is what the client waits for all the same.
    if (isWaiting) identifier();
    return !isWaiting;
  }

  function open(isQuiet: boolean, aduBytes: number, now: number): Transaction {
    const transaction = transactions.open(identifier(), isQuiet, aduBytes, now, device.moment());
    transaction.toleratesLate = has(conversation.tolerances, 'late-response');
    return transaction;
  }

  function identifier(): number {
    const clientId = wordAt(stream.bytes, stream.start);
    if (conversation.hasToleratedLate) transactions.markReused(clientId);
    return clientId;
  }

  function forward(transaction: Transaction, now: number): void {
    const length = emitRequest(request, transaction.upstreamId, transaction.adu);
    copyRequest(request, transaction.request, transaction.adu);
    // Before the write is noted: what was known of its place is still what was there before.
    sink.forwarding?.(transaction);
    if (writes(request)) {
      transaction.writing = true;
      device.beginWrite(transaction.request, now, transaction.write);
    }
    if (hasStrayBits(request)) sink.tolerated('coil-padding');
    if (length > MaxAduBytes) sink.tolerated('long-adu');
    sink.toServer(transaction.adu, length);
  }

  /** What breaks a rule of the protocol: never forwarded, unless an audit stage says so by name. */
  function onBroken(outcome: Exclude<ParseOutcome, 'request'>, now: number): boolean {
    const reason = 'malformed-pdu';
    if (conversation.terms.auditMalformed && conversation.isAudit(now)) return passBroken(now);
    if (outcome === 'malformed') {
      const what = headerOf(stream);
      sink.decided(what.functionCode, what.unit, 'refuse', reason, -1);
      record(what, { at: now, reason, action: 'reset' });
      conversation.close(reason, true);
      return true;
    }
    traffic.takeRequest(now, conversation.terms.profile.limits);
    refuse(reason, illegalException(outcome), 'exception', undefined, now);
    return true;
  }

  function passBroken(now: number): boolean {
    const { bytes, start, end } = stream;
    const unit = byteAt(bytes, start + UnitOffset);
    const isQuiet = conversation.isSilent(unit);
    if (!isQuiet && !hasPlace(unit)) return false;
    const transaction = open(isQuiet, end - start, now);
    transaction.opaque = true;
    transaction.request.unit = unit;
    transaction.request.functionCode = byteAt(bytes, start + FunctionOffset);
    putBytes(transaction.adu, 0, bytes, start, end);
    putWord(transaction.adu, 0, transaction.upstreamId);
    // A server that is less strict may take it for a write, and other flows to it are judged in earnest.
    device.beginUnread(unit, now);
    sink.toServer(transaction.adu, end - start);
    pass('malformed-pdu', 'exception', undefined, now);
    return true;
  }

  function pass(
    reason: Reason,
    action: Refusal['action'],
    permission: Verdict['permission'],
    now: number,
  ): void {
    sink.decided(request.functionCode, request.unit, 'would-refuse', reason, permission?.index ?? -1);
    record(askedNow(), { at: now, reason, action, permission, audit: true });
  }

  function refuse(
    reason: Reason,
    exceptionCode: number,
    action: Refusal['action'],
    permission: Verdict['permission'],
    now: number,
  ): void {
    const { unit, functionCode } = request;
    const transactionId = identifier();
    // Nobody answers a broadcast, and an answer nobody expects would be taken for another one's.
    const said = action === 'drop' || action === 'reset' || conversation.isSilent(unit) ? 0 : exceptionCode;
    const shown = action === 'exception' && said === 0 ? 'drop' : action;
    sink.decided(functionCode, unit, 'refuse', reason, permission?.index ?? -1);
    record(askedNow(), { at: now, reason, exceptionCode: said, action: shown, permission });
    if (shown === 'reset') conversation.close(reason, true);
    else if (shown !== 'drop') {
      const closes = shown === 'exception-close' ? reason : undefined;
      conversation.answer({ transactionId, unit, functionCode, exceptionCode: said, closes }, now);
    }
  }

  function askedNow(): Asked {
    return asked(request, conversation.terms.profile, device);
  }

  function record(what: Asked, why: Pick<Refusal, 'at' | 'reason' | 'action'> & Partial<Refusal>): void {
    const transactionId = wordAt(stream.bytes, stream.start);
    sink.refused({ ...what, ...NoDetail, ...evidenceOf(stream), from: 'client', transactionId, ...why });
  }

  function closeUnframed(now: number): void {
    const reason = 'malformed-adu';
    record(askedByHeader(0, 0), { at: now, transactionId: 0, reason, action: 'reset' });
    conversation.close(reason, true);
  }

  return {
    take,
    isReading: () => hasRoom() && !stream.unread(),
  };
}

/** Requests without an answer that may be on their way, whatever the limit for those with one. */
const QuietAtLeast = 16;
