import { isOriginOf, parseTreeHead, type TreeHead } from '../../../rules/evidence/checkpoint.ts';
import { cosignatureOf } from '../../../rules/evidence/cosignature.ts';
import { isSignedBy, type NoteKey, parseKey, parseNote, signatureOf } from '../../../rules/evidence/note.ts';
import type { CryptoTools } from './crypto-tools.ts';
import type { Find } from './finding.ts';

/** Whom an auditor believes: the log's key, and the keys of witnesses. */
export interface Trust {
  readonly key: NoteKey;
  readonly witnesses: readonly NoteKey[];
}

/** A checkpoint whose signature is good. */
export interface GoodCheckpoint {
  readonly head: TreeHead;
  /** Witnesses among the trusted ones whose cosignature is good; milliseconds since the Unix epoch. */
  readonly cosigned: readonly { readonly witness: string; readonly at: number }[];
}

/** The trusted keys from their texts, or which of them is none. */
export function readTrust(
  key: string,
  witnesses: readonly string[],
  { sha256 }: Pick<CryptoTools, 'sha256'>,
): { readonly ok: true; readonly trust: Trust } | { readonly ok: false; readonly wrong: string } {
  const log = parseKey(key, sha256);
  if (log === undefined) return { ok: false, wrong: key };
  const known: NoteKey[] = [];
  for (const text of witnesses) {
    const witness = parseKey(text, sha256);
    if (witness === undefined) return { ok: false, wrong: text };
    known.push(witness);
  }
  return { ok: true, trust: { key: log, witnesses: known } };
}

/** The same, with the one of several keys of the log that the checkpoint names. */
export function trustFor(text: string, trust: Trust & { readonly keys: readonly NoteKey[] }): Trust {
  const origin = parseTreeHead(parseNote(text)?.text ?? '')?.origin ?? '';
  const own = trust.keys.find(({ name }) => isOriginOf(origin, name));
  return own === undefined ? trust : { key: own, witnesses: trust.witnesses };
}

/**
 * Checks the signatures on a checkpoint; what is wrong with it is found, and it is then good for nothing. `name` is
 * what it is called in sentences: a file, or "The checkpoint of the session".
 */
export function verifyNote(
  text: string,
  name: string,
  { key, witnesses }: Trust,
  tools: CryptoTools,
  find: Find,
): GoodCheckpoint | undefined {
  const note = parseNote(text);
  const head = note === undefined ? undefined : parseTreeHead(note.text);
  if (note === undefined || head === undefined) {
    find('checkpoint-unreadable', undefined, `${name} is no checkpoint.`);
    return undefined;
  }
  if (signatureOf(note, key) === undefined || !isOriginOf(head.origin, key.name)) {
    find('key-wrong', undefined, `${name} is not signed with the key ${key.name}; it is of ${head.origin}.`);
    return undefined;
  }
  if (!isSignedBy(note, key, tools.ed25519)) {
    find('checkpoint-forged', undefined, `The signature on ${name} is not good.`);
    return undefined;
  }
  const cosigned: { witness: string; at: number }[] = [];
  for (const witness of witnesses) {
    const good = cosignatureOf(note, witness, tools.ed25519);
    if (good !== undefined) cosigned.push({ witness: witness.name, at: good.at });
    else if (signatureOf(note, witness) !== undefined) {
      find('cosignature-forged', undefined, `The cosignature of ${witness.name} on ${name} is not good.`);
    }
  }
  return { head, cosigned };
}
