import type { Cells } from '../device/cell.ts';
import { addStepToMinute } from '../device/minute-window.ts';
import { placeOf, type SentWrite, type SentWrites } from '../device/sent-write.ts';
import type { DriftTerm } from '../device/write-history.ts';
import type { WritableTable } from '../message/access.ts';
import type { Request } from '../message/request.ts';
import {
  createWrittenValue,
  isMeasurable,
  stepFrom,
  takeWritten,
  type ValueForm,
  type WrittenValue,
} from './value-form.ts';

/**
 * Takes how far a value would go from the last known one at its place; false where that is not known, or has
 * been known for longer than `noOlderThan` (0 is for ever). Words that came one by one make no value: the
 * server may never have held it. Nor does NaN, with which a server says that it has none.
 */
export function stepFromKnown(
  cells: Cells,
  form: ValueForm,
  written: WrittenValue,
  unit: number,
  table: WritableTable,
  address: number,
  noOlderThan: number,
  now: number,
): boolean {
  let moment = 0;
  for (let part = 0; part < form.width; part++) {
    const cell = cells.at(unit, table, address + part);
    if (cell === undefined || cell.value < 0) return false;
    if (noOlderThan > 0 && !(now - cell.knownAt <= noOlderThan)) return false;
    if (part > 0 && cell.knownMoment !== moment) return false;
    moment = cell.knownMoment;
    Last[part] = cell.value;
  }
  if (!isMeasurable(form, Last)) return false;
  stepFrom(form, written, Last);
  return true;
}

/**
 * Takes how far it would go from what was last sent there, or read, whatever became of it; nothing where that
 * is not known, no number, or older than `noOlderThan`.
 */
export function stepFromSent(
  cells: Cells,
  form: ValueForm,
  written: WrittenValue,
  unit: number,
  table: WritableTable,
  address: number,
  noOlderThan: number,
  now: number,
): void {
  for (let part = 0; part < form.width; part++) {
    const cell = cells.at(unit, table, address + part);
    if (cell === undefined || cell.sent < 0) return;
    if (noOlderThan > 0 && !(now - cell.knownAt <= noOlderThan)) return;
    Last[part] = cell.sent;
  }
  if (isMeasurable(form, Last)) stepFrom(form, written, Last);
}

/**
 * Takes how far it would at most go from what the writes under way leave at its place; false where one of
 * them may leave anything, leaves no number, reaches only a part of the value, or would not be seen.
 */
export function stepFromPending(
  cells: Cells,
  underWay: SentWrites,
  form: ValueForm,
  written: WrittenValue,
  unit: number,
  table: WritableTable,
  address: number,
): boolean {
  let writing = 0;
  for (let part = 0; part < form.width; part++) {
    const cell = cells.at(unit, table, address + part);
    if (cell === undefined) return false;
    writing = Math.max(writing, cell.writing);
  }
  // To a server that has long stopped answering, one more is worth no look at all the others.
  if (writing > MostUnderWay) return false;
  for (let sent = writing === 0 ? undefined : underWay.newest; sent !== undefined; sent = sent.older) {
    const words = wordsLeft(cells, sent, form.width, unit, table, address);
    if (words === 'none') continue;
    if (words === 'unknown' || !isMeasurable(form, Last)) return false;
    stepFrom(form, written, Last);
  }
  return true;
}

/**
 * Adds what a write to a span adds to the sums of steps, before it is under way itself; `request` is
 * `undefined` where what it leaves there is not known. A sum with an unknown step is unknown for a minute.
 */
export function addSteps(
  terms: readonly DriftTerm[],
  cells: Cells,
  underWay: SentWrites,
  unit: number,
  table: WritableTable,
  address: number,
  quantity: number,
  request: Request | undefined,
  now: number,
): void {
  const end = address + quantity - 1;
  for (let index = 0; index < terms.length; index++) {
    const term = terms[index];
    if (term === undefined) continue;
    const { width } = term.form;
    let begins = term.firstWithin(unit, table, address, end);
    for (; begins >= 0; begins = term.firstWithin(unit, table, begins + width, end)) {
      const window = term.at(unit, table, begins);
      if (window === undefined) continue;
      const isWhole = begins >= address && begins + width - 1 <= end;
      const isKnown =
        isWhole &&
        request !== undefined &&
        takeStep(term.form, cells, underWay, request, unit, table, begins, now);
      if (isKnown) addStepToMinute(window, now, Written);
      else window.since = now;
    }
  }
}

/** The step to a value from all that may be there, in {@link Written}; false where that is not known. */
function takeStep(
  form: ValueForm,
  cells: Cells,
  underWay: SentWrites,
  request: Request,
  unit: number,
  table: WritableTable,
  address: number,
  now: number,
): boolean {
  takeWritten(request, address - request.writeAddress, form.width, Written);
  if (!isMeasurable(form, Written.words)) return false;
  return (
    stepFromKnown(cells, form, Written, unit, table, address, 0, now) &&
    stepFromPending(cells, underWay, form, Written, unit, table, address)
  );
}

/** What one write under way leaves in these words: nothing of its own, or what then is in {@link Last}. */
function wordsLeft(
  cells: Cells,
  sent: SentWrite,
  width: number,
  unit: number,
  table: WritableTable,
  address: number,
): 'none' | 'known' | 'unknown' {
  let reached = 0;
  let known = 0;
  for (let part = 0; part < width; part++) {
    const place = placeIn(cells, sent, unit, table, address + part);
    if (place < 0) continue;
    reached++;
    const word = sent.words[place] ?? -1;
    if (word < 0) continue;
    known++;
    Last[part] = word;
  }
  if (reached === 0) return 'none';
  return known === width ? 'known' : 'unknown';
}

/** What a write reaches in its own table lies in its own span; it is searched for only elsewhere. */
function placeIn(cells: Cells, sent: SentWrite, unit: number, table: WritableTable, address: number): number {
  const isOwn = table === sent.table;
  if (isOwn && (address < sent.address || address >= sent.address + sent.quantity)) return -1;
  if (sent.count === sent.own && !(isOwn && unit === sent.unit)) return -1;
  const cell = cells.at(unit, table, address);
  return cell === undefined ? -1 : placeOf(sent, cell, isOwn ? address - sent.address : -1);
}

/** So many writes of one value may be under way before the next one waits for their end. */
const MostUnderWay = 32;

/** Neither holds anything from one call to the next. */
const Last = new Uint16Array(4);
const Written = createWrittenValue();
