import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportEvidence } from '../../../../gateway/cli/evidence/export.ts';
import { verifyEvidence } from '../../../../gateway/cli/evidence/verify.ts';
import { systemClock } from '../../../../gateway/clock.ts';
import { openEvidenceLog } from '../../../../gateway/evidence/evidence-log.ts';
import { makeWitnessKey } from '../../../../gateway/evidence/verify/witness-key.ts';
import { command } from '../../cli/command.ts';
import { beginning, makePasskey, session } from './sessions.ts';

/** A session before the key of the log was changed and one after, and what both keys say of the evidence of each. */
let home: string;
let directory: string;
let keys: readonly string[];
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pst-session-keys-'));
  directory = join(home, 'evidence');
  const passkey = makePasskey();
  const { key: witness } = makeWitnessKey('auditor');
  const owner = { site: 'waterworks', gateway: 'gw-1' };
  const limits = { maxBytes: 1_048_576, segmentBytes: 65_536 };
  const log = await openEvidenceLog(directory, {
    ...limits,
    owner,
    clock: systemClock,
    witnesses: [witness],
  });
  for (const record of [...beginning(passkey), ...session({ grant: 'G-OLD', at: 10_000, passkey })]) {
    await log.appendDurable(record);
  }
  const { former, now } = await log.rotateKey('it was time');
  // As the engine does, so that the evidence of a session is proved by one history alone.
  for (const record of [...beginning(passkey), ...session({ grant: 'G-NEW', at: 200_000, passkey })]) {
    await log.appendDurable(record);
  }
  await log.close();
  keys = [former, now];
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each(['G-OLD', 'G-NEW'])('the evidence of %s is made, and verified with either key', async (grant) => {
  const made = await command(() => exportEvidence(directory, { out: home, grant }));
  expect(made).toMatchObject({ status: 0, err: '' });
  const file = join(home, `${grant}.evidence`);
  for (const key of keys) {
    const said = await command(() => verifyEvidence(file, { key }));
    expect(said).toMatchObject({ status: 0, out: expect.stringMatching(/Nothing is wrong/) });
  }
});

test('without the handover who has the former key is told that the new one signed it', async () => {
  await command(() => exportEvidence(directory, { out: home, grant: 'G-NEW' }));
  const file = join(home, 'G-NEW.evidence');
  const { handovers: _, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify(rest));
  expect(await command(() => verifyEvidence(file, { key: keys[0] ?? '' }))).toMatchObject({
    status: 1,
    out: expect.stringMatching(/key-wrong/),
  });
  expect(await command(() => verifyEvidence(file, { key: keys[1] ?? '' }))).toMatchObject({ status: 0 });
});
