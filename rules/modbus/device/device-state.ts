import {
  BroadcastUnit,
  reads,
  readTable,
  type WritableTable,
  writes,
  writtenTable,
  writtenWord,
} from '../message/access.ts';
import { bitAt, wordAt } from '../message/adu.ts';
import type { DataTable } from '../message/function-code.ts';
import type { Request } from '../message/request.ts';
import { addSteps, stepFromKnown, stepFromPending, stepFromSent } from '../permission/step.ts';
import type { ValueForm, WrittenValue } from '../permission/value-form.ts';
import type { ModbusDevice, ModbusProfile } from '../profile.ts';
import { firstFrom } from './alias-table.ts';
import { type Cell, createCells } from './cell.ts';
import type { MinuteWindow } from './minute-window.ts';
import { chain, placeOf, type SentWrite, type SentWrites, unchain } from './sent-write.ts';
import { createTwins } from './twins.ts';
import { createUnitPlaces, type UnitPlaces } from './unit-places.ts';
import { createUnread, type UnreadUnits } from './unread.ts';
import { watchPlan } from './watch-plan.ts';
import { createWriteHistory } from './write-history.ts';

/**
 * What is known about one server: the values it was last seen to hold, how it was written to, and how many
 * requests are under way. Every connection to the server shares it, so that no limit is slipped past on a
 * second connection. Only addresses that some permission needs are kept, and whatever leaves a doubt makes
 * a value unknown. Once an address is kept, nothing here allocates.
 *
 * Of a direct device units 0 and 255 are one (MODBUS Messaging on TCP/IP V1.0b §4.4.2.1.2). Behind a serial
 * gateway a write to unit 0 is one to every unit; and unit 0 stands for all of them, so it counts as written
 * whenever one is, and what it holds is never known.
 *
 * What file records (function code 21) and functions with opaque data do to coils and registers is not seen
 * here, and no alias can say it: it shows when it is next read.
 */
export interface DeviceState extends UnitPlaces, UnreadUnits {
  readonly kind: ModbusDevice['kind'];
  /**
   * Keeps from now on what the profile's steps, intervals, budgets and interlocks need; costs nothing for a
   * profile it already knows. Nothing is known of writes before `now`, so intervals and budgets are unknown
   * until their own time has passed: −Infinity where there were none (explain, replay, policy tests).
   */
  watch(profile: ModbusProfile, now: number): void;
  /** A place in the order of what is sent to this server and answered by it; for {@link observe}. */
  moment(): number;
  /** The data of the answer to a read, from `start` on; `sentAt` and `moment` are those of its sending. */
  observe(request: Request, data: Uint8Array, start: number, sentAt: number, moment: number): void;
  /** A write is being sent. Its result goes to {@link endWrite}, once, whatever becomes of the write. */
  beginWrite(request: Request, now: number, sent: SentWrite): void;
  /** `done` as confirmed, `unchanged` as the server vouches, `unknown` otherwise. */
  endWrite(sent: SentWrite, outcome: 'done' | 'unchanged' | 'unknown'): void;
  /** Nobody will say what becomes of it, and the server may carry it out until `openUntil`: nothing is known before. */
  abandonWrite(sent: SentWrite, openUntil: number): void;

  /** The last value read, or written and confirmed; -1 where it is not known. */
  lastValue(unit: number, table: DataTable, address: number): number;
  /** What is known of an address; `undefined` when nobody keeps it. */
  known(unit: number, table: DataTable, address: number): Readonly<Cell> | undefined;
  /** Writes of an address in the last minute; `undefined` when nobody counts them. */
  writesOf(unit: number, table: DataTable, address: number): MinuteWindow | undefined;
  /** Steps in the last minute of the value that begins at an address; `undefined` when nobody adds them up. */
  driftOf(form: ValueForm, unit: number, table: DataTable, address: number): MinuteWindow | undefined;
  /** See {@link stepFromKnown}. */
  stepFromKnown(
    form: ValueForm,
    written: WrittenValue,
    unit: number,
    table: WritableTable,
    address: number,
    noOlderThan: number,
    now: number,
  ): boolean;
  /** See {@link stepFromSent}. */
  stepFromSent(
    form: ValueForm,
    written: WrittenValue,
    unit: number,
    table: WritableTable,
    address: number,
    noOlderThan: number,
    now: number,
  ): void;
  /** See {@link stepFromPending}. */
  stepFromPending(
    form: ValueForm,
    written: WrittenValue,
    unit: number,
    table: WritableTable,
    address: number,
  ): boolean;
}

/** One for each server asset. */
export function createDeviceState(kind: ModbusDevice['kind']): DeviceState {
  const cells = createCells();
  const history = createWriteHistory();
  const twins = createTwins();
  const places = createUnitPlaces();
  const unread = createUnread(kind === 'serial-gateway' ? BroadcastUnit : -1, cells, history);
  const underWay: SentWrites = { newest: undefined };
  const profiles = new WeakSet<ModbusProfile>();
  /** An array, because counting on in a variable would allocate above 2^31. */
  const clock = new Float64Array(1);

  function keyOf(unit: number): number {
    return kind === 'direct' && unit === DirectUnit ? 0 : unit;
  }

  function tick(): number {
    const next = (clock[0] ?? 0) + 1;
    clock[0] = next;
    return next;
  }

  /** Writes sent before the profile was known reach what it made to be kept. */
  function watch(profile: ModbusProfile, now: number): void {
    if (profiles.has(profile)) return;
    profiles.add(profile);
    twins.add(profile.aliases);
    for (const each of watchPlan(profile)) {
      for (const unit of each.units) {
        if (each.what === 'cell') cells.watched.add(keyOf(unit), each.table, each.ranges, now);
        else history.watch(each, keyOf(unit), now);
      }
    }
    for (let sent = underWay.newest; sent !== undefined; sent = sent.older) reach(sent, undefined, sent.at);
  }

  function observe(request: Request, data: Uint8Array, start: number, sentAt: number, moment: number): void {
    const { functionCode: code, readAddress: address } = request;
    // What function code 24 reads are a queue's contents, which have no addresses.
    if (!reads(request) || code === 24) return;
    const unit = keyOf(request.unit);
    if (unread.any && !unread.isPast(unit, sentAt, moment)) return;
    const table = readTable(request);
    const end = address + request.readQuantity - 1;
    let next = cells.watched.next(unit, table, address, end);
    for (; next >= 0; next = cells.watched.next(unit, table, next + 1, end)) {
      const cell = cells.at(unit, table, next);
      // A write sent or answered since leaves open on which side of it this reading was taken.
      if (cell === undefined || cell.writing > 0 || cell.touched > moment) continue;
      if (cell.knownMoment > moment || sentAt < cell.openUntil) continue;
      const index = next - address;
      cell.value = code <= 2 ? bitAt(data, start, index) : wordAt(data, start + 2 * index);
      cell.sent = cell.value;
      cell.knownAt = cell.readAt = sentAt;
      cell.knownMoment = moment;
    }
  }

  function beginWrite(request: Request, now: number, sent: SentWrite): void {
    if (sent.isUnderWay) throw new Error('this record is of a write that is still under way');
    if (!writes(request)) throw new Error(`function code ${request.functionCode} writes no table`);
    sent.isUnderWay = true;
    sent.at = now;
    sent.unit = keyOf(request.unit);
    sent.table = writtenTable(request);
    sent.address = request.writeAddress;
    sent.quantity = request.writeQuantity;
    sent.moment = tick();
    sent.count = sent.own = 0;
    sent.isNoted = false;
    reach(sent, request, now);
    sent.isNoted = true;
    chain(underWay, sent);
  }

  function endWrite(sent: SentWrite, outcome: 'done' | 'unchanged' | 'unknown'): void {
    if (!sent.isUnderWay) return;
    sent.isUnderWay = false;
    unchain(underWay, sent);
    const isClear = !unread.any || unread.isPast(sent.unit, sent.at, sent.moment);
    for (let index = 0; index < sent.count; index++) {
      const cell = sent.cells[index];
      if (cell === undefined) continue;
      cell.writing--;
      cell.touched = tick();
      if (outcome !== 'unchanged') {
        // Of two writes that overlapped nobody knows which one the server did last.
        const isCertain = outcome === 'done' && isClear && !cell.contended && !(sent.at < cell.openUntil);
        cell.value = isCertain ? (sent.words[index] ?? -1) : -1;
        cell.knownAt = sent.at;
        cell.knownMoment = sent.moment;
        cell.readAt = Number.NEGATIVE_INFINITY;
      }
      if (cell.writing === 0) cell.contended = false;
    }
  }

  function abandonWrite(sent: SentWrite, openUntil: number): void {
    for (let index = 0; sent.isUnderWay && index < sent.count; index++) {
      const cell = sent.cells[index];
      if (cell !== undefined && !(cell.openUntil >= openUntil)) cell.openUntil = openUntil;
    }
    endWrite(sent, 'unknown');
  }

  /**
   * Notes all that a write reaches; `request` is `undefined` when it is not at hand any more. `now` is
   * handed down, because each reading of it from the record would be a number V8 has to allocate.
   */
  function reach(sent: SentWrite, request: Request | undefined, now: number): void {
    if (isBroadcast(sent.unit)) {
      // Whether a broadcast was carried out is never answered, so it leaves nothing known.
      for (let unit = 0; unit < 256; unit++) reachUnit(sent, unit, undefined, now);
      return;
    }
    reachUnit(sent, sent.unit, request, now);
    if (kind === 'serial-gateway') reachUnit(sent, BroadcastUnit, undefined, now);
  }

  function isBroadcast(unit: number): boolean {
    return kind === 'serial-gateway' && unit === BroadcastUnit;
  }

  function reachUnit(sent: SentWrite, unit: number, request: Request | undefined, now: number): void {
    const { table, address, quantity } = sent;
    reachSpan(sent, unit, table, address, quantity, request, now);
    const { own, twin } = twins.of(table);
    const other = table === 'coils' ? 'holding-registers' : 'coils';
    const first = firstFrom(own, address);
    for (let place = first; (own[place] ?? NoAddress) < address + quantity; place++) {
      const at = twin[place] ?? 0;
      // Several coils of one register are one write to it; a coil in front of those written is none of them.
      if (place === first || at !== twin[place - 1]) reachSpan(sent, unit, other, at, 1, undefined, now);
    }
  }

  function reachSpan(
    sent: SentWrite,
    unit: number,
    table: WritableTable,
    address: number,
    quantity: number,
    request: Request | undefined,
    now: number,
  ): void {
    const end = address + quantity - 1;
    if (!sent.isNoted) {
      history.count(unit, table, address, quantity, now);
      addSteps(history.terms, cells, underWay, unit, table, address, quantity, request, now);
    }
    let next = cells.watched.next(unit, table, address, end);
    for (; next >= 0; next = cells.watched.next(unit, table, next + 1, end)) {
      const cell = cells.at(unit, table, next);
      const word = request === undefined ? -1 : writtenWord(request, next - address);
      if (cell !== undefined) noteCell(sent, cell, word, next - address, now);
    }
    if (!sent.isNoted && sent.own === 0 && unit === sent.unit && table === sent.table) sent.own = sent.count;
  }

  function noteCell(sent: SentWrite, cell: Cell, word: number, index: number, now: number): void {
    // What one write reaches twice, through aliases, it still only writes once.
    if (sent.isNoted ? placeOf(sent, cell, index) >= 0 : cell.touched > sent.moment) return;
    sent.cells[sent.count] = cell;
    sent.words[sent.count] = word;
    sent.count++;
    if (word >= 0) cell.sent = word;
    cell.contended ||= cell.writing > 0;
    cell.writing++;
    cell.touched = tick();
    if (now > cell.writtenAt) cell.writtenAt = now;
  }

  return {
    kind,
    watch,
    moment: tick,
    observe,
    beginWrite,
    endWrite,
    abandonWrite,
    lastValue: (unit, table, address) => cells.at(keyOf(unit), table, address)?.value ?? -1,
    known: (unit, table, address) => cells.at(keyOf(unit), table, address),
    writesOf: (unit, table, address) => history.writesOf(keyOf(unit), table, address),
    driftOf: (form, unit, table, address) => history.driftOf(form, keyOf(unit), table, address),
    stepFromKnown: (form, written, unit, table, address, noOlderThan, now) =>
      stepFromKnown(cells, form, written, keyOf(unit), table, address, noOlderThan, now),
    stepFromSent: (form, written, unit, table, address, noOlderThan, now) =>
      stepFromSent(cells, form, written, keyOf(unit), table, address, noOlderThan, now),
    stepFromPending: (form, written, unit, table, address) =>
      stepFromPending(cells, underWay, form, written, keyOf(unit), table, address),
    takePlace: (unit, limit, wake) => places.takePlace(keyOf(unit), limit, wake),
    freePlace: (unit) => places.freePlace(keyOf(unit)),
    stopWaiting: places.stopWaiting,
    beginUnread: (unit, now) => unread.begin(keyOf(unit), now),
    endUnread: (unit, openUntil) => unread.end(keyOf(unit), openUntil, tick()),
  };
}

/** What the one device behind an address is called there; 0 is as good (MODBUS Messaging §4.4.2.1.2). */
const DirectUnit = 255;

const NoAddress = 0x1_0000;
