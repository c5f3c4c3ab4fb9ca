/** Largest body an ordinary peer may send, bytes. A peer that announces more is broken or hostile. */
export const MaxFrame = 4 * 1024 * 1024;

/** Largest body taken from the engine itself: a policy of 10 000 rules with its ruleset, as base64. */
export const MaxEngineFrame = 64 * 1024 * 1024;

/** What a piece of the stream held: the complete messages in order, and what is wrong after them, if anything. */
export interface FrameBatch {
  readonly messages: readonly unknown[];
  /** Empty while the stream is sound. After a problem the reader must not be used again. */
  readonly problem: string;
}

/** Reassembles frames from a byte stream in any chunking. */
export interface FrameReader {
  readonly push: (chunk: Uint8Array) => FrameBatch;
  /** Bytes held for an unfinished frame. */
  readonly held: () => number;
}

/** One frame: 4 bytes big-endian length, then that many bytes of UTF-8 JSON. Throws when the body is too large. */
export function encodeFrame(message: unknown, maxBody: number = MaxEngineFrame): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  if (length > maxBody) throw new RangeError(`a frame of ${length} bytes is above the limit of ${maxBody}`);
  const frame = Buffer.allocUnsafe(HeaderLength + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, HeaderLength);
  return frame;
}

/**
 * A reader that never holds more than one frame of `maxBody` and never copies a byte more than once: a
 * peer that trickles a frame byte by byte costs it no quadratic work.
 */
export function createFrameReader(maxBody: number = MaxFrame): FrameReader {
  const header = Buffer.alloc(HeaderLength);
  let headerFilled = 0;
  let announced = 0;
  let parts: Uint8Array[] = [];
  let partsLength = 0;

  function push(chunk: Uint8Array): FrameBatch {
    const messages: unknown[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (headerFilled < HeaderLength) {
        const taken = rest.subarray(0, HeaderLength - headerFilled);
        header.set(taken, headerFilled);
        headerFilled += taken.length;
        rest = rest.subarray(taken.length);
        if (headerFilled < HeaderLength) break;
        announced = header.readUInt32BE(0);
        if (announced === 0) return { messages, problem: 'an empty frame' };
        if (announced > maxBody) {
          return { messages, problem: `a frame of ${announced} bytes, above the limit of ${maxBody}` };
        }
      }
      const part = rest.subarray(0, announced - partsLength);
      // A chunk may be a view of a pooled buffer; it is kept only until the frame is complete.
      parts.push(part);
      partsLength += part.length;
      rest = rest.subarray(part.length);
      if (partsLength < announced) break;
      const decoded = decodeBody(parts);
      parts = [];
      partsLength = 0;
      headerFilled = 0;
      if (!decoded.ok) return { messages, problem: decoded.problem };
      messages.push(decoded.message);
    }
    return { messages, problem: '' };
  }

  return { push, held: () => (partsLength > 0 ? HeaderLength + partsLength : headerFilled) };
}

type Decoded =
  | { readonly ok: true; readonly message: unknown }
  | { readonly ok: false; readonly problem: string };

function decodeBody(parts: readonly Uint8Array[]): Decoded {
  const [first] = parts;
  const body = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return { ok: false, problem: 'a frame that is not UTF-8' };
  }
  try {
    return { ok: true, message: JSON.parse(text) };
  } catch {
    return { ok: false, problem: 'a frame that is not JSON' };
  }
}

const HeaderLength = 4;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
