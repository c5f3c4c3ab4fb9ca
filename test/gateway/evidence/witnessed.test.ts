import { beforeEach, describe, expect, test } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { KeyTypes, parseKey } from '../../../rules/evidence/note.ts';
import { cosign } from '../../../rules/evidence/witness.ts';
import { testKey, verifyEd25519 } from '../../rules/evidence/keys.ts';
import { sha256 } from '../../rules/evidence/naive-tree.ts';
import { type MemoryDisk, memoryDisk } from './memory-files.ts';
import { proveLog } from './proved-log.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';

const clock = { wall: () => noon, monotonic: () => performance.now() };
const east = testKey('penstock/water/east', KeyTypes.cosignature);
const auditor = testKey('auditor.example', KeyTypes.cosignature);
const stranger = testKey('stranger.example', KeyTypes.cosignature);
const seen = noon - 5_000;

let disk: MemoryDisk;
let log: EvidenceLog;
beforeEach(async () => {
  disk = memoryDisk();
  log = await open();
  log.append(connectionRecord('a'));
  log.append(stopped('b'));
});

describe('a checkpoint brought back from a witness', () => {
  test('counts from then on, is kept over a restart, and stands in the log', async () => {
    const { note, size } = await log.checkpoint();
    expect(await log.addWitness(by(east, note))).toEqual({ ok: true, witness: east.key.name, size });
    const witnesses = [
      { name: east.key.name, size, at: seen },
      { name: auditor.key.name, size: 0, at: 0 },
    ];
    expect(log.state()).toMatchObject({ witnessedSize: size, witnesses });
    await log.close();
    const act = { kind: 'witnessed', origin: log.state().origin, size, witness: east.key.name };
    expect(
      proveLog(disk.files).records.map(({ record }) => record.kind === 'act' && record.act),
    ).toContainEqual(act);
    const again = await open();
    expect(again.state()).toMatchObject({ witnessedSize: size, witnesses, broken: '' });
    await again.close();
  });

  test('may bear several cosignatures, and an older one takes nothing back', async () => {
    const first = (await log.checkpoint()).note;
    log.append(stopped('c'));
    const { note, size } = await log.checkpoint();
    expect(await log.addWitness(by(auditor, by(east, note)))).toMatchObject({ ok: true, size });
    expect(await log.addWitness(by(east, first))).toMatchObject({ ok: true });
    expect(await log.addWitness(by(east, note))).toMatchObject({ ok: true });
    expect(log.state().witnesses.map((one) => one.size)).toEqual([size, size]);
    await log.close();
    const told = proveLog(disk.files).records.filter(
      ({ record }) => record.kind === 'act' && record.act.kind === 'witnessed',
    );
    expect(told).toHaveLength(2);
  });

  test('is not taken from a stranger, unsigned, changed, or of another log', async () => {
    const { note } = await log.checkpoint();
    const other = await openEvidenceLog('', { ...limits(memoryDisk()), witnesses: [east.key] });
    const foreign = (await other.checkpoint()).note;
    await other.close();
    const cosigned = by(east, note);
    const refused: [string, string][] = [
      [by(stranger, note), 'no-trusted-witness'],
      [note, 'no-trusted-witness'],
      [cosigned.replace('\n2\n', '\n3\n'), 'not-signed'],
      [by(east, foreign, parseKey(other.state().publicKey, sha256)), 'not-signed'],
      ['no note', 'unreadable'],
      ['', 'unreadable'],
    ];
    for (const [text, problem] of refused) expect(await log.addWitness(text)).toEqual({ ok: false, problem });
    expect(log.state()).toMatchObject({ witnessedSize: 0, broken: '' });
    await log.close();
  });

  test('that covers more than the log holds shows a restored backup: nobody is let in, a new origin begins', async () => {
    await log.close();
    const backup = new Map(disk.files);
    const later = await open();
    await later.appendDurable(stopped('forgotten'));
    const cosigned = by(east, (await later.checkpoint()).note);
    await later.close();
    restore(backup);
    const restored = await open();
    expect(restored.state().broken).toBe('');
    expect(await restored.addWitness(cosigned)).toEqual({ ok: false, problem: 'ahead' });
    expect(restored.state().broken).toContain('another history');
    expect(restored.state().origin).not.toBe(later.state().origin);
    await restored.close();
  });

  test('that covers as much, but something else, shows the same', async () => {
    await log.close();
    const backup = new Map(disk.files);
    const later = await open();
    await later.appendDurable(stopped('forgotten'));
    const cosigned = by(east, (await later.checkpoint()).note);
    await later.close();
    restore(backup);
    const restored = await open();
    for (let count = 0; count < 9; count += 1) await restored.appendDurable(stopped(`instead ${count}`));
    expect(await restored.addWitness(cosigned)).toEqual({ ok: false, problem: 'ahead' });
    expect(restored.state().broken).toContain('another history');
    await restored.close();
  });

  test('that is still there beside a restored backup shows it at the start', async () => {
    await log.close();
    const backup = new Map(disk.files);
    const later = await open();
    await later.appendDurable(stopped('forgotten'));
    await later.addWitness(by(east, (await later.checkpoint()).note));
    await later.close();
    const witness = [...disk.files].filter(([name]) => name.startsWith('witness.'));
    restore(new Map([...backup, ...witness]));
    const restored = await open();
    expect(restored.state().broken).toContain('were signed and only');
    await restored.close();
    const again = await open();
    expect(again.state().origin).toBe(restored.state().origin);
    await again.close();
  });
});

function limits(files: MemoryDisk) {
  return { maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024, clock, owner, files };
}

function open(): Promise<EvidenceLog> {
  return openEvidenceLog('', { ...limits(disk), witnesses: [east.key, auditor.key] });
}

function by(witness: typeof east, note: string, key = parseKey(log.state().publicKey, sha256)): string {
  if (key === undefined) throw new Error('no key');
  const tools = { witness: witness.key, sign: witness.sign, verify: verifyEd25519, sha256, now: seen };
  const outcome = cosign({ note, logKey: key, remembered: undefined, proof: [] }, tools);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.note;
}

function restore(backup: ReadonlyMap<string, Uint8Array>): void {
  disk.files.clear();
  for (const [name, bytes] of backup) disk.files.set(name, bytes);
}
