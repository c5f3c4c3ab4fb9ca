import { describe, expect, test } from 'vitest';
import { formatConsistency } from '../../../../gateway/evidence/verify/consistency-text.ts';
import { nodeCrypto, withNodeCrypto } from '../../../../gateway/evidence/verify/node-crypto.ts';
import {
  formatSessionFile,
  parseSessionFile,
  type SessionFile,
} from '../../../../gateway/evidence/verify/session-file.ts';
import { verifyGrowth } from '../../../../gateway/evidence/verify/verify-growth.ts';
import { verifySession } from '../../../../gateway/evidence/verify/verify-session.ts';
import { parseTlogProof } from '../../../../rules/evidence/tlog-proof.ts';
import { decodeRecord } from '../../../../rules/record/codec.ts';
import { testKey } from '../../../rules/evidence/keys.ts';
import { beginning, makePasskey, session } from './sessions.ts';
import { smallLog } from './small-log.ts';

const passkey = makePasskey();
const chunks = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
const log = smallLog([
  ...beginning(passkey),
  ...session({ grant: 'G-AAAA', at: 10_000, passkey }),
  ...session({ grant: 'G-BBBB', at: 100_000, passkey, chunks }),
  ...session({ grant: 'G-CCCC', at: 200_000, passkey }),
]);
const trust = { key: log.log.key, witnesses: [log.witness.key] };
const pieces = chunks.map((bytes, index) => ({ channel: 'G-BBBB/1', index, bytes }));
const whole = log.sessionFile('G-BBBB', pieces);

test('the evidence of one session proves it with a key and nothing else', async () => {
  const verdict = await verify(whole);
  expect(verdict.findings).toEqual([]);
  expect(verdict.checkpoint?.cosigned.map(({ witness }) => witness)).toEqual(['auditor-usb-3']);
  expect(verdict.pieces).toEqual({ proved: 2, told: 2 });
  expect(verdict.records.length).toBe(3 + 10);
});

test('a session file reads back as it was written', () => {
  const text = formatSessionFile(whole);
  expect(formatSessionFile(parseSessionFile(text)!)).toBe(text);
});

test('each proof with the checkpoint behind it is a proof that stands by itself', () => {
  for (const { proof } of whole.records) {
    expect(parseTlogProof(`${proof}\n${whole.checkpoint}`)?.checkpoint).toBe(whole.checkpoint);
  }
});

test('without its recordings it is proved all the same, and that they are elsewhere is told', async () => {
  const verdict = await verify({ ...whole, recordings: [] });
  expect(verdict.findings.map(({ code }) => code)).toEqual(['recording-elsewhere']);
});

describe('is not taken', () => {
  test.for<[string, SessionFile, string]>([
    ['with another log key', { ...whole, checkpoint: smallLog([]).checkpoint(0) }, 'key-wrong'],
    [
      'with a record left out',
      { ...whole, records: whole.records.filter((_, at) => at !== 4) },
      'opened-unapproved',
    ],
    [
      'with two records in another order',
      { ...whole, records: [...whole.records].reverse() },
      'records-twice',
    ],
    ['of another grant', { ...whole, grant: 'G-CCCC' }, 'grant-unasked'],
    [
      'with a piece of another recording',
      { ...whole, recordings: [{ ...pieces[0]!, index: 9 }] },
      'recording-unknown',
    ],
    [
      'with a changed piece',
      { ...whole, recordings: [{ ...pieces[0]!, bytes: Uint8Array.of(1, 2, 4) }] },
      'recording-differs',
    ],
    [
      'with a checkpoint that commits to fewer acts than are in it',
      { ...whole, checkpoint: log.checkpoint(log.stored.length, true, log.actsOf(4)) },
      'acts-missing',
    ],
    ['that no witness has seen', log.sessionFile('G-BBBB', pieces, false), 'witness-missing'],
  ])('%s', async ([, file, code]) => {
    expect((await verify(file)).findings.map((one) => one.code)).toContain(code);
  });

  test('with any single bit of it flipped', async () => {
    const text = formatSessionFile(whole);
    const bytes = Buffer.from(text);
    let parsed = 0;
    for (let at = 0; at < bytes.length; at += 11) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const file = parseSessionFile(flipped.toString());
      if (file === undefined || formatSessionFile(file) === text) continue;
      // What the file says of its own key is believed by nobody.
      if (file.key !== whole.key) continue;
      parsed += 1;
      const { findings } = await verify(file);
      expect(findings.length, `byte ${at}`).toBeGreaterThan(0);
    }
    expect(parsed).toBeGreaterThan(150);
  });
});

describe('two checkpoints', () => {
  const former = log.checkpoint(9);
  const later = log.checkpoint();
  const size = log.stored.length;
  const proof = log.tree.consistency(9, size) ?? [];
  const text = formatConsistency({ old: 9, proof, checkpoint: later });

  test('prove that nothing vanished between them', () => {
    expect(verifyGrowth(former, text, trust, nodeCrypto)).toMatchObject({ ok: true, findings: [] });
  });

  test('prove it also after the last newline was lost in pasting', () => {
    expect(verifyGrowth(former.trimEnd(), text.trimEnd(), trust, nodeCrypto).ok).toBe(true);
  });

  test.for<[string, string, string]>([
    ['a hash of the proof left out', former, text.replace(/\n[^\n]{44}\n/, '\n')],
    ['a former one of another size', log.checkpoint(8), text],
    ['a text that is none', former, 'old nine\n\n'],
    ['an empty former one', '', text],
  ])('do not with %s', ([, kept, given]) => {
    const growth = verifyGrowth(kept, given, trust, nodeCrypto);
    expect(growth.ok).toBe(false);
    expect(growth.findings).not.toEqual([]);
  });

  test('do not when the later one commits to fewer acts, though every record is in its tree', () => {
    const fewer = log.checkpoint(size, true, log.actsOf(4));
    const growth = verifyGrowth(
      former,
      formatConsistency({ old: 9, proof, checkpoint: fewer }),
      trust,
      nodeCrypto,
    );
    expect(growth).toMatchObject({ ok: false, findings: [{ code: 'acts-missing' }] });
  });

  test('do not when the box signed another history', () => {
    const other = smallLog([...beginning(passkey)]);
    const key = testKey('penstock/other', 1).key;
    expect(verifyGrowth(other.checkpoint(), text, { key, witnesses: [] }, nodeCrypto).ok).toBe(false);
  });
});

function verify(file: SessionFile) {
  return verifySession(file, trust, decodeRecord, withNodeCrypto);
}
