import { describe, expect, test } from 'vitest';
import { type Finding, isBroken } from '../../../gateway/evidence/verify/finding.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { grantOf } from '../../../gateway/evidence/verify/select-session.ts';
import { verifyLog } from '../../../gateway/evidence/verify/verify-log.ts';
import { decodeRecord } from '../../../rules/record/codec.ts';
import {
  givenUp,
  type Lying,
  type Parts,
  recordsOf,
  signedBy,
  sourceOf,
  takeApart,
} from './verify/tampering.ts';
import { writeLog } from './verify/written-log.ts';

/** Who does this holds the box and its key: all it signs is signed well, and every hash in the tree is right. */
const log = await writeLog(4);
const all = recordsOf(await takeApart(log));
const [first = '', , , last = ''] = log.grants;

describe('a whole session given up as if it had been routine', () => {
  const attack = givenUp(all, (one) => isOf(one, first));

  test('leaves no other trace in the log', () => {
    expect(all.filter((one) => isOf(one, first)).length).toBeGreaterThan(5);
    expect(attack.left.some((one) => isOf(one, first))).toBe(false);
  });

  test('is missed by the checkpoint that somebody kept, whatever the box signs afterwards', async () => {
    for (const told of [attack.all, attack.left, 'nothing'] as const) {
      const notes = [note(await signedBy(log, attack.all, told))];
      const broken = await brokenOf({ files: attack.files, notes }, [log.witnessed]);
      expect(codes(broken)).toContain('acts-missing');
      const sentences = broken.map(({ sentence }) => sentence).join(' ');
      expect(sentences).toContain('although the log says that only routine records were given up');
    }
  });

  test('is missed by a cosigned checkpoint that lies with the log', async () => {
    const notes = [note(await signedBy(log, attack.all, attack.left)), note(log.witnessed, 'witness.1')];
    expect(codes(await brokenOf({ files: attack.files, notes }))).toContain('acts-missing');
  });

  test('is missed by a checkpoint in the middle of what is gone', async () => {
    const middle = givenUp(all, (_, sequence) => sequence > 3 && sequence < log.witnessedSize + 3);
    const notes = [note(await signedBy(log, middle.all, middle.left)), note(log.witnessed, 'witness.1')];
    expect(codes(await brokenOf({ files: middle.files, notes }))).toContain('acts-missing');
  });

  test('is missed by any checkpoint of the box that was signed before', async () => {
    const late = givenUp(all, (one) => isOf(one, last));
    const notes = [
      note(await signedBy(log, late.all, late.left)),
      note(await signedBy(log, all), 'checkpoint.old'),
    ];
    expect(codes(await brokenOf({ files: late.files, notes }, [log.witnessed]))).toContain('acts-missing');
  });

  test('after the last witnessed checkpoint is what the verdict says it is: the word of the box', async () => {
    const late = givenUp(all, (one) => isOf(one, last));
    const notes = [note(await signedBy(log, late.all, late.left))];
    const { findings, histories } = await verdictOf({ files: late.files, notes }, [log.witnessed]);
    expect(findings.filter(isBroken)).toEqual([]);
    expect(histories[0]?.witnessedSize).toBe(log.witnessedSize);
    const told = findings.filter(({ code }) => code === 'removed-routine');
    expect(told.length).toBeGreaterThan(0);
    for (const { sentence } of told) expect(sentence).toContain('the word of the box');
  });
});

test('any act below the witnessed size that is given up is missed', async () => {
  for (const [place, { routine }] of all.slice(0, log.witnessedSize).entries()) {
    if (routine) continue;
    const attack = givenUp(all, (_, sequence) => sequence === place);
    const notes = [note(await signedBy(log, attack.all, attack.left))];
    const broken = await brokenOf({ files: attack.files, notes }, [log.witnessed]);
    expect(codes(broken), `record ${place}`).toContain('acts-missing');
  }
});

test('routine records that are given up are proved to have been no acts, up to what was witnessed', async () => {
  const honest = givenUp(all, ({ routine }) => routine);
  const notes = [note(await signedBy(log, honest.all))];
  const { findings } = await verdictOf({ files: honest.files, notes }, [log.witnessed]);
  expect(findings.filter(isBroken)).toEqual([]);
  const told = findings.filter(({ code }) => code === 'removed-routine');
  const proved = told.filter(({ sentence }) => sentence.includes('no act is among them'));
  expect(proved.length).toBeGreaterThan(0);
  expect(proved.every(({ sequence }) => (sequence ?? 0) < log.witnessedSize)).toBe(true);
  expect(told.length).toBeGreaterThan(proved.length);
});

describe('a checkpoint that commits to no acts', () => {
  test('of an older release verifies as it did, and it is told', async () => {
    const { files } = await takeApart(log);
    const notes = [note(await signedBy(log, all, 'nothing'))];
    const { findings } = await verdictOf({ files, notes }, []);
    expect(findings.map(({ code }) => code)).toEqual(['acts-uncommitted']);
    expect(findings.filter(isBroken)).toEqual([]);
  });

  test('may be followed by those that do', async () => {
    const { files } = await takeApart(log);
    const old = await signedBy(log, all.slice(0, 4), 'nothing');
    const notes = [note(await signedBy(log, all)), note(old, 'checkpoint.old')];
    expect(await brokenOf({ files, notes })).toEqual([]);
  });

  test('may not follow one that does', async () => {
    const { files } = await takeApart(log);
    const notes = [note(await signedBy(log, all, 'nothing'))];
    expect(codes(await brokenOf({ files, notes }, [log.witnessed]))).toEqual(['acts-dropped']);
  });
});

test('two checkpoints of one size with other acts show two logs', async () => {
  const { files } = await takeApart(log);
  const notes = [
    note(await signedBy(log, all)),
    note(await signedBy(log, all, all.slice(1)), 'checkpoint.old'),
  ];
  expect(codes(await brokenOf({ files, notes }))).toEqual(['two-roots', 'acts-missing']);
});

function note(text: string, name = 'checkpoint') {
  return { name, text };
}

function isOf({ type, payload }: Lying, grant: string): boolean {
  const decoded = decodeRecord(type, payload);
  return decoded.ok && grantOf(decoded.record) === grant;
}

function verdictOf(parts: Parts, since: readonly string[] = []) {
  return verifyLog(sourceOf(parts), log.trust, since, nodeCrypto);
}

async function brokenOf(parts: Parts, since: readonly string[] = []): Promise<readonly Finding[]> {
  return (await verdictOf(parts, since)).findings.filter(isBroken);
}

function codes(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code }) => code);
}
