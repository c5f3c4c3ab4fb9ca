import { expect, test } from 'vitest';
import { utf8 } from '../../../rules/evidence/base64.ts';
import { formatTreeHead, type TreeHead } from '../../../rules/evidence/checkpoint.ts';
import { cosignatureOf } from '../../../rules/evidence/cosignature.ts';
import { formatNote, KeyTypes, parseNote } from '../../../rules/evidence/note.ts';
import { cosign, type WitnessRequest } from '../../../rules/evidence/witness.ts';
import { testKey, verifyEd25519 } from './keys.ts';
import { proof, sha256, someLeaves, treeHash } from './naive-tree.ts';

const log = testKey('penstock/water/west/01234567', KeyTypes.ed25519);
const witness = testKey('penstock/water/east', KeyTypes.cosignature);
const many = someLeaves(20);
const now = 1_791_288_000_000;

test('a first checkpoint is cosigned, and so is every later one that only adds to it', () => {
  const first = ask(headOf(7), undefined, []);
  const second = ask(headOf(20), first.ok ? first.head : undefined, proof(7, many));
  expect(second).toMatchObject({ ok: true, head: { size: 20 } });
  const note = parseNote(second.ok ? second.note : '');
  expect(note && cosignatureOf(note, witness.key, verifyEd25519)).toEqual({ witness: witness.key, at: now });
});

test('the same checkpoint is cosigned again', () => {
  expect(ask(headOf(7), headOf(7), []).ok).toBe(true);
});

test('a log that shrank, forked, changed what it had, or proves it with other hashes is not cosigned', () => {
  const forged = [...many.slice(0, 3), Uint8Array.of(255, 255, 255), ...many.slice(4)];
  const fork = { origin: log.key.name, size: 7, root: treeHash(forged.slice(0, 7)) };
  expect(ask(headOf(6), headOf(7), [])).toEqual({ ok: false, problem: 'shrunk' });
  expect(ask(fork, headOf(7), [])).toEqual({ ok: false, problem: 'forked' });
  const later = { origin: log.key.name, size: 20, root: treeHash(forged) };
  expect(ask(later, headOf(7), proof(7, forged))).toEqual({ ok: false, problem: 'not-consistent' });
  expect(ask(headOf(20), headOf(7), [])).toEqual({ ok: false, problem: 'not-consistent' });
});

test('a log that lost acts, changed them or leaves them out is not cosigned', () => {
  const acts = { count: 3, root: treeHash(many.slice(2, 5)) };
  const before = { ...headOf(7), acts };
  const grown = { ...headOf(20), acts: { count: 5, root: treeHash(many.slice(2, 7)) } };
  expect(ask(before, before, []).ok).toBe(true);
  expect(ask(before, headOf(7), []).ok).toBe(true);
  expect(ask(grown, before, proof(7, many)).ok).toBe(true);
  const refused = { ok: false, problem: 'acts-missing' };
  expect(ask(headOf(7), before, [])).toEqual(refused);
  expect(ask({ ...before, acts: { ...acts, root: treeHash(many) } }, before, [])).toEqual(refused);
  expect(ask(headOf(20), before, proof(7, many))).toEqual(refused);
  expect(ask({ ...grown, acts: { ...acts, count: 2 } }, before, proof(7, many))).toEqual(refused);
});

test('extension lines are cosigned with the rest, and kept byte for byte', () => {
  const acts = { count: 3, root: treeHash(many.slice(2, 5)) };
  const text = `${formatTreeHead({ ...headOf(7), acts })}another line of somebody  else\n`;
  const signature = { name: log.key.name, keyId: log.key.keyId, bytes: log.sign(utf8(text)) };
  const given = formatNote({ text, signatures: [signature] });
  const made = ask(headOf(7), undefined, [], { note: given });
  if (!made.ok) throw new Error(made.problem);
  expect(made.note.startsWith(given)).toBe(true);
  expect(made.head.acts?.count).toBe(3);
  const note = parseNote(made.note) ?? fail();
  expect(cosignatureOf(note, witness.key, verifyEd25519)).toBeDefined();
  const without = { ...note, text: text.replace(/acts .*\n/, '') };
  expect(cosignatureOf(without, witness.key, verifyEd25519)).toBeUndefined();
});

test('another history of the same log is not taken for a continuation', () => {
  const other = { ...headOf(20), origin: `${log.key.name}/2` };
  expect(ask(other, headOf(7), proof(7, many))).toEqual({ ok: false, problem: 'other-log' });
});

test('what the log did not sign, or what is no checkpoint of it, is not cosigned', () => {
  const stranger = testKey(log.key.name, KeyTypes.ed25519);
  expect(ask(headOf(7), undefined, [], { logKey: stranger.key })).toEqual({
    ok: false,
    problem: 'not-signed',
  });
  const elsewhere = { ...headOf(7), origin: 'penstock/other' };
  expect(ask(elsewhere, undefined, [])).toEqual({ ok: false, problem: 'other-log' });
  expect(ask(headOf(7), undefined, [], { note: 'x\n' })).toEqual({ ok: false, problem: 'no-checkpoint' });
});

function fail(): never {
  throw new Error('no note');
}

function headOf(size: number) {
  return { origin: log.key.name, size, root: treeHash(many.slice(0, size)) };
}

function ask(
  head: TreeHead,
  remembered: TreeHead | undefined,
  hashes: Uint8Array[],
  other: Partial<WitnessRequest> = {},
) {
  const text = formatTreeHead(head);
  const signature = { name: log.key.name, keyId: log.key.keyId, bytes: log.sign(utf8(text)) };
  const note = formatNote({ text, signatures: [signature] });
  const tools = { witness: witness.key, sign: witness.sign, verify: verifyEd25519, sha256, now };
  return cosign({ note, logKey: log.key, remembered, proof: hashes, ...other }, tools);
}
