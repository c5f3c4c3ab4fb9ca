import { byteAt } from '../../../rules/modbus/message/adu.ts';
import { hasRightCrc, MaxRtuBytes } from '../../../rules/modbus/rtu/rtu.ts';
import { LengthOpen, LengthUnknown, rtuResponseBytes } from '../../../rules/modbus/rtu/rtu-length.ts';

/**
 * What comes from a line while an answer is awaited. A frame is the answer when it begins with the unit and
 * function that were asked, ends where its function says and has the right CRC; where the function does not
 * say, it ends with the silence after it (V1.02 §2.5.1.1). Everything else is thrown away up to the next
 * silence: no place is searched at which an answer might begin.
 */
export interface AnswerCollector {
  /** From now on for this request; what has come is forgotten. */
  readonly begin: (request: Uint8Array) => void;
  /** Takes in bytes; whether the answer is complete. */
  readonly take: (chunk: Uint8Array) => boolean;
  /** There was silence; whether the answer is complete with that. */
  readonly silence: () => boolean;
  /** Whether silence would change anything. */
  readonly awaitsSilence: boolean;
  /** Whether an answer has begun. */
  readonly hasBegun: boolean;
  /** The complete answer is `bytes[0, length)`; `received` is more where it was not the last that came. */
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly received: number;
}

/** A collector that awaits nothing yet. */
export function createAnswerCollector(): AnswerCollector {
  const bytes = new Uint8Array(MaxRtuBytes);
  let request: Uint8Array = new Uint8Array(0);
  let received = 0;
  let length = 0;
  let discarding = false;
  let endsBySilence = false;

  function discard(): false {
    discarding = true;
    received = 0;
    return false;
  }

  function take(chunk: Uint8Array): boolean {
    if (discarding) return false;
    if (received + chunk.length > MaxRtuBytes) return discard();
    bytes.set(chunk, received);
    received += chunk.length;
    if (bytes[0] !== request[0]) return discard();
    length = rtuResponseBytes(bytes, 0, received, byteAt(request, 1), request.length);
    if (length > MaxRtuBytes) return discard();
    if (length === LengthOpen || length > received) return false;
    if (length !== LengthUnknown) return hasRightCrc(bytes, 0, length) || discard();
    if (bytes[1] !== request[1]) return discard();
    endsBySilence = true;
    return false;
  }

  function silence(): boolean {
    if (discarding) {
      discarding = false;
      return false;
    }
    // Where the CRC is wrong as it stands, what comes after all is judged together with it.
    endsBySilence = false;
    length = received;
    return hasRightCrc(bytes, 0, length);
  }

  return {
    begin: (frame) => {
      request = frame;
      received = 0;
      discarding = false;
      endsBySilence = false;
    },
    take,
    silence,
    get awaitsSilence() {
      return discarding || endsBySilence;
    },
    get hasBegun() {
      return received > 0;
    },
    bytes,
    get length() {
      return length;
    },
    get received() {
      return received;
    },
  };
}
