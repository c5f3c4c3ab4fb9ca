import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTreeHead, type TreeHead } from '../../../rules/evidence/checkpoint.ts';
import { formatKey, type NoteKey, parseNote } from '../../../rules/evidence/note.ts';
import { cosign, type WitnessRefusal } from '../../../rules/evidence/witness.ts';
import { systemClock } from '../../clock.ts';
import { parseConsistency } from '../../evidence/verify/consistency-text.ts';
import { isBroken } from '../../evidence/verify/finding.ts';
import { nodeCrypto } from '../../evidence/verify/node-crypto.ts';
import { readKnownHistory } from '../../evidence/verify/read-known.ts';
import { verifyLog } from '../../evidence/verify/verify-log.ts';
import { makeWitnessKey, readWitnessKey, type WitnessKey } from '../../evidence/verify/witness-key.ts';
import { ExitStatus, readNamedFile, UsageError, writeNamedFile } from '../output.ts';
import { givenLog, givenTrust } from './named.ts';

export interface WitnessOptions {
  /** Public key of the log. */
  readonly key: string;
  /** File of the witness's own key. */
  readonly witnessKey: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `penstock evidence witness-keygen DIR --name NAME`: a key pair of a witness; an existing one is never overwritten. */
export async function witnessKeygen(directory: string, { name }: { readonly name: string }): Promise<number> {
  if (!/^[^\s+\p{Cc}]{1,64}$/u.test(name)) {
    throw new UsageError(`“${name}” cannot name a witness.`, 'Use a name without spaces and plus signs.');
  }
  const { secret, key } = makeWitnessKey(name);
  const file = join(directory, 'witness.key');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new UsageError(
      exists ? `${directory} holds a witness key already.` : `${directory} cannot be written.`,
      'Choose another directory; keys are never overwritten.',
    );
  }
  writeNamedFile(join(directory, 'witness.pub'), `${formatKey(key)}\n`);
  console.log(`witness key  ${file}   keep it away from the gateway\npublic key   ${formatKey(key)}`);
  return ExitStatus.good;
}

/**
 * `penstock evidence witness LOG --key KEY --witness-key FILE`: cosigns the newest checkpoint of a log directory, of an
 * export, or of a consistency text, when nothing that this witness saw before is gone from it. What it has seen is kept
 * beside its key. C2SP tlog-witness, without the network.
 * @throws UsageError
 */
export async function witness(path: string, options: WitnessOptions): Promise<number> {
  const own = readKey(options.witnessKey);
  const seen = openSeen(`${options.witnessKey}.seen`);
  const given = await readGiven(path, options.key, seen.of);
  if (given === undefined) return ExitStatus.refused;
  const { note, logKey, remembered, proof } = given;
  const tools = { witness: own.key, sign: own.sign, verify: nodeCrypto.ed25519, sha256: nodeCrypto.sha256 };
  const made = cosign({ note, logKey, remembered, proof }, { ...tools, now: systemClock.wall() });
  if (!made.ok) {
    console.error(`Not cosigned: ${Refusals[made.problem]}`);
    return ExitStatus.refused;
  }
  // What was seen is kept before it is said, so that no second word can contradict the first.
  seen.keep(made.head, note);
  const out = options.out ?? `${isDirectory(path) ? join(path, 'witness') : path}.${own.key.keyId}`;
  writeNamedFile(out, made.note);
  const { origin, size } = made.head;
  const told = `Cosigned ${size} records of ${origin} as ${own.key.name}: ${out}\nTake it back to the gateway: its page under Evidence, or penstock evidence bring-back.`;
  console.log(options.json === true ? JSON.stringify({ origin, size, witness: own.key.name, out }) : told);
  return ExitStatus.good;
}

interface Given {
  readonly note: string;
  /** Of the log: the one given, or the one it handed over to. */
  readonly logKey: NoteKey;
  readonly remembered: TreeHead | undefined;
  readonly proof: readonly Uint8Array[];
}

/** What is to be cosigned, and the proof from what was seen before; a directory is verified as a whole first. */
async function readGiven(
  path: string,
  key: string,
  seen: (origin: string) => { readonly head: TreeHead; readonly note: string } | undefined,
): Promise<Given | undefined> {
  if (!isDirectory(path)) {
    const text = readNamedFile(path).toString('utf8');
    const told = parseConsistency(text);
    const note = told?.checkpoint ?? text;
    const head = parseTreeHead(parseNote(note)?.text ?? '');
    const { key: logKey } = givenTrust(key);
    return { note, logKey, remembered: seen(head?.origin ?? '')?.head, proof: told?.proof ?? [] };
  }
  const source = await givenLog(path);
  const read = await readKnownHistory(source, nodeCrypto.sha256);
  const before = read.ok ? seen(read.known.head.origin) : undefined;
  const since = before === undefined ? [] : [before.note];
  const { findings, key: logKey } = await verifyLog(source, givenTrust(key), since, nodeCrypto);
  const broken = findings.filter(isBroken);
  for (const { sentence } of broken) console.error(`!! ${sentence}`);
  if (!read.ok || broken.length > 0) {
    console.error(`Not cosigned: ${read.ok ? 'the log is not as it should be.' : `${read.problem}.`}`);
    return undefined;
  }
  const { tree, checkpoint, head } = read.known;
  const proof = before === undefined ? [] : (tree.consistency(before.head.size, head.size) ?? []);
  return { note: checkpoint, logKey, remembered: before?.head, proof };
}

/** The last checkpoint of each history that this witness cosigned, in a file beside its key. */
function openSeen(file: string) {
  const notes = new Map<string, string>(Object.entries(read()));
  function read(): Record<string, string> {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
      throw new UsageError(
        `${file} cannot be read.`,
        'It holds what this witness has seen; restore it from a copy.',
      );
    }
  }
  return {
    of: (origin: string) => {
      const note = notes.get(origin);
      const head = note === undefined ? undefined : parseTreeHead(parseNote(note)?.text ?? '');
      return note === undefined || head === undefined ? undefined : { head, note };
    },
    keep: (head: TreeHead, note: string): void => {
      notes.set(head.origin, note);
      writeNamedFile(file, JSON.stringify(Object.fromEntries(notes)), 0o600);
    },
  };
}

function readKey(file: string): WitnessKey {
  const key = readWitnessKey(readNamedFile(file).toString('utf8'));
  if (key !== undefined) return key;
  throw new UsageError(
    `${file} holds no key of a witness.`,
    'Make one with penstock evidence witness-keygen.',
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const Refusals: Readonly<Record<WitnessRefusal, string>> = {
  'no-checkpoint': 'this is no checkpoint.',
  'not-signed': "it does not bear the log's good signature.",
  'other-log': 'it is of another log than the key.',
  forked: 'the box showed another log of this size before. Keep both: together they prove it.',
  shrunk: 'it is smaller than what was seen before: the log was cut or an older copy restored. Keep both.',
  'acts-missing': 'it commits to fewer or other acts than what was seen before, or to none. Keep both.',
  'not-consistent':
    'nothing proves that it holds what was seen before. Bring the whole export, or a consistency text.',
};
