import type { Reason } from '../../reason.ts';
import type { Refusal } from '../connection/effect.ts';
import { diagnosticFunction } from '../message/diagnostics.ts';
import {
  type DataTable,
  EncapsulatedTransport,
  functionCode,
  MeiTypes,
  Umas,
} from '../message/function-code.ts';
import type { ModbusDevice, ModbusPermission } from '../profile.ts';
import { limitText } from './limit-text.ts';
import { placeText, recordsText } from './place-text.ts';
import { writtenText } from './value-text.ts';

/** What is described: a {@link Refusal}, or as much of one as is known of a request that passed. */
export type Described = Pick<
  Refusal,
  'unit' | 'functionCode' | 'subFunction' | 'address' | 'quantity' | 'values' | 'read' | 'file'
> &
  Partial<Pick<Refusal, 'before' | 'permission' | 'reason' | 'bytes'>>;

/** What makes the line say more: how values are typed and limited, and what unit 0 means. */
export interface DescribeContext {
  /** The one that decided or came closest. */
  readonly permission?: ModbusPermission | undefined;
  readonly device?: ModbusDevice['kind'] | undefined;
}

/**
 * One line for people, the same wherever a request is shown:
 * `WRITE holding register 140 (40141) "Cl2 dose": 20 → 200 (limit 35), unit 1`. Addresses are 0-based as on
 * the wire, with the reference of the plant's drawings behind them.
 */
export function describe(asked: Described, context: DescribeContext = {}): string {
  if (asked.functionCode === 0) return 'bytes that are no Modbus message';
  return `${act(asked, context)}, ${unitText(asked.unit, context.device)}`;
}

/** The same for what was refused or put aside, on whichever side it came. */
export function describeRefusal(refusal: Refusal, context: DescribeContext = {}): string {
  const text = describe(refusal, context);
  // Where no answer came in time there is the request alone.
  const isRequest = refusal.from === 'client' || refusal.reason === 'request-timeout';
  if (isRequest || refusal.functionCode === 0) return text;
  return refusal.reason === 'server-asks' ? `from the server: ${text}` : `response to ${text}`;
}

/** `3 Read Holding Registers`, or the bare number where no public function has it. */
export function functionText(number: number): string {
  const name = number === Umas ? 'UMAS' : functionCode(number)?.name;
  return name === undefined ? String(number) : `${number} ${name}`;
}

/** `sub-function 4 Force Listen Only Mode`, `MEI type 14 Read Device Identification`, `UMAS function 0x41`. */
export function subFunctionText(code: number, subFunction: number): string {
  if (code === Umas) return `UMAS function 0x${subFunction.toString(16).padStart(2, '0')}`;
  const isMei = code === EncapsulatedTransport;
  const entry = isMei
    ? MeiTypes.find(({ number }) => number === subFunction)
    : diagnosticFunction(subFunction);
  return `${isMei ? 'MEI type' : 'sub-function'} ${subFunction} ${entry?.name ?? '(reserved)'}`;
}

function act(asked: Described, context: DescribeContext): string {
  const entry = functionCode(asked.functionCode);
  const table = entry?.data;
  if (asked.functionCode >= 128) return `exception response to function code ${asked.functionCode - 128}`;
  if (entry === undefined || asked.functionCode === EncapsulatedTransport) return opaqueAct(asked);
  if (asked.functionCode === 8 && asked.subFunction !== undefined) {
    return `DIAGNOSTICS ${subFunctionText(8, asked.subFunction)}`;
  }
  if (table === 'files' && asked.file !== undefined) {
    const { file, record, length } = asked.file;
    return `${entry.access === 'write' ? 'WRITE' : 'READ'} ${recordsText(file, record, length)}`;
  }
  if (asked.address === undefined || table === undefined || table === 'none' || table === 'files') {
    return `${entry.name} (function code ${entry.number})`;
  }
  const place = placeText(table, asked.address, asked.quantity ?? 1) + nameText(asked);
  if (entry.access === 'read') {
    return `READ ${entry.number === 24 ? 'FIFO queue at ' : ''}${place}${limit(asked, context)}`;
  }
  return writingAct(asked, context, table, place);
}

function writingAct(asked: Described, context: DescribeContext, table: DataTable, place: string): string {
  const values = writtenText(asked, table, context.permission?.values ?? []);
  const write = `${asked.functionCode === 22 ? 'MASK WRITE' : 'WRITE'} ${place}${values}${limit(asked, context)}`;
  if (asked.read === undefined) return write;
  return `READ ${placeText(table, asked.read.address, asked.read.quantity)} and ${write}`;
}

/** What means nothing to this gateway is told by its number and its size. */
function opaqueAct({ functionCode: code, subFunction, bytes }: Described): string {
  const what =
    subFunction === undefined || subFunction < 0
      ? `function code ${functionText(code)}`
      : subFunctionText(code, subFunction);
  const size = bytes === undefined ? undefined : declaredBytes(bytes);
  return size === undefined ? what : `${what}, ${size} bytes`;
}

/** The length of the whole ADU by its own header, since a record keeps its beginning only. */
function declaredBytes(bytes: Uint8Array): number | undefined {
  const [high, low] = [bytes[4], bytes[5]];
  return high === undefined || low === undefined ? undefined : 6 + high * 256 + low;
}

/** The name of a permission is that of a place only where the place is the permission's. */
function nameText({ permission, reason }: Described): string {
  const isElsewhere = reason !== undefined && Elsewhere.has(reason);
  return permission === undefined || permission.name === '' || isElsewhere ? '' : ` "${permission.name}"`;
}

function limit(asked: Described, { permission }: DescribeContext): string {
  const text = permission === undefined ? '' : limitText(asked, permission);
  return text === '' ? '' : ` (${text})`;
}

function unitText(unit: number, device: ModbusDevice['kind'] | undefined): string {
  return unit === 0 && device === 'serial-gateway' ? 'every unit (broadcast)' : `unit ${unit}`;
}

/** Reasons for which the permission that came closest is about something else than what was asked for. */
const Elsewhere: ReadonlySet<Reason> = new Set<Reason>([
  'fc-not-allowed',
  'unit-not-allowed',
  'address-out-of-range',
  'sub-function-not-allowed',
  'file-out-of-range',
]);
