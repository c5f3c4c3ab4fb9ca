import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { openSegmentFiles, segmentName } from '../../../gateway/evidence/segment-files.ts';
import { type Finding, isBroken } from '../../../gateway/evidence/verify/finding.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { verifyLog } from '../../../gateway/evidence/verify/verify-log.ts';
import { parseKey } from '../../../rules/evidence/note.ts';
import { sha256 } from '../../rules/evidence/naive-tree.ts';
import { afterPowerCut, type Medium, type PowerDisk, powerDisk } from './power-disk.ts';
import { proveLog } from './proved-log.ts';
import { connectionRecord, noon, owner, stopped } from './samples.ts';

/** Cuts tried after each step of the trace. */
const cutsPerStep = process.env['PENSTOCK_SLOW'] === undefined ? 1 : 100;

const clock = { wall: () => noon, monotonic: () => performance.now() };

/** Two lives of a log that runs out of room, with acts, routine records and checkpoints. */
async function live(disk: PowerDisk, name: string): Promise<void> {
  const log = await openLog(disk);
  for (let round = 0; round < 12; round += 1) {
    for (let count = 0; count < 10; count += 1) {
      log.append(connectionRecord(`${name}-${round}-${count}-${'x'.repeat(700)}`));
    }
    for (const act of [`${name}-${round}`, `${name}-${round}-again`]) {
      await log.appendDurable(stopped(act));
      disk.say(`act ${act}`);
    }
    if (round % 3 === 1) disk.say(`signed ${(await log.checkpoint()).size}`);
  }
  await log.close();
}

let trace: PowerDisk['trace'];
beforeAll(async () => {
  const disk = powerDisk();
  await live(disk, 'one');
  await live(disk, 'two');
  trace = disk.trace;
});

describe('when the power goes after any step, with any part of what was not synced', () => {
  test('the log starts, proves itself, and holds all that was acknowledged', async () => {
    const random = randomOf(20_261_121);
    for (let steps = 0; steps <= trace.length; steps += 1) {
      for (let cut = 0; cut < cutsPerStep; cut += 1) {
        await expectSound(
          afterPowerCut(new Map(), trace, steps, luckOf(random)),
          wordsOf(trace.slice(0, steps)),
        );
      }
    }
  }, 600_000);

  test('also when it goes again while the log is taken up', async () => {
    // Most of all after a write to a segment, which then is torn and cut.
    const written = trace.flatMap((step, index) => (step.op === 'write' ? [index + 1] : []));
    const steps = fc.oneof(fc.nat(trace.length), fc.constantFrom(...written));
    const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(seed, steps, share, async (from, before, when) => {
        const luck = luckOf(randomOf(from));
        const first = afterPowerCut(new Map(), trace, before, luck);
        const disk = powerDisk(first);
        const log = await openLog(disk);
        log.append(connectionRecord('between'));
        await log.close();
        const second = afterPowerCut(first, disk.trace, Math.ceil(when * disk.trace.length), luck);
        await expectSound(second, wordsOf(trace.slice(0, before)));
      }),
      { numRuns: 100 * cutsPerStep },
    );
  }, 600_000);

  test('and with its last two segments cut at every byte behind what was signed', async () => {
    const disk = powerDisk();
    const log = await openLog(disk);
    await log.appendDurable(connectionRecord('routine'));
    await log.appendDurable(stopped('signed'));
    await log.checkpoint();
    log.append(connectionRecord('a'));
    log.append(connectionRecord('b'));
    await log.appendDurable(stopped('c'));
    const whole = afterPowerCut(new Map(), disk.trace, disk.trace.length, () => 1);
    const segments = [...whole.keys()].filter((name) => name.endsWith('.seg')).sort();
    for (const gone of [0, 1]) {
      const kept = new Map(whole);
      if (gone === 1) kept.delete(segments.at(-1) ?? '');
      const name = segments.at(-1 - gone) ?? '';
      const bytes = kept.get(name) ?? new Uint8Array();
      for (let size = 0; size <= bytes.length; size += 1) {
        await expectSound(new Map(kept).set(name, bytes.slice(0, size)), ['act signed']);
      }
    }
  }, 120_000);
});

test('the trace has all that can go wrong in it', () => {
  const words = wordsOf(trace);
  expect(words.filter((word) => word.startsWith('act'))).toHaveLength(48);
  expect(trace.some((step) => step.op === 'remove' && step.path.endsWith('.seg'))).toBe(true);
  expect(trace.filter((step) => step.op === 'rename' && step.to === 'checkpoint').length).toBeGreaterThan(8);
});

async function expectSound(medium: Medium, words: readonly string[]): Promise<void> {
  const disk = powerDisk(medium);
  const log = await openLog(disk);
  const { broken, signedSize, size } = log.state();
  await log.appendDurable(stopped('after'));
  await log.close();
  const left = afterPowerCut(medium, disk.trace, disk.trace.length, () => 1);
  const { records, problems, origins } = proveLog(left);
  const acts = new Set(
    records.flatMap(({ record }) =>
      record.kind === 'act' && record.act.kind === 'stopped' ? [record.act.why] : [],
    ),
  );
  const wanted = words.filter((word) => word.startsWith('act ')).map((word) => word.slice(4));
  const signed = Math.max(
    0,
    ...words.filter((word) => word.startsWith('signed ')).map((word) => Number(word.slice(7))),
  );
  const findings = (await verified(left)).filter(isBroken).map(({ sentence }) => sentence);
  expect({
    broken,
    findings,
    problems,
    missing: wanted.filter((name) => !acts.has(name)),
    origins: origins.length,
  }).toEqual({
    broken: '',
    findings: [],
    problems: [],
    missing: [],
    origins: 1,
  });
  expect(signedSize).toBeGreaterThanOrEqual(signed);
  expect(size).toBeGreaterThanOrEqual(signed);
}

/** What `penstock evidence verify` says of these files. */
async function verified(files: Medium): Promise<readonly Finding[]> {
  const text = (name: string): string => Buffer.from(files.get(name) ?? []).toString('utf8');
  const read = async (segment: number): Promise<Uint8Array> =>
    files.get(segmentName(segment)) ?? new Uint8Array();
  const names = [...files.keys()].sort();
  const segments = names.filter((name) => name.endsWith('.seg')).map((name) => Number.parseInt(name, 10));
  const notes = ['checkpoint', 'checkpoint.old'].filter((name) => files.has(name));
  const source = { segments, read, readStart: read, key: text('log.pub') };
  const key = parseKey(source.key, sha256);
  if (key === undefined) throw new Error('The log has no public key.');
  const told = notes.map((name) => ({ name, text: text(name) }));
  return (await verifyLog({ ...source, notes: told }, { key, witnesses: [] }, [], nodeCrypto)).findings;
}

function openLog(disk: PowerDisk): Promise<EvidenceLog> {
  return openEvidenceLog('.', {
    maxBytes: 256 * 1024,
    segmentBytes: 16 * 1024,
    clock,
    owner,
    files: openSegmentFiles('.', disk),
  });
}

function wordsOf(steps: PowerDisk['trace']): string[] {
  return steps.flatMap((step) => (step.op === 'say' ? [step.word] : []));
}

/** A third of what was not synced is gone, a third is there, a third in part. */
function luckOf(random: () => number): () => number {
  return () => Math.min(1, Math.max(0, 3 * random() - 1));
}

/** Mulberry32: the same cuts in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
