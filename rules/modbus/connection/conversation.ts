import type { Reason } from '../../reason.ts';
import type { DeviceState } from '../device/device-state.ts';
import { addToMinute, createMinuteWindow, type MinuteWindow, minuteSum } from '../device/minute-window.ts';
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
  /** Tells the carrier that it is the connection's turn to take a place at a unit. Its name in that line, its alone. */
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
  terms: InspectionTerms,
  device: DeviceState,
  sink: InspectionSink,
  wake: () => void,
): Conversation {
  return new Talk(terms, device, sink, wake);
}

/** Of a class, as `createFrameStream` (frame-stream.ts) is. */
class Talk implements Conversation {
  terms: InspectionTerms;
  tolerances: ToleranceSet = 0;
  hasToleratedLate = false;
  readonly device: DeviceState;
  readonly sink: InspectionSink;
  readonly turn: () => void;
  readonly transactions: TransactionTable = createTransactionTable();
  ended = false;
  ending = false;
  readonly #answers = createAnswerQueue();
  /** These are made when they are needed first, which mostly is never. */
  #exceptions: MinuteWindow | undefined = undefined;
  #sizes: Uint16Array | undefined = undefined;
  #adu: Uint8Array | undefined = undefined;

  constructor(terms: InspectionTerms, device: DeviceState, sink: InspectionSink, wake: () => void) {
    this.terms = terms;
    this.device = device;
    this.sink = sink;
    // Not wrapped: with a function made here V8 keeps all of a connection until it searches its whole memory.
    this.turn = wake;
  }

  waiting(): number {
    return this.#answers.size();
  }

  adopt(terms: InspectionTerms, now: number): void {
    this.terms = terms;
    this.tolerances = toleranceSet(terms.tolerances);
    this.hasToleratedLate ||= has(this.tolerances, 'late-response');
    this.device.watch(terms.profile, now);
    this.#sizes = terms.tolerances.includes('long-adu') ? longestAdus(terms.profile) : undefined;
  }

  isAudit(now: number): boolean {
    return now < this.terms.auditUntil;
  }

  maxAduBytes(functionCode: number): number {
    return this.#sizes?.[functionCode] ?? MaxAduBytes;
  }

  isSilent(unit: number): boolean {
    return unit === BroadcastUnit && this.device.kind === 'serial-gateway';
  }

  answer(one: OwnAnswer, now: number): void {
    if (one.closes !== undefined) this.ending = true;
    this.#answers.add(one, this.transactions.lastSequence());
    this.release(now);
  }

  release(now: number): void {
    while (!this.ended) {
      const next = this.#answers.next(this.transactions.oldestSequence());
      if (next === undefined) return;
      const { transactionId, unit, functionCode, exceptionCode, closes } = next;
      if (exceptionCode !== 0) this.sendException(transactionId, unit, functionCode, exceptionCode, now);
      if (closes !== undefined) this.close(closes, false);
    }
  }

  sendException(
    transactionId: number,
    unit: number,
    functionCode: number,
    exceptionCode: number,
    now: number,
  ): void {
    if (!this.countException(transactionId, unit, functionCode, now)) return;
    this.#adu ??= new Uint8Array(DataOffset + 1);
    const length = emitException(transactionId, unit, functionCode, exceptionCode, this.#adu);
    this.sink.toClient(this.#adu, length, 'gateway');
  }

  countException(transactionId: number, unit: number, functionCode: number, now: number): boolean {
    const limit = this.terms.profile.limits.exceptionsPerMinute;
    if (limit === 0) return true;
    this.#exceptions ??= createMinuteWindow(Number.NEGATIVE_INFINITY);
    addToMinute(this.#exceptions, now, 1);
    if (minuteSum(this.#exceptions, now) <= limit) return true;
    const reason = 'too-many-exceptions';
    const audit = this.isAudit(now);
    const action = 'reset';
    const what = askedByHeader(unit, functionCode);
    this.sink.refused({
      ...what,
      ...NoDetail,
      at: now,
      from: 'client',
      transactionId,
      reason,
      action,
      audit,
    });
    if (!audit) this.close(reason, true);
    return audit;
  }

  settle(transaction: Transaction, outcome: ResponseOutcome | undefined, response: Response): void {
    const { device } = this;
    const { request, write, sentAt, moment } = transaction;
    if (transaction.opaque) device.endUnread(request.unit, Number.NEGATIVE_INFINITY);
    if (transaction.writing) {
      transaction.writing = false;
      if (outcome === 'exception' && response.exceptionCode === ExceptionCode.Acknowledge) {
        this.#abandon(write);
      } else {
        device.endWrite(write, writeOutcome(request.functionCode, outcome, response.exceptionCode));
      }
    }
    if (outcome === 'data' && sentAt !== undefined) {
      device.observe(request, response.bytes, response.dataStart, sentAt, moment);
    }
  }

  close(reason: Reason, reset: boolean): void {
    if (this.ended) return;
    // First: whatever the device wakes now must find the connection at its end.
    this.end();
    this.sink.close(reason, reset);
  }

  end(): void {
    this.ended = true;
    this.device.stopWaiting(this.turn);
    for (;;) {
      const open = this.transactions.nextOpen();
      if (open === undefined) return;
      if (open.state !== 'late' && !open.opaque) this.sink.concluded?.(open, undefined, 0);
      if (open.state === 'awaited') this.device.freePlace(open.request.unit);
      if (open.writing) this.#abandon(open.write);
      open.writing = false;
      const { requestTimeout } = this.terms.profile.limits;
      if (open.opaque) this.device.endUnread(open.request.unit, (open.sentAt ?? 0) + requestTimeout);
    }
  }

  /** Who hangs up has not taken a write back, and who acknowledges it (MAP V1.1b3 §7) has yet to carry it out. */
  #abandon(write: SentWrite): void {
    this.device.abandonWrite(write, write.at + this.terms.profile.limits.requestTimeout);
  }
}

/** By function code, where a device may send more than the specification has. */
function longestAdus({ permissions }: ModbusProfile): Uint16Array {
  const sizes = new Uint16Array(256).fill(MaxAduBytes);
  for (const { functions, maxBytes } of permissions) {
    for (const code of functions) {
      if (!isOpaque(code) && code !== EncapsulatedTransport) continue;
      sizes[code] = Math.min(LongestAduBytes, Math.max(sizes[code] ?? 0, maxBytes));
    }
  }
  return sizes;
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
