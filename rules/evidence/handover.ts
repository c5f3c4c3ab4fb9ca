import { parseTreeHead, type TreeHead } from './checkpoint.ts';
import {
  formatKey,
  isSignedBy,
  type NoteKey,
  parseKey,
  parseNote,
  type SignedNote,
  type VerifyEd25519,
} from './note.ts';
import type { Sha256 } from './tree.ts';

/**
 * The word that a log goes on with another key: the former key, the one that follows, and the last head the former one
 * signed; empty where it never signed one. A note of C2SP signed-note, so that either key or both can stand for it.
 */
export interface Handover {
  readonly former: NoteKey;
  readonly next: NoteKey;
  /** The text of the former key's last checkpoint, without signatures; or empty. */
  readonly head: string;
}

/** The text to sign. No checkpoint can be read out of it: its second line is no number. */
export function formatHandover({ former, next, head }: Handover): string {
  return `${FirstLine}\n${formatKey(former)}\n${formatKey(next)}\n${head}`;
}

/** What a handover says and who signed it, or undefined when it is none; nothing is verified by this. */
export function parseHandover(
  text: string,
  sha256: Sha256,
): (Handover & { readonly note: SignedNote; readonly treeHead: TreeHead | undefined }) | undefined {
  const note = parseNote(text);
  const [first, one = '', other = '', ...rest] = note?.text.split('\n') ?? [];
  const former = parseKey(one, sha256);
  const next = parseKey(other, sha256);
  const head = rest.join('\n');
  const treeHead = head === '' ? undefined : parseTreeHead(head);
  if (note === undefined || first !== FirstLine || former === undefined || next === undefined)
    return undefined;
  if (head !== '' && treeHead === undefined) return undefined;
  return { former, next, head, note, treeHead };
}

/** One change of the key: what the log was signed with before, and after. */
export interface KeyChange {
  readonly former: NoteKey;
  readonly next: NoteKey;
  readonly note: SignedNote;
}

/**
 * The keys of a log in their order, as far as `trusted` leads: forwards a key is believed when the one before it handed
 * over to it, backwards when the one after it names it. Whoever has only an old key so follows the log to its newest,
 * and what an old key signs by itself after it handed over leads nowhere.
 * @returns only `trusted` where the log never was signed with it
 */
export function followKeys(
  changes: readonly KeyChange[],
  trusted: NoteKey,
  verify: VerifyEd25519,
): readonly NoteKey[] {
  const keys = [...changes.map(({ former }) => former), ...changes.slice(-1).map(({ next }) => next)];
  const at = keys.findLastIndex((key) => sameKey(key, trusted));
  if (at < 0) return [trusted];
  let first = at;
  let last = at;
  for (let change = changes[first - 1]; change !== undefined; change = changes[first - 1]) {
    if (!joins(change, keys, first - 1) || !isSignedBy(change.note, change.next, verify)) break;
    first -= 1;
  }
  for (let change = changes[last]; change !== undefined; change = changes[last]) {
    const both = [change.former, change.next].every((key) => isSignedBy(change.note, key, verify));
    if (!joins(change, keys, last) || !both) break;
    last += 1;
  }
  return keys.slice(first, last + 1);
}

export function sameKey(one: NoteKey, other: NoteKey): boolean {
  return formatKey(one) === formatKey(other);
}

/** Whether a change leads from the key at a place to the one after it. */
function joins({ former, next }: KeyChange, keys: readonly NoteKey[], at: number): boolean {
  const [one, other] = [keys[at], keys[at + 1]];
  return one !== undefined && other !== undefined && sameKey(one, former) && sameKey(other, next);
}

const FirstLine = 'penstock/log-handover/v1';
