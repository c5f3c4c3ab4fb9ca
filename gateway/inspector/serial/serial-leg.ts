import { Duplex } from 'node:stream';
import { aduBytes } from '../../../rules/modbus/connection/framer.ts';
import { byteAt, FunctionOffset, UnitOffset, wordAt } from '../../../rules/modbus/message/adu.ts';
import { ExceptionCode } from '../../../rules/modbus/message/exception-code.ts';
import { emitException } from '../../../rules/modbus/message/response.ts';
import { awaitsAnswer, LastUnit, MaxMbapBytes, toMbap, toRtu } from '../../../rules/modbus/rtu/rtu.ts';
import type { Line, LineOutcome } from './line.ts';

/** Whose end of a line this is, and how long its requests are worth sending. */
export interface SerialLegTerms {
  /** Clients take turns by this name. */
  readonly client: string;
  /** Milliseconds after which the client has been told that its request failed. */
  readonly patience: number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/**
 * A serial line as one connection sees it: a server that takes whole ADUs with an MBAP header and gives its
 * answers, and a gateway's exceptions, in the same form. It ends as a server's socket does, after the last
 * answer.
 */
export class SerialLeg extends Duplex {
  readonly #line: Line;
  readonly #terms: SerialLegTerms;
  #outstanding = 0;
  #isEnding = false;

  constructor(line: Line, terms: SerialLegTerms) {
    super({ allowHalfOpen: true });
    this.#line = line;
    this.#terms = terms;
  }

  /** There is nothing to reset: what is not sent yet never is. */
  resetAndDestroy(): this {
    return this.destroy();
  }

  withdraw(): void {
    this.#line.withdraw(this);
  }

  override _write(adus: Uint8Array, _encoding: string, done: () => void): void {
    for (let at = 0; at < adus.length; at += aduBytes(adus, at)) {
      this.#ask(adus.subarray(at, at + aduBytes(adus, at)));
    }
    done();
  }

  override _read(): void {
    // Answers come when they come, and never more than there are requests.
  }

  override _final(done: () => void): void {
    this.#isEnding = true;
    this.#endAfterLast();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#line.forget(this);
    done(error);
  }

  #ask(adu: Uint8Array): void {
    const unit = byteAt(adu, UnitOffset);
    const header = { transactionId: wordAt(adu, 0), unit, functionCode: byteAt(adu, FunctionOffset) };
    const awaited = awaitsAnswer(adu, 'serial-gateway');
    // Not within this call: whoever wrote the request is not done with it.
    const settle = (outcome: LineOutcome): void =>
      queueMicrotask(() => this.#give(header, awaited ? outcome : { kind: 'none' }));
    this.#outstanding += 1;
    if (unit > LastUnit) return settle({ kind: 'exception', code: ExceptionCode.GatewayPathUnavailable });
    if (adu.length > MaxMbapBytes) return settle({ kind: 'exception', code: ExceptionCode.IllegalDataValue });
    const frame = new Uint8Array(adu.length - UnitOffset + CrcBytes);
    toRtu(adu, adu.length, frame);
    const { client, now, patience } = this.#terms;
    this.#line.ask({ owner: this, client, frame, awaited, expires: now() + patience, settle });
  }

  #give({ transactionId, unit, functionCode }: Header, outcome: LineOutcome): void {
    this.#outstanding -= 1;
    if (this.destroyed) return;
    if (outcome.kind !== 'none') {
      const adu = new Uint8Array(MaxMbapBytes);
      const length =
        outcome.kind === 'answer'
          ? toMbap(outcome.frame, 0, outcome.frame.length, transactionId, adu)
          : emitException(transactionId, unit, functionCode, outcome.code, adu);
      this.push(adu.subarray(0, length));
    }
    this.#endAfterLast();
  }

  #endAfterLast(): void {
    if (this.#isEnding && this.#outstanding === 0) this.push(null);
  }
}

interface Header {
  readonly transactionId: number;
  readonly unit: number;
  readonly functionCode: number;
}

const CrcBytes = 2;
