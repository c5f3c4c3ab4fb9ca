import type { Reason } from '../../reason.ts';
import type { DeviceState } from '../device/device-state.ts';
import { addToMinute, createMinuteWindow, minuteSum } from '../device/minute-window.ts';
import type { SentWrite } from '../device/sent-write.ts';
import { BroadcastUnit } from '../message/access.ts';
import { byteAt, DataOffset, FunctionOffset, UnitOffset } from '../message/adu.ts';
import { ExceptionCode, provesUnchanged } from '../message/exception-code.ts';
import { EncapsulatedTransport, isOpaque } from '../message/function-code.ts';
import { emitException, type Response, type ResponseOutcome } from '../message/response.ts';
import { has, type ToleranceSet, toleranceSet } from '../message/tolerance-set.ts';
import type { ModbusProfile, Tolerance } from '../profile.ts';
import { createAnswerQueue, type OwnAnswer } from './answer-queue.ts';
import { type Asked, askedByHeader } from './asked.ts';
import { type InspectionSink, type Refusal, RefusalBytes } from './effect.ts';
import type { FrameStream } from './frame-stream.ts';
import { LongestAduBytes, MaxAduBytes } from './framer.ts';
import { createTransactionTable, type Transaction, type TransactionTable } from './transaction.ts';

/** What one connection is inspected under. */
export interface InspectionTerms {
  readonly profile: ModbusProfile;
  readonly tolerances: readonly Tolerance[];
  /** Audit stage: until this moment, on the clock of `now`, policy refusals pass; 0 is never. */
  readonly auditUntil: number;
  /** In the audit stage, well-framed ADUs that break a rule of the protocol pass as well, as they came. */
  readonly auditMalformed: boolean;
}

/** What both directions of one connection share: its terms, its open transactions, and its end. */
export interface Conversation {
  readonly terms: InspectionTerms;
  readonly tolerances: ToleranceSet;
  /** Whether late answers are tolerated or ever were: requests of that time may be under way. */
  readonly hasToleratedLate: boolean;
  readonly device: DeviceState;
  readonly sink: InspectionSink;
  /** Tells the carrier that it is the connection's turn to take a place at a unit. Its name in that line. */
  readonly turn: () => void;
  readonly transactions: TransactionTable;
  /** Exceptions of ours that wait behind requests of the client's. */
  waiting(): number;
  readonly ended: boolean;
  /** An end in order waits for the answers in front of it: nothing more is taken from the client. */
  readonly ending: boolean;
  adopt(terms: InspectionTerms, now: number): void;
  isAudit(now: number): boolean;
  /** The largest ADU of a function code under these terms. */
  maxAduBytes(functionCode: number): number;
  /** Whether the server leaves requests to this unit without answer; so do we then. */
  isSilent(unit: number): boolean;
  /** Queues an exception of ours behind all requests sent so far, and sends it if there are none. */
  answer(answer: OwnAnswer, now: number): void;
  /** Sends what waited for a transaction that is over now. */
  release(now: number): void;
  /** Whether one more exception may go to the client; if not, the connection has been ended. */
  countException(transactionId: number, unit: number, functionCode: number, now: number): boolean;
  /** Sends an exception of ours now. */
  sendException(
    transactionId: number,
    unit: number,
    functionCode: number,
    exceptionCode: number,
    now: number,
  ): void;
  /** Tells the device what became of a transaction; `undefined` when nobody will ever know. */
  settle(transaction: Transaction, outcome: ResponseOutcome | undefined, response: Response): void;
  close(reason: Reason, reset: boolean): void;
  end(): void;
}

/** A conversation in which nothing has been said. */
export function createConversation(
  first: InspectionTerms,
  device: DeviceState,
  sink: InspectionSink,
  wake: () => void,
): Conversation {
  const transactions = createTransactionTable();
  const answers = createAnswerQueue();
  const exceptions = createMinuteWindow(Number.NEGATIVE_INFINITY);
  const sizes = new Uint16Array(256);
  const adu = new Uint8Array(DataOffset + 1);

  const conversation = {
    terms: first,
    tolerances: 0 as ToleranceSet,
    hasToleratedLate: false,
    device,
    sink,
    turn: () => wake(),
    transactions,
    waiting: answers.size,
    ended: false,
    ending: false,
    adopt,
    isAudit: (now: number) => now < conversation.terms.auditUntil,
    maxAduBytes: (functionCode: number) => sizes[functionCode] ?? MaxAduBytes,
    isSilent: (unit: number) => unit === BroadcastUnit && device.kind === 'serial-gateway',
    answer,
    release,
    countException,
    sendException,
    settle,
    close,
    end,
  };
  function adopt(terms: InspectionTerms, now: number): void {
    conversation.terms = terms;
    conversation.tolerances = toleranceSet(terms.tolerances);
    conversation.hasToleratedLate ||= has(conversation.tolerances, 'late-response');
    device.watch(terms.profile, now);
    sizes.fill(MaxAduBytes);
    if (!terms.tolerances.includes('long-adu')) return;
    for (const { functions, maxBytes } of terms.profile.permissions) {
      for (const code of functions) {
        if (!isOpaque(code) && code !== EncapsulatedTransport) continue;
        sizes[code] = Math.min(LongestAduBytes, Math.max(sizes[code] ?? 0, maxBytes));
      }
    }
  }

  function answer(one: OwnAnswer, now: number): void {
    if (one.closes !== undefined) conversation.ending = true;
    answers.add(one, transactions.lastSequence());
    release(now);
  }

  function release(now: number): void {
    while (!conversation.ended) {
      const next = answers.next(transactions.oldestSequence());
      if (next === undefined) return;
      const { transactionId, unit, functionCode, exceptionCode, closes } = next;
      if (exceptionCode !== 0) sendException(transactionId, unit, functionCode, exceptionCode, now);
      if (closes !== undefined) close(closes, false);
    }
  }

  function sendException(
    transactionId: number,
    unit: number,
    functionCode: number,
    exceptionCode: number,
    now: number,
  ): void {
    if (!countException(transactionId, unit, functionCode, now)) return;
    const length = emitException(transactionId, unit, functionCode, exceptionCode, adu);
    sink.toClient(adu, length, 'gateway');
  }

  function countException(transactionId: number, unit: number, functionCode: number, now: number): boolean {
    const limit = conversation.terms.profile.limits.exceptionsPerMinute;
    if (limit === 0) return true;
    addToMinute(exceptions, now, 1);
    if (minuteSum(exceptions, now) <= limit) return true;
    const reason = 'too-many-exceptions';
    const audit = conversation.isAudit(now);
    const action = 'reset';
    const what = askedByHeader(unit, functionCode);
    sink.refused({ ...what, ...NoDetail, at: now, from: 'client', transactionId, reason, action, audit });
    if (!audit) close(reason, true);
    return audit;
  }

  function settle(transaction: Transaction, outcome: ResponseOutcome | undefined, response: Response): void {
    const { request, write, sentAt, moment } = transaction;
    if (transaction.opaque) device.endUnread(request.unit, Number.NEGATIVE_INFINITY);
    if (transaction.writing) {
      transaction.writing = false;
      if (outcome === 'exception' && response.exceptionCode === ExceptionCode.Acknowledge) abandon(write);
      else device.endWrite(write, writeOutcome(request.functionCode, outcome, response.exceptionCode));
    }
    if (outcome === 'data' && sentAt !== undefined) {
      device.observe(request, response.bytes, response.dataStart, sentAt, moment);
    }
  }

  /** Who hangs up has not taken a write back, and who acknowledges it (MAP V1.1b3 §7) has yet to carry it out. */
  function abandon(write: SentWrite): void {
    device.abandonWrite(write, write.at + conversation.terms.profile.limits.requestTimeout);
  }

  function close(reason: Reason, reset: boolean): void {
    if (conversation.ended) return;
    // First: whatever the device wakes now must find the connection at its end.
    end();
    sink.close(reason, reset);
  }

  function end(): void {
    conversation.ended = true;
    device.stopWaiting(conversation.turn);
    for (;;) {
      const open = transactions.nextOpen();
      if (open === undefined) return;
      if (open.state !== 'late' && !open.opaque) sink.concluded?.(open, undefined, 0);
      if (open.state === 'awaited') device.freePlace(open.request.unit);
      if (open.writing) abandon(open.write);
      open.writing = false;
      const { requestTimeout } = conversation.terms.profile.limits;
      if (open.opaque) device.endUnread(open.request.unit, (open.sentAt ?? 0) + requestTimeout);
    }
  }

  return conversation;
}

/** The fields of a refusal that most have nothing in. */
export const NoDetail = {
  permission: undefined,
  exceptionCode: 0,
  audit: false,
  bytes: new Uint8Array(0),
  offset: 0,
} as const satisfies Partial<Refusal>;

/** Where an ADU is, for a record: its first bytes and its place in the stream. */
export function evidenceOf({ bytes, start, end, offset }: FrameStream): Pick<Refusal, 'bytes' | 'offset'> {
  return { bytes: bytes.slice(start, Math.min(end, start + RefusalBytes)), offset };
}

/** What can be told of an ADU from its header and function code. */
export function headerOf({ bytes, start }: FrameStream): Asked {
  return askedByHeader(byteAt(bytes, start + UnitOffset), byteAt(bytes, start + FunctionOffset));
}

/**
 * What a response proves about a write; no response, or one that does not fit, proves nothing. Function
 * code 23 writes before it reads, so its exception may come from the read, after the write was done.
 */
function writeOutcome(
  functionCode: number,
  outcome: ResponseOutcome | undefined,
  exceptionCode: number,
): 'done' | 'unchanged' | 'unknown' {
  if (outcome === undefined || outcome === 'mismatch') return 'unknown';
  if (outcome !== 'exception') return 'done';
  return functionCode !== 23 && provesUnchanged(exceptionCode) ? 'unchanged' : 'unknown';
}
