import { SlotNumbers } from './counter-slot.ts';

/*
 * The file of an inspecting process's counts: it maps the file and counts there, the engine reads. A header, then slots,
 * each the names of a flow and its numbers (counter-slot.ts), some slots to a part that is mapped at once. Numbers are in
 * the machine's own byte order. A slot is whole before the header counts it.
 */

export const Magic = 0x7473_6301;

/** Places in the header, in 32-bit words. */
export const HeaderWord = { magic: 0, layout: 1, slots: 2 } as const;
export const HeaderWords = 3;

/** Bytes of the header; parts begin behind it, on a page boundary of every kernel. */
export const HeaderBytes = 65_536;

/** Bytes of a slot for the names, each with its length before it. */
export const NameBytes = 512;
export const SlotBytes = NameBytes + SlotNumbers * 8;
export const SlotsPerPart = 32;
export const PartBytes = Math.ceil((SlotsPerPart * SlotBytes) / HeaderBytes) * HeaderBytes;

/** Where the slot of this number begins, bytes from the start of the file. */
export function slotOffset(slot: number): number {
  return HeaderBytes + Math.floor(slot / SlotsPerPart) * PartBytes + (slot % SlotsPerPart) * SlotBytes;
}

/** The names as they stand in a slot; undefined when they are too long for it. */
export function encodeNames(flowId: string, conduit: string): Uint8Array | undefined {
  const names = [flowId, conduit].map((name) => Buffer.from(name));
  const bytes = Buffer.concat(
    names.flatMap((name) => [Uint8Array.of(name.length & 0xff, name.length >> 8), name]),
  );
  return bytes.length > NameBytes ? undefined : bytes;
}

/** Undefined when they are no names. */
export function decodeNames(
  bytes: Uint8Array,
): { readonly flowId: string; readonly conduit: string } | undefined {
  const first = nameAt(bytes, 0);
  const second = first && nameAt(bytes, first.end);
  return first && second && { flowId: first.name, conduit: second.name };
}

function nameAt(bytes: Uint8Array, at: number): { readonly name: string; readonly end: number } | undefined {
  const begin = at + 2;
  const end = begin + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
  if (end > bytes.length) return undefined;
  try {
    const name = utf8.decode(bytes.subarray(begin, end));
    return name.length > LongestName ? undefined : { name, end };
  } catch {
    return undefined;
  }
}

/** As long as a name may be in a message. */
const LongestName = 256;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
