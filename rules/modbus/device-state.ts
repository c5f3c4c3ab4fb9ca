import type { ModbusProfile } from '../policy.ts';
import {
  readSpan,
  type Span,
  type WritingRequest,
  writtenQuantity,
  writtenTable,
  writtenWord,
} from './access.ts';
import { bitAt, wordAt } from './adu.ts';
import type { DataTable } from './function-code.ts';
import type { Request } from './request.ts';
import { createWatchList, TableNumber } from './watch-list.ts';

/**
 * What is known about one server: the values it was last seen to hold, and when it was last written to.
 * Every connection to the server shares it, so that no limit is slipped past on a second connection.
 * Only addresses that some permission needs are kept, and whatever leaves a doubt makes a value unknown.
 * It starts empty: after a restart the first write to an address has no earlier one to keep a distance to.
 */
export interface DeviceState {
  /** Keeps, from now on, what the profile's steps, intervals and interlocks need. */
  watch(profile: ModbusProfile): void;
  /** The last value read, or written and confirmed; `undefined` in any doubt or with a write under way. */
  lastValue(unit: number, table: DataTable, address: number): number | undefined;
  /** The last value read, and when that read was sent. A written value is no reading. */
  lastReading(unit: number, table: DataTable, address: number): Reading | undefined;
  /** When the address was last written to, `-Infinity` for never; `undefined` when nobody keeps it. */
  lastWrite(unit: number, table: DataTable, address: number): number | undefined;
  /** A place in the order of what is sent to this server and answered by it; for {@link observe}. */
  moment(): number;
  /** A read that was sent at `now` and `moment` has been answered with this data. */
  observe(request: Request, data: Uint8Array, now: number, moment: number): void;
  /** A write is being sent. Its result goes to {@link endWrite}, once, whatever becomes of the write. */
  beginWrite(request: WritingRequest, now: number): SentWrite;
  /** `done` as confirmed, `unchanged` as the server vouches, `unknown` otherwise. */
  endWrite(sent: SentWrite, outcome: 'done' | 'unchanged' | 'unknown'): void;
}

/** A value with the time its read was sent: it is at least as fresh as that. */
export interface Reading {
  readonly value: number;
  readonly at: number;
}

/** The kept addresses that one write touches, and what it leaves there. */
export type SentWrite = readonly { readonly cell: Cell; readonly word: number | undefined }[];

/** What is kept for one address. */
interface Cell {
  value: number | undefined;
  readAt: number | undefined;
  /** Moment of the read that gave the value. */
  sampled: number;
  /** Moment a write was last sent or answered. */
  touched: number;
  writtenAt: number;
  /** Writes under way, and whether two of them have overlapped. */
  writing: number;
  contended: boolean;
}

/** So many addresses of one server are kept at most; the others count as unknown. */
export const MaxCells = 65_536;

/** One for each server asset. */
export function createDeviceState(): DeviceState {
  const cells = new Map<number, Cell>();
  const watched = createWatchList();
  let clock = 0;

  function cellAt(unit: number, table: DataTable, address: number): Cell | undefined {
    const key = keyOf(unit, table, address);
    const cell = cells.get(key);
    if (cell !== undefined || cells.size >= MaxCells) return cell;
    const created = emptyCell();
    cells.set(key, created);
    return created;
  }

  function cellsWithin(unit: number, span: Span, visit: (cell: Cell, index: number) => void): void {
    for (const { first, last } of watched.within(unit, span)) {
      for (let address = first; address <= last; address++) {
        const cell = cellAt(unit, span.table, address);
        if (cell !== undefined) visit(cell, address - span.address);
      }
    }
  }

  function settled(unit: number, table: DataTable, address: number): Cell | undefined {
    const cell = cells.get(keyOf(unit, table, address));
    return cell === undefined || cell.writing > 0 ? undefined : cell;
  }

  function beginWrite(request: WritingRequest, now: number): SentWrite {
    const sent: { cell: Cell; word: number | undefined }[] = [];
    const begin = (cell: Cell, word: number | undefined): void => {
      cell.contended ||= cell.writing > 0;
      cell.writing++;
      cell.touched = ++clock;
      cell.writtenAt = now;
      sent.push({ cell, word });
    };
    const span: Span = {
      table: writtenTable(request),
      address: request.address,
      quantity: writtenQuantity(request),
    };
    const twins = watched.twinsOf(span);
    for (const unit of unitsReached(request.unit)) {
      // Whether a broadcast was carried out is never answered, so it leaves nothing known.
      const known = request.unit !== BroadcastUnit;
      cellsWithin(unit, span, (cell, index) => begin(cell, known ? writtenWord(request, index) : undefined));
      for (const twin of twins) cellsWithin(unit, twin, (cell) => begin(cell, undefined));
    }
    return sent;
  }

  return {
    watch: watched.add,
    lastValue: (unit, table, address) => settled(unit, table, address)?.value,
    lastReading(unit, table, address) {
      const cell = settled(unit, table, address);
      if (cell?.value === undefined || cell.readAt === undefined) return undefined;
      return { value: cell.value, at: cell.readAt };
    },
    lastWrite(unit, table, address) {
      return watched.has(unit, table, address) ? cellAt(unit, table, address)?.writtenAt : undefined;
    },
    moment: () => ++clock,
    observe(request, data, now, moment) {
      const span = readSpan(request);
      if (span === undefined) return;
      cellsWithin(request.unit, span, (cell, index) => {
        // A write sent or answered since leaves open on which side of it this reading was taken.
        if (cell.writing > 0 || cell.touched > moment || cell.sampled > moment) return;
        cell.value = request.functionCode <= 2 ? bitAt(data, index) : wordAt(data, 2 * index);
        cell.readAt = now;
        cell.sampled = moment;
      });
    },
    beginWrite,
    endWrite(sent, outcome) {
      for (const { cell, word } of sent) {
        cell.writing--;
        cell.touched = ++clock;
        // Of two writes that overlapped nobody knows which one the server did last.
        if (outcome !== 'unchanged' || cell.contended) {
          cell.value = outcome === 'done' && !cell.contended ? word : undefined;
          cell.readAt = undefined;
        }
        if (cell.writing === 0) cell.contended = false;
      }
    },
  };
}

/** Unit 0 reaches every unit behind a serial gateway (MODBUS over Serial Line V1.02 §2.2). */
export const BroadcastUnit = 0;

function unitsReached(unit: number): readonly number[] {
  return unit === BroadcastUnit ? AllUnits : [unit];
}

function emptyCell(): Cell {
  return {
    value: undefined,
    readAt: undefined,
    sampled: 0,
    touched: 0,
    writtenAt: Number.NEGATIVE_INFINITY,
    writing: 0,
    contended: false,
  };
}

function keyOf(unit: number, table: DataTable, address: number): number {
  return (unit * 4 + TableNumber[table]) * 0x1_0000 + address;
}

const AllUnits: readonly number[] = Array.from({ length: 256 }, (_, unit) => unit);
