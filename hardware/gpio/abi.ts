/**
 * The structures of the kernel's GPIO character device, version 2 (linux/gpio.h, from Linux 5.10 on), as bytes. They
 * lie alike on x86-64 and arm64, both little-endian. Nothing here touches a device.
 */

/** `_IOR`/`_IOWR(0xB4, number, size)`. */
export const Requests = {
  chipInfo: 0x8044_b401,
  lineInfo: 0xc100_b405,
  getLine: 0xc250_b407,
  getValues: 0xc010_b40e,
  setValues: 0xc010_b40f,
} as const;

export const Flags = {
  used: 1 << 0,
  activeLow: 1 << 1,
  input: 1 << 2,
  output: 1 << 3,
  risingEdge: 1 << 4,
  fallingEdge: 1 << 5,
  pullUp: 1 << 8,
  pullDown: 1 << 9,
  noBias: 1 << 10,
} as const;

/** Sizes in bytes. */
export const Sizes = { chipInfo: 68, lineInfo: 256, lineRequest: 592, values: 16, event: 48 } as const;

/** One line as it is asked for; there is never more than one in a request of ours. */
export interface LineRequest {
  /** Its number on the chip. */
  readonly offset: number;
  /** Who holds it, as other programs are told; at most 31 ASCII characters. */
  readonly consumer: string;
  /** Of {@link Flags}. */
  readonly flags: number;
  /** Microseconds a new level has to last; 0 is none. Inputs only. */
  readonly debounce: number;
  /** What an output shows from the first moment on; `undefined` of an input. */
  readonly value: boolean | undefined;
}

/** `struct gpio_v2_line_request`. */
export function packLineRequest({ offset, consumer, flags, debounce, value }: LineRequest): Uint8Array {
  const bytes = new Uint8Array(Sizes.lineRequest);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, offset, true);
  putText(bytes, At.consumer, consumer);
  view.setBigUint64(At.flags, BigInt(flags), true);
  if (debounce > 0 || value !== undefined) {
    view.setUint32(At.attributeCount, 1, true);
    view.setUint32(At.attribute, value === undefined ? AttributeIds.debounce : AttributeIds.values, true);
    if (value === undefined) view.setUint32(At.attribute + 8, debounce, true);
    else view.setBigUint64(At.attribute + 8, value ? 1n : 0n, true);
    // For the first line of the request, which is the only one.
    view.setBigUint64(At.attribute + 16, 1n, true);
  }
  view.setUint32(At.lineCount, 1, true);
  if (value === undefined) view.setUint32(At.eventBuffer, KeptEvents, true);
  return bytes;
}

/** What {@link packLineRequest} was given: for a kernel that is played. */
export function unpackLineRequest(bytes: Uint8Array): LineRequest {
  const view = viewOf(bytes);
  const kind = view.getUint32(At.attributeCount, true) === 0 ? 0 : view.getUint32(At.attribute, true);
  return {
    offset: view.getUint32(0, true),
    consumer: textAt(bytes, At.consumer),
    flags: Number(view.getBigUint64(At.flags, true)),
    debounce: kind === AttributeIds.debounce ? view.getUint32(At.attribute + 8, true) : 0,
    value: kind === AttributeIds.values ? view.getBigUint64(At.attribute + 8, true) === 1n : undefined,
  };
}

/** The descriptor of the line, as the kernel answered a request. */
export function lineDescriptor(request: Uint8Array): number {
  return viewOf(request).getInt32(At.descriptor, true);
}

export function setLineDescriptor(request: Uint8Array, fd: number): void {
  viewOf(request).setInt32(At.descriptor, fd, true);
}

/** `struct gpio_v2_line_values` of the one line: what it is set to, or room for what is read. */
export function packValues(active: boolean): Uint8Array {
  const bytes = new Uint8Array(Sizes.values);
  bytes[0] = active ? 1 : 0;
  bytes[8] = 1;
  return bytes;
}

export function isActive(values: Uint8Array): boolean {
  return ((values[0] ?? 0) & 1) === 1;
}

/** One change of level, debounced. */
export interface Edge {
  /** Whether the line became active by it. */
  readonly active: boolean;
  /** Rises by one with each edge of the line: a gap is edges that nobody read in time. */
  readonly sequence: number;
}

/** Every `struct gpio_v2_line_event` in what was read. */
export function unpackEdges(bytes: Uint8Array): readonly Edge[] {
  const view = viewOf(bytes);
  return Array.from({ length: Math.floor(bytes.length / Sizes.event) }, (_, index) => {
    const at = index * Sizes.event;
    return { active: view.getUint32(at + 8, true) === RisingEdge, sequence: view.getUint32(at + 20, true) };
  });
}

export function packEdge(offset: number, { active, sequence }: Edge): Uint8Array {
  const bytes = new Uint8Array(Sizes.event);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, active ? RisingEdge : FallingEdge, true);
  view.setUint32(12, offset, true);
  view.setUint32(16, sequence, true);
  view.setUint32(20, sequence, true);
  return bytes;
}

/** `struct gpiochip_info`. */
export interface ChipInfo {
  /** `gpiochip0`: may be another one after the next kernel. */
  readonly name: string;
  /** What the driver calls it, `pinctrl-bcm2711`: stays. */
  readonly label: string;
  readonly lines: number;
}

export function unpackChipInfo(bytes: Uint8Array): ChipInfo {
  return { name: textAt(bytes, 0), label: textAt(bytes, 32), lines: viewOf(bytes).getUint32(64, true) };
}

export function packChipInfo({ name, label, lines }: ChipInfo): Uint8Array {
  const bytes = new Uint8Array(Sizes.chipInfo);
  putText(bytes, 0, name);
  putText(bytes, 32, label);
  new DataView(bytes.buffer).setUint32(64, lines, true);
  return bytes;
}

/** `struct gpio_v2_line_info`, as far as it is asked for. */
export interface LineInfo {
  readonly offset: number;
  /** By the board's own description, `GPIO17`; often empty. */
  readonly name: string;
  /** Who holds it; empty where nobody does. */
  readonly consumer: string;
}

/** Room for the answer about one line. */
export function packLineInfo({ offset, name, consumer }: LineInfo): Uint8Array {
  const bytes = new Uint8Array(Sizes.lineInfo);
  putText(bytes, 0, name);
  putText(bytes, 32, consumer);
  new DataView(bytes.buffer).setUint32(64, offset, true);
  return bytes;
}

export function unpackLineInfo(bytes: Uint8Array): LineInfo {
  return { offset: viewOf(bytes).getUint32(64, true), name: textAt(bytes, 0), consumer: textAt(bytes, 32) };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function putText(bytes: Uint8Array, at: number, text: string): void {
  for (const [index, character] of [...text.slice(0, TextSize - 1)].entries()) {
    bytes[at + index] = character.charCodeAt(0) & 0x7f;
  }
}

/** Whoever named a line may have written anything there, and it goes to a terminal. */
function textAt(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + TextSize);
  const end = field.indexOf(0);
  const text = String.fromCharCode(...field.subarray(0, end < 0 ? TextSize : end));
  return text.replace(/[^\x20-\x7e]/g, '?');
}

const TextSize = 32;
/** Offsets in `struct gpio_v2_line_request`. */
const At = {
  consumer: 256,
  flags: 288,
  attributeCount: 296,
  attribute: 320,
  lineCount: 560,
  eventBuffer: 564,
  descriptor: 588,
} as const;
const AttributeIds = { values: 2, debounce: 3 } as const;
const [RisingEdge, FallingEdge] = [1, 2];
/** Edges the kernel keeps until they are read. */
const KeptEvents = 16;
