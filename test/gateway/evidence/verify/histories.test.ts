import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EvidenceLog, openEvidenceLog } from '../../../../gateway/evidence/evidence-log.ts';
import { openMarkFile } from '../../../../gateway/evidence/mark-file.ts';
import { isBroken } from '../../../../gateway/evidence/verify/finding.ts';
import { openLogSource } from '../../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../../gateway/evidence/verify/node-crypto.ts';
import { verifyLog } from '../../../../gateway/evidence/verify/verify-log.ts';
import { parseKey } from '../../../../rules/evidence/note.ts';
import { connectionRecord, noon, stopped } from '../samples.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'penstock-histories-'));
});
afterEach(() => rm(home, { recursive: true }));
const evidence = () => join(home, 'evidence');

test('routine segments that were given up are told, and the rest is proved all the same', async () => {
  const log = await open(256 * 1024);
  await log.appendDurable(stopped('first'));
  const { note } = await log.checkpoint();
  for (let count = 0; count < 40; count += 1) {
    for (let more = 0; more < 9; more += 1) log.append(connectionRecord('x'.repeat(1000)));
    await log.appendDurable(connectionRecord('x'.repeat(1000)));
  }
  await log.close();
  expect(await readdir(evidence())).not.toContain('00000002.seg');
  const verdict = await verify([note]);
  expect(verdict.findings.filter(isBroken)).toEqual([]);
  expect(verdict.findings.map(({ code }) => code)).toContain('removed-routine');
  const [history] = verdict.histories;
  expect(history).toMatchObject({ signedSize: history?.size, witnessedSize: 1 });
});

test('a checkpoint amid records that were given up is no proof for who kept it, and no fault of the log', async () => {
  const log = await open(256 * 1024);
  await log.appendDurable(connectionRecord('x'.repeat(1000)));
  await log.appendDurable(connectionRecord('x'.repeat(1000)));
  const { note } = await log.checkpoint();
  for (let count = 0; count < 40; count += 1) {
    for (let more = 0; more < 9; more += 1) log.append(connectionRecord('x'.repeat(1000)));
    await log.appendDurable(connectionRecord('x'.repeat(1000)));
  }
  await log.close();
  expect(await readdir(evidence())).not.toContain('00000001.seg');
  expect((await verify([note])).findings.filter(isBroken).map(({ code }) => code)).toEqual(['root-unknown']);
  await writeFile(join(evidence(), 'witness.0a0b0c0d'), note);
  const { findings } = await verify();
  expect(findings.filter(isBroken)).toEqual([]);
  expect(findings.map(({ code }) => code)).toContain('root-given-up');
});

test('a routine segment that is gone without a word is missed', async () => {
  const log = await open();
  await log.appendDurable(stopped('first'));
  await log.appendDurable(connectionRecord('a'));
  await log.appendDurable(stopped('second'));
  await log.close();
  await rm(join(evidence(), '00000002.seg'));
  expect((await verify()).findings.map(({ code }) => code)).toEqual(['records-missing', 'root-unknown']);
});

test('a restored backup goes on under a history of its own, and what was seen of the other is missed', async () => {
  let log = await open();
  await log.appendDurable(stopped('before the backup'));
  await log.close();
  await cp(evidence(), join(home, 'backup'), { recursive: true });
  log = await open();
  await log.appendDurable(stopped('after the backup'));
  const { note } = await log.checkpoint();
  await log.close();
  await rm(evidence(), { recursive: true });
  await cp(join(home, 'backup'), evidence(), { recursive: true });
  log = await open();
  await log.appendDurable(stopped('after the restore'));
  await log.close();
  const verdict = await verify([note]);
  expect(verdict.histories).toHaveLength(2);
  expect(verdict.findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['origin-followed', 'former-missing']),
  );
  // Whoever kept nothing still sees that another history was begun, and why.
  expect((await verify()).findings.map(({ code }) => code)).toContain('origin-followed');
});

function open(maxBytes = 64 * 1024 * 1024): Promise<EvidenceLog> {
  return openEvidenceLog(evidence(), {
    maxBytes,
    segmentBytes: 64 * 1024,
    owner: { site: 'waterworks', gateway: 'gw-1' },
    mark: openMarkFile(join(home, 'mark')),
    clock: { wall: () => noon, monotonic: () => performance.now() },
  });
}

async function verify(since: readonly string[] = []) {
  const key = parseKey(await readFile(join(evidence(), 'log.pub'), 'utf8'), nodeCrypto.sha256)!;
  return verifyLog(await openLogSource(evidence()), { key, witnesses: [] }, since, nodeCrypto);
}
