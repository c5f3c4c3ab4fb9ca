/**
 * The public function codes of the MODBUS Application Protocol V1.1b3, one line each: the one place that
 * knows their numbers, names, access, data and limits. What is not here is reserved or a vendor's own.
 */
const Table = [
  row(1, 'Read Coils', 'read', 'coils', { read: 2000 }, '§6.1', true),
  row(2, 'Read Discrete Inputs', 'read', 'discrete-inputs', { read: 2000 }, '§6.2', true),
  row(3, 'Read Holding Registers', 'read', 'holding-registers', { read: 125 }, '§6.3', true),
  row(4, 'Read Input Registers', 'read', 'input-registers', { read: 125 }, '§6.4', true),
  row(5, 'Write Single Coil', 'write', 'coils', { write: 1 }, '§6.5', true),
  row(6, 'Write Single Register', 'write', 'holding-registers', { write: 1 }, '§6.6', true),
  row(7, 'Read Exception Status', 'read', 'none', {}, '§6.7', false),
  row(8, 'Diagnostics', 'both', 'none', {}, '§6.8', false),
  row(11, 'Get Comm Event Counter', 'read', 'none', {}, '§6.9', false),
  row(12, 'Get Comm Event Log', 'read', 'none', {}, '§6.10', false),
  row(15, 'Write Multiple Coils', 'write', 'coils', { write: 1968 }, '§6.11', true),
  row(16, 'Write Multiple Registers', 'write', 'holding-registers', { write: 123 }, '§6.12', true),
  row(17, 'Report Server ID', 'read', 'none', {}, '§6.13', false),
  row(20, 'Read File Record', 'read', 'files', {}, '§6.14', false),
  row(21, 'Write File Record', 'write', 'files', {}, '§6.15', false),
  row(22, 'Mask Write Register', 'write', 'holding-registers', { write: 1 }, '§6.16', true),
  row(
    23,
    'Read/Write Multiple Registers',
    'both',
    'holding-registers',
    { read: 125, write: 121 },
    '§6.17',
    true,
  ),
  row(24, 'Read FIFO Queue', 'read', 'holding-registers', { read: 31 }, '§6.18', false),
  row(43, 'Encapsulated Interface Transport', 'both', 'none', {}, '§6.19', false),
] as const;

/** One public function code. */
export interface FunctionCode {
  /** 1 to 127. */
  readonly number: number;
  /** As the specification spells it. */
  readonly name: string;
  readonly access: 'read' | 'write' | 'both';
  /** What its addresses count. */
  readonly data: DataTable | 'files' | 'none';
  /** Largest quantity of one request by the protocol; 0 where it does not do that. */
  readonly maxRead: number;
  readonly maxWrite: number;
  readonly clause: string;
  /** Whether this release parses it in full; what it cannot parse it refuses. */
  readonly inspected: boolean;
}

/** The four tables of the Modbus data model (MAP V1.1b3 §4.3), in the order of the codes that read them. */
export const DataTables = ['coils', 'discrete-inputs', 'holding-registers', 'input-registers'] as const;
export type DataTable = (typeof DataTables)[number];

/** All public function codes in ascending order. */
export const FunctionCodes: readonly FunctionCode[] = Table;

/** The row for a number, or `undefined` where no public function has it. */
export function functionCode(number: number): FunctionCode | undefined {
  return byNumber[number];
}

/** Whether a request with this function code can be inspected, and so can ever be allowed. */
export function isInspected(number: number): boolean {
  return byNumber[number]?.inspected === true;
}

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
  access: FunctionCode['access'],
  data: FunctionCode['data'],
  limits: { readonly read?: number; readonly write?: number },
  clause: string,
  inspected: boolean,
): FunctionCode {
  const [maxRead, maxWrite] = [limits.read ?? 0, limits.write ?? 0];
  return { number, name, access, data, maxRead, maxWrite, clause: `MAP V1.1b3 ${clause}`, inspected };
}
