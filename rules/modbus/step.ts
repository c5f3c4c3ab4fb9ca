import type { WritableTable } from './access.ts';
import type { Cells } from './cell.ts';
import { placeOf, type SentWrite, type SentWrites } from './sent-write.ts';
import { stepFrom, type ValueForm, type WrittenValue } from './value-form.ts';

/**
 * How far a value would go from the last known one at its place; -1 where that is not known, or was known
 * before `oldest` and not since. Words that came one by one make no value: the server may never have held it.
 */
export function stepFromKnown(
  cells: Cells,
  form: ValueForm,
  written: WrittenValue,
  unit: number,
  table: WritableTable,
  address: number,
  oldest: number,
): number {
  let moment = 0;
  for (let part = 0; part < form.width; part++) {
    const cell = cells.at(unit, table, address + part);
    if (cell === undefined || cell.value < 0 || cell.knownAt < oldest) return -1;
    if (part > 0 && cell.knownMoment !== moment) return -1;
    moment = cell.knownMoment;
    Last[part] = cell.value;
  }
  return stepFrom(form, written, Last);
}

/**
 * How far it would at most go from what the writes under way leave at its place; 0 where there are none,
 * -1 where one of them may leave anything, reaches only a part of the value, or would not be seen.
 */
export function stepFromPending(
  cells: Cells,
  underWay: SentWrites,
  form: ValueForm,
  written: WrittenValue,
  unit: number,
  table: WritableTable,
  address: number,
): number {
  let writing = 0;
  for (let part = 0; part < form.width; part++) {
    const cell = cells.at(unit, table, address + part);
    if (cell === undefined) return -1;
    writing = Math.max(writing, cell.writing);
  }
  let furthest = 0;
  for (let sent = writing === 0 ? undefined : underWay.newest; sent !== undefined; sent = sent.older) {
    const words = wordsLeft(cells, sent, form.width, unit, table, address);
    if (words === 'none') continue;
    if (words === 'unknown') return -1;
    furthest = Math.max(furthest, stepFrom(form, written, Last));
  }
  return furthest;
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
    const cell = cells.at(unit, table, address + part);
    const place = cell === undefined ? -1 : placeOf(sent, cell);
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

/** Never holds anything from one call to the next. */
const Last = new Uint16Array(4);
