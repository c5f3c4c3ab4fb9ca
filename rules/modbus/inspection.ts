import type { ModbusProfile } from '../policy.ts';
import type { Reason } from '../reason.ts';
import type { Permission, Verdict } from '../verdict.ts';
import { writes } from './access.ts';
import { byteAt, FunctionOffset, UnitOffset, wordAt } from './adu.ts';
import { createAnswerQueue } from './answer-queue.ts';
import { type Asked, asked, askedByHeader } from './asked.ts';
import { decide, exceptionFor } from './decide.ts';
import type { DeviceState } from './device-state.ts';
import type { Effect, Refusal } from './effect.ts';
import { provesUnchanged } from './exception-code.ts';
import { type AduFrame, createFrameStream } from './frame-stream.ts';
import { parseRequest } from './parse-request.ts';
import { emitRequest, type Request } from './request.ts';
import { emitException, emitResponse, parseResponse, type Response } from './response.ts';
import { createTokenBucket } from './token-bucket.ts';
import { createTransactionTable, type Transaction } from './transaction.ts';

/** What one connection is inspected under. */
export interface InspectionOptions {
  readonly profile: ModbusProfile;
  /** Shared by all connections to the same server. */
  readonly device: DeviceState;
  /** Audit stage: until this moment, on the clock of `now`, policy refusals pass; 0 is never. */
  readonly auditUntil: number;
}

/**
 * One Modbus TCP connection under inspection, without sockets or clocks. `now` is milliseconds on a
 * monotonic clock, the same for all connections to a server. Bytes handed in are read during the call only;
 * bytes handed out belong to the caller. After a `close` effect every call returns no effects.
 *
 * Malformed bytes end the connection in either direction, whatever the stage; so does a response that was
 * not asked for or does not fit. A refused request is answered with an exception and the connection lives.
 */
export interface Inspection {
  fromClient(bytes: Uint8Array, now: number): readonly Effect[];
  fromServer(bytes: Uint8Array, now: number): readonly Effect[];
  /** Runs what is due: request time-outs and unfinished ADUs. */
  tick(now: number): readonly Effect[];
  /** When {@link tick} is next needed. */
  nextDeadline(): number | undefined;
  /** False while too many requests and answers wait: stop reading from the client. */
  readonly readingClient: boolean;
  /** A new policy for the requests to come; the connection and what is under way stay. */
  adopt(profile: ModbusProfile, auditUntil: number): void;
  /** The connection has ended for a reason of the carrier's: what is under way counts as unknown. */
  end(): void;
}

/** A connection nothing has been said on yet. */
export function createInspection(options: InspectionOptions): Inspection {
  const { device } = options;
  const client = createFrameStream();
  const server = createFrameStream();
  const transactions = createTransactionTable();
  const answers = createAnswerQueue();
  const bucket = createTokenBucket();
  let { profile, auditUntil } = options;
  let ended = false;
  let now = 0;
  let effects: Effect[] = [];
  device.watch(profile);

  /** One call from outside: everything in it happens at one moment and adds to one list. */
  function during(moment: number, work: () => void): readonly Effect[] {
    if (ended) return [];
    now = moment;
    effects = [];
    // While we do not read, an unfinished request is our doing and not the client's.
    if (!isReading()) client.restartTimer(now);
    work();
    return effects;
  }

  function onRequest({ bytes, start, end }: AduFrame): boolean {
    const parsed = parseRequest(bytes, start, end);
    const inRate = bucket.take(now, profile.limits.aduPerSecond);
    const transactionId = wordAt(bytes, start);
    if (parsed.kind === 'request') {
      judge(parsed.request, transactionId, inRate);
      return true;
    }
    const header = askedByHeader(byteAt(bytes, start + UnitOffset), byteAt(bytes, start + FunctionOffset));
    if (parsed.kind === 'malformed') {
      count(header, 'refuse', 'malformed-pdu');
      record(header, { from: 'client', transactionId, reason: 'malformed-pdu' });
      close('malformed-pdu');
      return false;
    }
    if (parsed.kind === 'unsupported') {
      refuse(header, transactionId, 'fc-not-supported', exceptionFor('fc-not-supported'), undefined);
    } else {
      const { address, quantity, exceptionCode } = parsed;
      refuse({ ...header, address, quantity }, transactionId, 'malformed-pdu', exceptionCode, undefined);
    }
    return true;
  }

  function judge(request: Request, transactionId: number, inRate: boolean): void {
    const verdict: Verdict = inRate ? decide(profile, request, device, now) : OverRate;
    if (verdict.kind === 'refuse' && !(now < auditUntil)) {
      refuse(asked(request), transactionId, verdict.reason, verdict.exceptionCode, verdict.permission);
    } else if (!transactions.hasRoom(request, profile.limits.outstanding)) {
      // Our own table is what this limit protects, so that no stage lifts it.
      const reason = 'too-many-outstanding';
      refuse(asked(request), transactionId, reason, exceptionFor(reason), verdict.permission);
    } else {
      forward(request, transactionId);
      if (verdict.kind === 'allow') {
        count(request, 'allow', undefined);
      } else {
        const { reason, permission } = verdict;
        count(request, 'would-refuse', reason);
        record(asked(request), { from: 'client', transactionId, reason, permission, audit: true });
      }
    }
  }

  function forward(request: Request, clientId: number): void {
    const write = writes(request) ? device.beginWrite(request, now) : undefined;
    const { upstreamId } = transactions.open(clientId, request, now, device.moment(), write);
    effects.push({ kind: 'to-server', adu: emitRequest(request, upstreamId), receivedAt: now });
  }

  function refuse(
    what: Asked,
    transactionId: number,
    reason: Reason,
    exceptionCode: number,
    permission: Permission | undefined,
  ): void {
    count(what, 'refuse', reason);
    record(what, { from: 'client', transactionId, reason, exceptionCode, permission });
    const adu = emitException(transactionId, what.unit, what.functionCode, exceptionCode);
    answers.add({ kind: 'to-client', adu, by: 'gateway', receivedAt: now }, transactions.lastSequence);
    releaseAnswers();
  }

  function onResponse({ bytes, start, end }: AduFrame): boolean {
    const transactionId = wordAt(bytes, start);
    const answered = transactions.take(transactionId);
    if (answered === undefined) {
      const header = askedByHeader(byteAt(bytes, start + UnitOffset), byteAt(bytes, start + FunctionOffset));
      record(header, { from: 'server', transactionId, reason: 'response-unsolicited' });
      close('response-unsolicited');
      return false;
    }
    const { transaction, late } = answered;
    const { request, clientId } = transaction;
    const response = parseResponse(bytes, start, end, request);
    settle(transaction, response);
    if (response === undefined) {
      record(asked(request), { from: 'server', transactionId: clientId, reason: 'response-mismatch' });
      close('response-mismatch');
      return false;
    }
    if (late) {
      effects.push({ kind: 'late-response', functionCode: request.functionCode, unit: request.unit });
    } else {
      const adu = emitResponse(response, request, clientId);
      effects.push({ kind: 'to-client', adu, by: 'server', receivedAt: now });
      releaseAnswers();
    }
    return true;
  }

  function settle({ request, write, sentAt, moment }: Transaction, response: Response | undefined): void {
    if (write !== undefined) device.endWrite(write, outcomeOf(request, response));
    if (response?.kind === 'data') device.observe(request, response.data, sentAt, moment);
  }

  function onTimeout({ request, clientId }: Transaction): void {
    const reason = 'request-timeout';
    const exceptionCode = exceptionFor(reason);
    record(asked(request), { from: 'server', transactionId: clientId, reason, exceptionCode });
    const adu = emitException(clientId, request.unit, request.functionCode, exceptionCode);
    effects.push({ kind: 'to-client', adu, by: 'gateway', receivedAt: now });
  }

  function onDue(): void {
    const { requestTimeout } = profile.limits;
    for (const transaction of transactions.expire(now, requestTimeout)) onTimeout(transaction);
    for (const transaction of transactions.lapse(now, requestTimeout)) settle(transaction, undefined);
    releaseAnswers();
    if (client.isOverdue(now) || server.isOverdue(now)) close('partial-timeout');
  }

  function releaseAnswers(): void {
    for (const answer of answers.release(transactions.oldestSequence)) effects.push(answer);
  }

  function count(
    { functionCode, unit }: Pick<Asked, 'functionCode' | 'unit'>,
    verdict: 'allow' | 'refuse' | 'would-refuse',
    reason: Reason | undefined,
  ): void {
    effects.push({ kind: 'transaction', functionCode, unit, verdict, reason, receivedAt: now });
  }

  function record(
    what: Asked,
    why: Pick<Refusal, 'from' | 'transactionId' | 'reason'> & Partial<Refusal>,
  ): void {
    const rest = { permission: undefined, exceptionCode: 0, audit: false };
    effects.push({ kind: 'refusal', refusal: { ...what, ...rest, ...why, at: now } });
  }

  function closeUnframed(from: Refusal['from']): void {
    record(askedByHeader(0, 0), { from, transactionId: 0, reason: 'malformed-adu' });
    close('malformed-adu');
  }

  function close(reason: Reason): void {
    effects.push({ kind: 'close', reason, reset: true });
    end();
  }

  function end(): void {
    ended = true;
    for (const transaction of transactions.drain()) settle(transaction, undefined);
  }

  /** As many answers of ours may wait as requests may be outstanding. */
  function isReading(): boolean {
    return !ended && transactions.outstanding + answers.length < 2 * profile.limits.outstanding;
  }

  return {
    fromClient: (bytes, at) =>
      during(at, () => {
        if (!client.take(bytes, now, onRequest)) closeUnframed('client');
      }),
    fromServer: (bytes, at) =>
      during(at, () => {
        if (!server.take(bytes, now, onResponse)) closeUnframed('server');
      }),
    tick: (at) => during(at, onDue),
    nextDeadline() {
      if (ended) return undefined;
      const next = Math.min(
        transactions.nextDeadline(profile.limits.requestTimeout),
        isReading() ? client.deadline() : Number.POSITIVE_INFINITY,
        server.deadline(),
      );
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
    get readingClient() {
      return isReading();
    },
    adopt(nextProfile, nextAuditUntil) {
      profile = nextProfile;
      auditUntil = nextAuditUntil;
      device.watch(profile);
    },
    end,
  };
}

/**
 * What a response proves about a write; no response, or one that does not fit, proves nothing. Function
 * code 23 writes before it reads, so its exception may come from the read, after the write was done.
 */
function outcomeOf(request: Request, response: Response | undefined): 'done' | 'unchanged' | 'unknown' {
  if (response === undefined) return 'unknown';
  if (response.kind !== 'exception') return 'done';
  return request.functionCode !== 23 && provesUnchanged(response.exceptionCode) ? 'unchanged' : 'unknown';
}

const OverRate: Verdict = {
  kind: 'refuse',
  reason: 'rate-exceeded',
  exceptionCode: exceptionFor('rate-exceeded'),
  permission: undefined,
};
