import { createPrivateKey, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { utf8 } from '../../../rules/evidence/base64.ts';
import { formatTreeHead, parseTreeHead } from '../../../rules/evidence/checkpoint.ts';
import { formatNote, KeyTypes, parseKey, parseNote } from '../../../rules/evidence/note.ts';
import { cosign } from '../../../rules/evidence/witness.ts';
import { testKey, verifyEd25519 } from '../../rules/evidence/keys.ts';
import { sha256 } from '../../rules/evidence/naive-tree.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { proveLog } from './proved-log.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';
import { givenUp, recordsOf } from './verify/tampering.ts';

const clock = { wall: () => noon, monotonic: () => performance.now() };
const east = testKey('penstock/water/east', KeyTypes.cosignature);

describe('the acts a checkpoint commits to', () => {
  test('are all that is not routine, in every life of a log', async () => {
    const disk = memoryDisk();
    for (let life = 0; life < 3; life += 1) {
      const log = await written(disk, 2);
      expect(headOf(log.state().checkpoint)).toMatchObject({ size: 8 * (life + 1) });
      expect(headOf(log.state().checkpoint)?.acts?.count).toBe(4 * (life + 1));
      expect(proveLog(disk.files).problems).toEqual([]);
    }
  });

  test('are made again from the segments where what was known of them is gone, or of an older release', async () => {
    for (const tree of [undefined, '{"origin":"x","base":0,"pieces":[[1,100,0,1,""]]}', 'garbage']) {
      const disk = memoryDisk();
      await written(disk, 3);
      if (tree === undefined) disk.files.delete('tree');
      else disk.files.set('tree', Buffer.from(tree));
      const log = await written(disk, 1);
      expect(log.state().broken).toBe('');
      expect(proveLog(disk.files)).toMatchObject({ problems: [], origins: { length: 1 } });
    }
  });

  test('are signed from the next record on where an older release signed the checkpoint', async () => {
    const disk = memoryDisk();
    const before = await written(disk, 2);
    const old = withoutActs(disk);
    const log = await open(disk);
    expect(log.state().checkpoint).toBe(old);
    await log.appendDurable(stopped('after'));
    await log.close();
    expect(log.state()).toMatchObject({ broken: '', origin: before.state().origin });
    expect(headOf(log.state().checkpoint)?.acts?.count).toBe(5);
    expect(proveLog(disk.files).problems).toEqual([]);
  });
});

describe('an act that was given up as if it were routine', () => {
  test.each(['with', 'without'])('is missed when the log is taken up, %s its cached tree', async (cached) => {
    const disk = memoryDisk();
    await written(disk, 3);
    attack(disk);
    if (cached === 'without') disk.files.delete('tree');
    const log = await open(disk);
    expect(log.state().broken).toContain('acts among the first 12 records');
    await log.close();
  });

  test('is missed when a cosigned checkpoint is brought back, however the box signed since', async () => {
    const disk = memoryDisk();
    const log = await written(disk, 3);
    const cosigned = cosignedBy(east, log);
    attack(disk);
    withoutActs(disk);
    const again = await open(disk);
    expect(again.state().broken).toBe('');
    expect(await again.addWitness(cosigned)).toEqual({ ok: false, problem: 'ahead' });
    expect(again.state().broken).toContain('another history');
    await again.close();
  });
});

/** A life of the log: so many rounds of two routine records and two acts. */
async function written(disk: MemoryDisk, rounds: number): Promise<EvidenceLog> {
  const log = await open(disk);
  for (let round = 0; round < rounds; round += 1) {
    log.append(connectionRecord('a'));
    await log.appendDurable(connectionRecord('b'));
    await log.appendDurable(stopped(`${round}`));
    await log.appendDurable(stopped(`${round} again`));
  }
  await log.close();
  return log;
}

function open(files: MemoryDisk): Promise<EvidenceLog> {
  const limits = { maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024, witnesses: [east.key] };
  return openEvidenceLog('', { ...limits, clock, owner, files });
}

/** Puts the log there without its third act, and an act behind it that gives it up with the right hashes. */
function attack(disk: MemoryDisk): void {
  const segments = new Map([...disk.segments()].map(([segment, bytes]) => [segment, Buffer.from(bytes)]));
  const records = recordsOf({ files: segments, notes: [] });
  const { files } = givenUp(records, (_, sequence) => sequence === 6);
  for (const name of [...disk.files.keys()]) if (name.endsWith('.seg')) disk.files.delete(name);
  for (const [segment, bytes] of files) {
    disk.files.set(`${String(segment).padStart(8, '0')}.seg`, bytes);
  }
}

/** The checkpoint as an older release would have signed it, put in its place. */
function withoutActs({ files }: MemoryDisk): string {
  const note = parseNote(Buffer.from(files.get('checkpoint') ?? []).toString('utf8'));
  const head = parseTreeHead(note?.text ?? '');
  if (note === undefined || head === undefined) throw new Error('There is no checkpoint.');
  const { origin, size, root } = head;
  const text = formatTreeHead({ origin, size, root });
  const key = createPrivateKey(Buffer.from(files.get('log.key') ?? []).toString());
  const bytes = sign(null, utf8(text), key);
  const old = formatNote({ text, signatures: note.signatures.map((one) => ({ ...one, bytes })) });
  files.set('checkpoint', Buffer.from(old));
  files.delete('checkpoint.old');
  return old;
}

function cosignedBy(witness: typeof east, log: EvidenceLog): string {
  const logKey = parseKey(log.state().publicKey, sha256);
  if (logKey === undefined) throw new Error('no key');
  const tools = { witness: witness.key, sign: witness.sign, verify: verifyEd25519, sha256, now: noon };
  const request = { note: log.state().checkpoint, logKey, remembered: undefined, proof: [] };
  const made = cosign(request, tools);
  if (!made.ok) throw new Error(made.problem);
  return made.note;
}

function headOf(note: string) {
  return parseTreeHead(parseNote(note)?.text ?? '');
}
