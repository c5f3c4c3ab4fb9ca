import { byteAt } from '../../../rules/modbus/message/adu.ts';
import { ExceptionCode } from '../../../rules/modbus/message/exception-code.ts';
import { TurnaroundDelay } from '../../../rules/modbus/rtu/rtu.ts';
import { createAnswerCollector } from './answer-collector.ts';
import { createFairQueue } from './fair-queue.ts';
import type { LineTiming } from './line-timing.ts';
import { createReopeningTty } from './reopening-tty.ts';
import type { OpenTty } from './tty.ts';

/** One request for a unit of the line. */
export interface LineRequest {
  /** Who may forget it. */
  readonly owner: object;
  /** Whose turn it takes. */
  readonly client: string;
  /** The whole RTU frame. */
  readonly frame: Uint8Array;
  /** False for a broadcast. */
  readonly awaited: boolean;
  /** Monotonic: from then on nobody waits for the answer, and it is not sent any more. */
  readonly expires: number;
  /** Called once, unless it was forgotten; perhaps before {@link Line.ask} returns. */
  readonly settle: (outcome: LineOutcome) => void;
}

export type LineOutcome =
  /** The whole RTU frame. */
  | { readonly kind: 'answer'; readonly frame: Uint8Array }
  /** What a gateway to a serial line says instead of the answer (MAP V1.1b3 §7). */
  | { readonly kind: 'exception'; readonly code: number }
  /** It was a broadcast, or nobody waits for it any more. */
  | { readonly kind: 'none' };

/** A Modbus RTU line that several clients share: one request at a time (MODBUS over Serial Line V1.02 §2.1). */
export interface Line {
  readonly ask: (request: LineRequest) => void;
  /** What the owner has asked is not wanted any more: what is not sent yet never is. */
  readonly forget: (owner: object) => void;
  /** What the owner has asked and is not sent yet never is; it is told that the line was busy. */
  readonly withdraw: (owner: object) => void;
  /** Ends it, with the port. Nothing is answered any more. */
  readonly close: () => void;
}

export interface LineOptions {
  readonly open: OpenTty;
  readonly timing: LineTiming;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Told why the port cannot be had, or, with an empty text, that it is there; each change once. */
  readonly onPort: (problem: string) => void;
}

/**
 * A line whose port is opened with the first request. A request is sent once: what became of one that was not
 * answered nobody knows, and to write a second time is not for a gateway to decide. A unit that did not answer
 * in time is asked nothing for as long again, so that its late answer meets no request it could seem to answer.
 */
export function createLine({ open, timing, now, onPort }: LineOptions): Line {
  const queue = createFairQueue<LineRequest>(QueuePerClient, QueueTotal);
  const answer = createAnswerCollector();
  const tty = createReopeningTty({ open, now, opened, bytes: onBytes, lost: onLost });
  /** By unit: until when it is asked nothing. */
  const heldUntil = new Map<number, number>();
  let lastProblem: string | undefined;
  let asked: LineRequest | undefined;
  /** When the answer has to be there, and whether one that had begun was given more time. */
  let deadline = 0;
  let extended = false;
  let restUntil = 0;
  let lastByteAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function ask(request: LineRequest): void {
    if (tty.state() === 'away') return fail(request, ExceptionCode.GatewayPathUnavailable);
    if (!queue.add(request.client, request)) return fail(request, ExceptionCode.ServerDeviceBusy);
    tty.open();
    proceed();
  }

  function opened(): void {
    tell('');
    // What is still on the wire belongs to nobody here.
    rest(timing.silence);
    proceed();
  }

  function onLost(problem: string): void {
    const broken = asked;
    asked = undefined;
    clearTimeout(timer);
    tell(problem);
    // It was sent, and nobody knows whether it arrived.
    if (broken !== undefined) fail(broken, ExceptionCode.GatewayTargetFailedToRespond);
    for (const request of queue.remove()) fail(request, ExceptionCode.GatewayPathUnavailable);
  }

  function tell(problem: string): void {
    if (problem !== lastProblem) onPort(problem);
    lastProblem = problem;
  }

  function onBytes(chunk: Uint8Array): void {
    lastByteAt = now();
    if (asked === undefined) rest(timing.silence);
    else if (answer.take(chunk)) conclude(asked);
    proceed();
  }

  /** Does what is due, and sets the clock for what comes next. */
  function proceed(): void {
    const time = now();
    for (const [unit, until] of heldUntil) if (time >= until) heldUntil.delete(unit);
    if (asked !== undefined) {
      if (answer.awaitsSilence && time >= lastByteAt + timing.silence && answer.silence()) conclude(asked);
      else if (time >= deadline) onDeadline(asked);
    }
    while (asked === undefined && tty.state() === 'open' && time >= restUntil) {
      const next = queue.take(({ frame }) => !heldUntil.has(byteAt(frame, 0)));
      if (next === undefined) break;
      if (time < next.expires) send(next);
      else next.settle(None);
    }
    clearTimeout(timer);
    const wait = nextMoment(time) - time;
    if (wait < Number.POSITIVE_INFINITY) timer = setTimeout(proceed, Math.max(1, Math.ceil(wait)));
  }

  /** Of the same time as the rest of the round: what it saw as too early must not be past here. */
  function nextMoment(time: number): number {
    if (asked !== undefined) {
      return answer.awaitsSilence ? Math.min(deadline, lastByteAt + timing.silence) : deadline;
    }
    if (queue.size === 0 || tty.state() !== 'open') return Number.POSITIVE_INFINITY;
    return restUntil > time ? restUntil : Math.min(...heldUntil.values());
  }

  function send(request: LineRequest): void {
    const { frame, awaited } = request;
    const unit = byteAt(frame, 0);
    const sentAt = now() + timing.transmission(frame.length);
    if (awaited) {
      asked = request;
      answer.begin(frame);
      deadline = sentAt + timing.timeout(unit);
      extended = false;
    } else {
      restUntil = sentAt + TurnaroundDelay;
    }
    tty.write(frame);
    if (!awaited) request.settle(None);
  }

  function conclude(request: LineRequest): void {
    asked = undefined;
    // After more than the answer: somebody else is talking.
    rest(answer.received > answer.length ? timing.silence : timing.gap);
    request.settle({ kind: 'answer', frame: answer.bytes.slice(0, answer.length) });
  }

  function onDeadline(request: LineRequest): void {
    if (answer.hasBegun && !extended) {
      extended = true;
      deadline = now() + timing.longestAnswer;
      return;
    }
    const unit = byteAt(request.frame, 0);
    asked = undefined;
    tty.discard();
    heldUntil.set(unit, now() + timing.timeout(unit));
    rest(now() < lastByteAt + timing.silence ? timing.silence : timing.gap);
    fail(request, ExceptionCode.GatewayTargetFailedToRespond);
  }

  function rest(milliseconds: number): void {
    restUntil = Math.max(restUntil, now() + milliseconds);
  }

  return {
    ask,
    forget: (one) => {
      queue.remove(({ owner }) => owner === one);
    },
    withdraw: (one) => {
      for (const request of queue.remove(({ owner }) => owner === one)) {
        fail(request, ExceptionCode.ServerDeviceBusy);
      }
    },
    close: () => {
      clearTimeout(timer);
      queue.remove();
      asked = undefined;
      tty.close();
    },
  };
}

function fail(request: LineRequest, code: number): void {
  request.settle({ kind: 'exception', code });
}

const None: LineOutcome = { kind: 'none' };

/** Requests that may wait, of one client and of all. */
const QueuePerClient = 64;
const QueueTotal = 1024;
