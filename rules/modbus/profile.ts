/** What may be said on an inspected flow. Allow-only: a request needs one permission that covers all of it. */
export interface ModbusProfile {
  readonly name: string;
  readonly permissions: readonly ModbusPermission[];
  readonly aliases: readonly CoilAlias[];
  readonly limits: ModbusLimits;
  /** How a refusal is answered, unless the permission that came closest says otherwise. */
  readonly refusal: RefusalRule;
}

export interface ModbusPermission {
  /** Unique in the policy and stable while its place in its profile is: `scada-setpoints/2`, counted from 1. */
  readonly id: string;
  /** The author's name for it, or empty. */
  readonly name: string;
  /** Line in the model, for records. */
  readonly line: number;
  /** Function codes, 1 to 127. */
  readonly functions: readonly number[];
  /** Diagnostics sub-functions for function code 8, UMAS functions for 90; empty permits none of either. */
  readonly subFunctions: readonly number[];
  /** MEI types for function code 43; empty permits none. */
  readonly mei: readonly number[];
  /** Unit identifiers, 0 to 255; never empty. */
  readonly units: readonly number[];
  /** Addresses read, or written by a write function; all of a request must lie inside one range. */
  readonly addresses: readonly AddressRange[];
  /** The read half of function code 23; its write half is `addresses`. */
  readonly readAddresses: readonly AddressRange[];
  /** Records of function codes 20 and 21; every group of a request must lie inside one of these. */
  readonly files: readonly FileRange[];
  /** Largest quantity per request; 0 leaves the protocol's own limit. */
  readonly maxQuantity: number;
  /** Largest ADU in bytes, 8 to 4096, for a function whose data is opaque; 0 permits no such function. */
  readonly maxBytes: number;
  /** What a write may leave behind: all of these hold. All have one width and one word order. */
  readonly values: readonly ValueRule[];
  readonly step: StepRule | undefined;
  /** Shortest time between two writes of one address, milliseconds; 0 is none. */
  readonly minInterval: number;
  /** Most writes of one address in any 60 seconds; 0 is no limit. */
  readonly writesPerMinute: number;
  /** All must be satisfied. */
  readonly interlocks: readonly Interlock[];
  /** What happens to a write whose step, interval, budget or interlock cannot be judged. */
  readonly unknown: 'refuse' | 'allow';
  /** Overrides the profile's, for requests that this permission came closest to covering. */
  readonly refusal: RefusalRule | undefined;
}

/** Inclusive; 0 to 65535. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** Records of files, both inclusive: files 1 to 65535, records 0 to 9999 (MAP V1.1b3 §6.14). */
export interface FileRange {
  readonly firstFile: number;
  readonly lastFile: number;
  readonly firstRecord: number;
  readonly lastRecord: number;
}

export const ValueTypes = ['u16', 's16', 'u32', 's32', 'f32', 'u64', 'f64'] as const;
export type ValueType = (typeof ValueTypes)[number];

/** What a written register (or group of registers) may hold. */
export interface ValueRule {
  readonly type: ValueType;
  /** Which register of a group comes first on the wire: most significant (`big`) or least. */
  readonly words: 'big' | 'little';
  /** The two bytes of one register; `big` is the specification's order. */
  readonly bytes: 'big' | 'little';
  /** Judges only these bits of a `u16` or `u32`, as a number of their own; 0 is the least significant. */
  readonly bits: { readonly first: number; readonly last: number } | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Empty means any value between min and max. */
  readonly allowed: readonly number[];
}

/** How far a write may go from what is known to be there. */
export interface StepRule {
  /** Largest distance from the last known value; `undefined` is no limit. */
  readonly max: number | undefined;
  /** Largest sum of distances in any 60 seconds, against drift in small steps; `undefined` is no limit. */
  readonly maxPerMinute: number | undefined;
  /** Milliseconds after which the last known value counts as unknown; 0 is never. */
  readonly noOlderThan: number;
}

/** A write that is allowed only while another value, as last read, is what it should be. */
export interface Interlock {
  /** Function code of the read that feeds it: 1, 2, 3 or 4. */
  readonly functionCode: number;
  readonly unit: number;
  readonly address: number;
  readonly is: number;
  /** Milliseconds; an older reading counts as unknown. */
  readonly noOlderThan: number;
}

/** This coil is that bit of that register, so the register's rules guard both. */
export interface CoilAlias {
  readonly coil: number;
  readonly register: number;
  /** 0 is the least significant. */
  readonly bit: number;
  readonly name: string;
}

/** 0 means no limit where nothing else is said. */
export interface ModbusLimits {
  /** Requests per second on the flow towards one server, all clients together. */
  readonly aduPerSecond: number;
  /** Requests outstanding per connection, 1 to 512. Above it nothing more is read from the client. */
  readonly outstanding: number;
  /** Requests outstanding per unit of the server, all clients together, 1 to 512. */
  readonly outstandingPerUnit: number;
  /** Milliseconds a server has to answer, 50 to 3 600 000. */
  readonly requestTimeout: number;
  /** Connections from one source address to one server on the flow. */
  readonly connectionsPerSource: number;
  /** Exceptions in any 60 seconds on one connection, the server's and ours; the next one ends it. */
  readonly exceptionsPerMinute: number;
  /** Different addresses read in any 60 seconds, and registers' worth of data, against covert channels. */
  readonly readAddressesPerMinute: number;
  readonly readWordsPerMinute: number;
}

/** What the client of a refused request sees. */
export interface RefusalRule {
  /** `exception` and `drop` keep the connection; `exception-close` ends it in order, `reset` at once. */
  readonly action: 'exception' | 'drop' | 'exception-close' | 'reset';
  /** Exception codes other than the usual one for a reason; codes 1 to 11. */
  readonly exceptionCodes: readonly { readonly reason: string; readonly code: number }[];
}

/** How an asset speaks Modbus when it is a server. */
export interface ModbusDevice {
  /**
   * `direct`: the asset is the one device and units 0 and 255 mean it (MODBUS Messaging on TCP/IP V1.0b
   * §4.4.2.1.2). `serial-gateway`: units are devices behind it and unit 0 is a broadcast, never answered.
   */
  readonly kind: 'direct' | 'serial-gateway';
  /** What both ends of its connections speak; `rtu` is RTU over TCP, and one request at a time. */
  readonly framing: 'mbap' | 'rtu';
  /** Set where the asset is a serial line of this box: its address exists on the box alone. */
  readonly line: SerialLine | undefined;
}

/** A Modbus RTU line at this box (MODBUS over Serial Line V1.02). */
export interface SerialLine {
  /** Name of the port on the board, e.g. `rs485-1`; the box's own configuration says which tty that is. */
  readonly port: string;
  /** Bits per second. */
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
  /** Milliseconds a unit has to answer; `units` names those that have longer or shorter. */
  readonly timeout: number;
  readonly units: readonly { readonly unit: number; readonly timeout: number }[];
}

/**
 * Named departures from the specification: off unless the conduit names them, counted when used.
 * - `coil-echo-0001`: a server echoes Write Single Coil with 0x0001 instead of 0xFF00.
 * - `late-response`: a response after the request's time-out is still delivered, and no exception in its
 *   place, unless the client has used the transaction identifier again by then.
 * - `long-adu`: a function that names its own size may exceed the 260 bytes of a Modbus ADU.
 * - `unit-echo`: a server answers under another unit identifier than it was asked with.
 * - `device-id-count`: Read Device Identification counts other objects than it lists (MAP V1.1b3 §6.21 itself does).
 */
export const Tolerances = [
  'coil-echo-0001',
  'late-response',
  'long-adu',
  'unit-echo',
  'device-id-count',
] as const;
export type Tolerance = (typeof Tolerances)[number];
