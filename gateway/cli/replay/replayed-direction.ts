import { createFrameStream, type FrameStream } from '../../../rules/modbus/connection/frame-stream.ts';
import {
  aduBytes,
  HeaderBytes,
  headerNeeds,
  headerProblem,
  LongestAduBytes,
  MaxAduBytes,
} from '../../../rules/modbus/connection/framer.ts';
import { byteAt, FunctionOffset } from '../../../rules/modbus/message/adu.ts';
import { EncapsulatedTransport, isOpaque } from '../../../rules/modbus/message/function-code.ts';

/** One direction, cut into ADUs as long as it is in step. */
export interface ReplayedDirection {
  readonly isInStep: boolean;
  /** Whether no part of an ADU has come. */
  readonly isBetweenAdus: boolean;
  loseStep(): void;
  /** Whether it is in step, or these bytes are ADUs from their first to their last. */
  findStep(bytes: Uint8Array, at: number): boolean;
  /** Gives each ADU and where in `bytes` it ends; `undefined` for a header that is wrong, and no more. */
  cut(bytes: Uint8Array, each: (adu: Uint8Array | undefined, end: number) => void): void;
}

export interface DirectionTerms {
  /** Whether functions that name their own size may exceed the usual one (`long-adu`). */
  readonly hasLong: boolean;
  readonly isMidstream: boolean;
  /** Told how many bytes were passed over before it was in step again. */
  readonly resynced: (skipped: number, at: number) => void;
}

export function createReplayedDirection(terms: DirectionTerms): ReplayedDirection {
  const { hasLong, isMidstream, resynced } = terms;
  const maxAduBytes = (code: number): number =>
    hasLong && (isOpaque(code) || code === EncapsulatedTransport) ? LongestAduBytes : MaxAduBytes;
  let stream: FrameStream = createFrameStream(maxAduBytes);
  let taken = 0;
  let isInStep = !isMidstream;
  let skipped = 0;

  function loseStep(): void {
    isInStep = false;
    stream = createFrameStream(maxAduBytes);
    taken = 0;
  }

  return {
    get isInStep() {
      return isInStep;
    },
    get isBetweenAdus() {
      return stream.deadline() === Number.POSITIVE_INFINITY;
    },
    loseStep,
    findStep(bytes, at) {
      if (isInStep) return true;
      if (!isWholeAdus(bytes, maxAduBytes)) {
        skipped += bytes.length;
        return false;
      }
      isInStep = true;
      resynced(skipped, at);
      skipped = 0;
      return true;
    },
    cut(bytes, each) {
      const before = taken;
      taken += bytes.length;
      const own = stream;
      own.push(bytes, 0);
      while (own === stream) {
        const found = own.next();
        if (found === 'need-more') break;
        const end = own.offset + (own.end - own.start) - before;
        each(found === 'adu' ? own.bytes.subarray(own.start, own.end) : undefined, end);
        if (found === 'malformed') {
          loseStep();
          return;
        }
      }
      own.keep();
    },
  };
}

/** Most senders begin a segment with an ADU; bytes that end where their last one does are in step. */
function isWholeAdus(bytes: Uint8Array, maxAduBytes: (functionCode: number) => number): boolean {
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    if (left < HeaderBytes || left < headerNeeds(bytes, at)) return false;
    if (headerProblem(bytes, at, maxAduBytes) !== undefined || byteAt(bytes, at + FunctionOffset) === 0)
      return false;
    at += aduBytes(bytes, at);
  }
  return at === bytes.length;
}
