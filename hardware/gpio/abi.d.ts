/**
 * The structures of the kernel's GPIO character device, version 2 (linux/gpio.h, from Linux 5.10 on), as bytes. They
 * lie alike on x86-64 and arm64, both little-endian. Nothing here touches a device.
 */
/** `_IOR`/`_IOWR(0xB4, number, size)`. */
export declare const Requests: {
  readonly chipInfo: 2151986177;
  readonly lineInfo: 3238048773;
  readonly getLine: 3260068871;
  readonly getValues: 3222320142;
  readonly setValues: 3222320143;
};
export declare const Flags: {
  readonly used: number;
  readonly activeLow: number;
  readonly input: number;
  readonly output: number;
  readonly risingEdge: number;
  readonly fallingEdge: number;
  readonly pullUp: number;
  readonly pullDown: number;
  readonly noBias: number;
};
/** Sizes in bytes. */
export declare const Sizes: {
  readonly chipInfo: 68;
  readonly lineInfo: 256;
  readonly lineRequest: 592;
  readonly values: 16;
  readonly event: 48;
};
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
export declare function packLineRequest({
  offset,
  consumer,
  flags,
  debounce,
  value,
}: LineRequest): Uint8Array;
/** What {@link packLineRequest} was given: for a kernel that is played. */
export declare function unpackLineRequest(bytes: Uint8Array): LineRequest;
/** The descriptor of the line, as the kernel answered a request. */
export declare function lineDescriptor(request: Uint8Array): number;
export declare function setLineDescriptor(request: Uint8Array, fd: number): void;
/** `struct gpio_v2_line_values` of the one line: what it is set to, or room for what is read. */
export declare function packValues(active: boolean): Uint8Array;
export declare function isActive(values: Uint8Array): boolean;
/** One change of level, debounced. */
export interface Edge {
  /** Whether the line became active by it. */
  readonly active: boolean;
  /** Rises by one with each edge of the line: a gap is edges that nobody read in time. */
  readonly sequence: number;
}
/** Every `struct gpio_v2_line_event` in what was read. */
export declare function unpackEdges(bytes: Uint8Array): readonly Edge[];
export declare function packEdge(offset: number, { active, sequence }: Edge): Uint8Array;
/** `struct gpiochip_info`. */
export interface ChipInfo {
  /** `gpiochip0`: may be another one after the next kernel. */
  readonly name: string;
  /** What the driver calls it, `pinctrl-bcm2711`: stays. */
  readonly label: string;
  readonly lines: number;
}
export declare function unpackChipInfo(bytes: Uint8Array): ChipInfo;
export declare function packChipInfo({ name, label, lines }: ChipInfo): Uint8Array;
/** `struct gpio_v2_line_info`, as far as it is asked for. */
export interface LineInfo {
  readonly offset: number;
  /** By the board's own description, `GPIO17`; often empty. */
  readonly name: string;
  /** Who holds it; empty where nobody does. */
  readonly consumer: string;
}
/** Room for the answer about one line. */
export declare function packLineInfo({ offset, name, consumer }: LineInfo): Uint8Array;
export declare function unpackLineInfo(bytes: Uint8Array): LineInfo;
