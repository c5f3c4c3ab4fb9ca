/**
 * The public function codes of the MODBUS Application Protocol V1.1b3, one line each: the one place that
 * knows their numbers, names, access, data and limits. What is not here is reserved, user-defined or a
 * vendor's own, and its data is opaque.
 */
const Table = [
  row(1, 'Read Coils', 'read', 'coils', { read: 2000 }, '§6.1'),
  row(2, 'Read Discrete Inputs', 'read', 'discrete-inputs', { read: 2000 }, '§6.2'),
  row(3, 'Read Holding Registers', 'read', 'holding-registers', { read: 125 }, '§6.3'),
  row(4, 'Read Input Registers', 'read', 'input-registers', { read: 125 }, '§6.4'),
  row(5, 'Write Single Coil', 'write', 'coils', { write: 1 }, '§6.5'),
  row(6, 'Write Single Register', 'write', 'holding-registers', { write: 1 }, '§6.6'),
  row(7, 'Read Exception Status', 'read', 'none', {}, '§6.7'),
  row(8, 'Diagnostics', 'both', 'none', {}, '§6.8'),
  row(11, 'Get Comm Event Counter', 'read', 'none', {}, '§6.9'),
  row(12, 'Get Comm Event Log', 'read', 'none', {}, '§6.10'),
  row(15, 'Write Multiple Coils', 'write', 'coils', { write: 1968 }, '§6.11'),
  row(16, 'Write Multiple Registers', 'write', 'holding-registers', { write: 123 }, '§6.12'),
  row(17, 'Report Server ID', 'read', 'none', {}, '§6.13'),
  row(20, 'Read File Record', 'read', 'files', {}, '§6.14'),
  row(21, 'Write File Record', 'write', 'files', {}, '§6.15'),
  row(22, 'Mask Write Register', 'write', 'holding-registers', { write: 1 }, '§6.16'),
  row(23, 'Read/Write Multiple Registers', 'both', 'holding-registers', { read: 125, write: 121 }, '§6.17'),
  // The request names the queue's pointer alone; up to 31 registers come back.
  row(24, 'Read FIFO Queue', 'read', 'holding-registers', { read: 1 }, '§6.18'),
  row(43, 'Encapsulated Interface Transport', 'both', 'none', {}, '§6.19'),
] as const;

/** One public function code. */
export interface FunctionCode {
  /** 1 to 127. */
  readonly number: number;
  /** As the specification spells it. */
  readonly name: string;
  readonly access: Access;
  /** What its addresses count. */
  readonly data: DataTable | 'files' | 'none';
  /** Largest quantity of one request by the protocol; 0 where it does not do that. */
  readonly maxRead: number;
  readonly maxWrite: number;
  readonly clause: string;
}

/** `both` where one request does both, or where the sub-function or MEI type decides. */
export type Access = 'read' | 'write' | 'both';

/** The four tables of the Modbus data model (MAP V1.1b3 §4.3), in the order of the codes that read them. */
export const DataTables = ['coils', 'discrete-inputs', 'holding-registers', 'input-registers'] as const;
export type DataTable = (typeof DataTables)[number];

/** All public function codes in ascending order. */
export const FunctionCodes: readonly FunctionCode[] = Table;

/** The row for a number, or `undefined` where no public function has it. */
export function functionCode(number: number): FunctionCode | undefined {
  return byNumber[number];
}

/**
 * Whether the data of a function means nothing to this gateway: every number from 1 to 127 that is no
 * public function (user-defined 65 to 72 and 100 to 110, reserved, vendors' own). Function code 43 is not
 * opaque by its number; its MEI type decides ({@link isOpaqueMei}).
 */
export function isOpaque(number: number): boolean {
  return number > 0 && number < ExceptionBit && byNumber[number] === undefined;
}

/** Encapsulated Interface Transport (MAP V1.1b3 §6.19). */
export const EncapsulatedTransport = 43;

/** The MEI types of MAP V1.1b3 §6.19; all others (0 to 12, 15 to 255) are reserved. */
export const MeiTypes = [
  { number: 13, name: 'CANopen General Reference', access: 'both', clause: 'MAP V1.1b3 §6.20' },
  { number: 14, name: 'Read Device Identification', access: 'read', clause: 'MAP V1.1b3 §6.21' },
] as const satisfies readonly {
  readonly number: number;
  readonly name: string;
  readonly access: Access;
  readonly clause: string;
}[];

/** Read Device Identification, the only MEI type whose data has a form of its own. */
export const DeviceIdentification = 14;

/** Whether what follows a MEI type means nothing to this gateway: a CANopen tunnel, or reserved. */
export function isOpaqueMei(type: number): boolean {
  return type !== DeviceIdentification;
}

/** Schneider's UMAS: session, UMAS function, data. May be longer than any Modbus ADU. */
export const Umas = 90;

/** Set in the function code of an exception response (MAP V1.1b3 §7). */
export const ExceptionBit = 0x80;

const byNumber: readonly (FunctionCode | undefined)[] = indexByNumber();

function indexByNumber(): (FunctionCode | undefined)[] {
  const index = new Array<FunctionCode | undefined>(256).fill(undefined);
  for (const entry of Table) index[entry.number] = entry;
  return index;
}

function row(
  number: number,
  name: string,
  access: Access,
  data: FunctionCode['data'],
  limits: { readonly read?: number; readonly write?: number },
  clause: string,
): FunctionCode {
  const [maxRead, maxWrite] = [limits.read ?? 0, limits.write ?? 0];
  return { number, name, access, data, maxRead, maxWrite, clause: `MAP V1.1b3 ${clause}` };
}
