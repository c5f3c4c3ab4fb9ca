import { describe, expect, test } from 'vitest';
import { isBroken } from '../../../gateway/evidence/verify/finding.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { grantOf } from '../../../gateway/evidence/verify/select-session.ts';
import { verifyLog } from '../../../gateway/evidence/verify/verify-log.ts';
import { formatKey, formatNote, parseNote } from '../../../rules/evidence/note.ts';
import { decodeRecord, encodeRecord } from '../../../rules/record/codec.ts';
import { scanSegment } from '../../../rules/record/scan.ts';
import { decodeHeader, encodeHeader, HeaderSize } from '../../../rules/record/segment.ts';
import { testKey } from '../../rules/evidence/keys.ts';
import { session } from './verify/sessions.ts';
import {
  found,
  type Lying,
  type Parts,
  recordsOf,
  rewritten,
  signedBy,
  sourceOf,
  takeApart,
} from './verify/tampering.ts';
import { writeLog } from './verify/written-log.ts';

const small = await writeLog(1);
const log = await writeLog(4);
const smallParts = await takeApart(small);
const parts = await takeApart(log);
const all = recordsOf(parts);

test('untouched, both logs are whole', async () => {
  expect(await codes(smallParts, small)).toEqual([]);
  expect(await codes(parts)).toEqual([]);
  expect(await codes(await rewritten(log, all))).toEqual([]);
});

describe('without the key of the box', () => {
  test('every byte of a log is missed when a bit of it flips', { tags: ['deep'] }, async () => {
    let flips = 0;
    for (const [segment, bytes] of smallParts.files) {
      for (let at = 0; at < bytes.length; at += 1) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const files = new Map(smallParts.files).set(segment, flipped);
        expect(
          (await codes({ ...smallParts, files }, small)).length,
          `segment ${segment}, byte ${at}`,
        ).toBeGreaterThan(0);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(2_000);
  });

  test('so is each bit of a larger one, sampled', async () => {
    for (const [segment, bytes] of parts.files) {
      for (let bit = segment % 7; bit < bytes.length * 8; bit += 97) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const files = new Map(parts.files).set(segment, flipped);
        expect((await codes({ ...parts, files })).length, `segment ${segment}, bit ${bit}`).toBeGreaterThan(
          0,
        );
      }
    }
  });

  test('nor does it help to mend the checksums after changing a record', async () => {
    for (const [place, one] of all.entries()) {
      const payload = Buffer.from(one.payload);
      payload[place % payload.length]! ^= 1 << (place % 8);
      const { files } = await rewritten(log, all.with(place, { ...one, payload }));
      const [code] = place < log.witnessedSize ? ['former-missing'] : ['root-differs'];
      expect(await codes({ ...parts, files }), `record ${place}`).toContain(code);
    }
  });

  test('a log cut at any record is too short for its checkpoint', async () => {
    for (let size = 0; size < all.length; size += 1) {
      const cut = { files: (await rewritten(log, all.slice(0, size))).files, notes: parts.notes };
      expect(await codes(cut), `${size} records`).toContain('checkpoint-beyond');
    }
  });

  test('no segment can be taken away', async () => {
    for (const segment of parts.files.keys()) {
      const files = new Map(parts.files);
      files.delete(segment);
      expect((await codes({ ...parts, files })).length, `segment ${segment}`).toBeGreaterThan(0);
    }
  });

  test('no two segments can be exchanged, by name or with headers to fit', async () => {
    const numbers = [...parts.files.keys()];
    for (const [place, one] of numbers.slice(1).entries()) {
      const other = numbers[place]!;
      const [first, second] = [parts.files.get(one)!, parts.files.get(other)!];
      const named = new Map(parts.files).set(one, second).set(other, first);
      expect(await codes({ ...parts, files: named })).toContain('segment-misnamed');
      const fitted = new Map(parts.files)
        .set(one, withHeaderOf(second, first))
        .set(other, withHeaderOf(first, second));
      expect((await codes({ ...parts, files: fitted })).length).toBeGreaterThan(0);
    }
  });

  test('a checkpoint signed by another key is not taken, under the name of the box or another', async () => {
    const { text } = parseNote(parts.notes[0]!.text)!;
    const own = testKey(log.trust.key.name, 1);
    for (const keyId of [own.key.keyId, log.trust.key.keyId]) {
      const bytes = own.sign(Buffer.from(text));
      const forged = formatNote({ text, signatures: [{ name: log.trust.key.name, keyId, bytes }] });
      const notes = [{ name: 'checkpoint', text: forged }];
      expect((await codes({ ...parts, notes })).length).toBeGreaterThan(0);
    }
  });

  test('a checkpoint with another root, size or origin is not taken', async () => {
    const [note] = parts.notes;
    const lines = note!.text.split('\n');
    for (const [line, change] of [
      [0, `${lines[0]}/2`],
      [1, String(Number(lines[1]) - 1)],
      [2, 'A'.repeat(43).concat('=')],
    ] as const) {
      const changed = lines.with(line, change).join('\n');
      expect(
        (await codes({ ...parts, notes: [{ name: 'checkpoint', text: changed }] })).length,
      ).toBeGreaterThan(0);
    }
  });

  test('the log of another box is not taken', async () => {
    const other = await writeLog(1);
    expect(await codes(await takeApart(other))).toContain('key-wrong');
  });
});

describe('with the key of the box, what a witness has seen stays provable', () => {
  test('a log cut at any record below the witnessed size', async () => {
    for (let size = 0; size < log.witnessedSize; size += 1) {
      const cut = await rewritten(log, all.slice(0, size));
      expect(await codes(cut), `${size} records`).toContain('former-missing');
    }
  });

  test('a record left out, told twice, or in another place', async () => {
    for (let at = 0; at < log.witnessedSize; at += 1) {
      const [one, next] = [all[at]!, all[at + 1]!];
      const left = all.toSpliced(at, 1);
      const twice = all.toSpliced(at, 0, one);
      const swapped = all.toSpliced(at, 2, next, one);
      for (const changed of [left, twice, swapped]) {
        if (same(changed.slice(0, log.witnessedSize), all.slice(0, log.witnessedSize))) continue;
        expect(await codes(await rewritten(log, changed)), `record ${at}`).toContain('former-missing');
      }
    }
  });

  test('a whole session left out, or one put in', async () => {
    for (const grant of log.grants.slice(0, 3)) {
      const without = all.filter(({ type, payload }) => {
        const decoded = decodeRecord(type, payload);
        return !decoded.ok || grantOf(decoded.record) !== grant;
      });
      expect(without.length).toBeLessThan(all.length);
      expect(await codes(await rewritten(log, without)), grant).toContain('former-missing');
    }
    const invented = session({ grant: 'G-ZZZZ', at: 5_000 }).map(
      (record): Lying => ({ ...encodeRecord(record), routine: false }),
    );
    expect(await codes(await rewritten(log, all.toSpliced(3, 0, ...invented)))).toContain('former-missing');
  });

  test('another approver written into a session', async () => {
    const at = all.findIndex(({ type, payload }) => kindOf(type, payload) === 'grantApproved');
    const decoded = decodeRecord(all[at]!.type, all[at]!.payload);
    if (!decoded.ok || decoded.record.kind !== 'act') throw new Error('no act');
    const act = { ...decoded.record.act, by: 'mallory' } as typeof decoded.record.act;
    const changed = { ...encodeRecord({ ...decoded.record, act }), routine: false };
    const verdict = await codes(await rewritten(log, all.with(at, changed)));
    expect(verdict).toContain('former-missing');
    // The passkey of the one who did approve does not fit the one who is named now.
    expect(verdict).toContain('approval-unproved');
  });

  test('an older copy put back', async () => {
    const early = all.slice(0, log.witnessedSize - 5);
    expect(await codes(await rewritten(log, early))).toContain('former-missing');
  });

  test('two logs of one size: one shown to the witness, another to the auditor', async () => {
    const other = all.slice(0, log.witnessedSize).with(3, all[4]!);
    const note = await signedBy(log, other);
    const notes = [...parts.notes, { name: 'checkpoint.2', text: note }];
    expect(await codes({ ...parts, notes })).toContain('two-roots');
  });

  test('a session that is given up as if it were routine', async () => {
    const [first] = parts.files.keys();
    const bytes = parts.files.get(first!)!;
    const kept = scanSegment(bytes).records.length;
    const rest = all.slice(kept);
    const act = encodeRecord({
      kind: 'act',
      at: 0,
      act: {
        kind: 'removed',
        segment: first!,
        firstSequence: 0,
        records: kept,
        bytes: bytes.length,
        hashes: [],
      },
    });
    const files = (await rewritten(log, [...all, { ...act, routine: false }])).files;
    files.delete(first!);
    expect(rest.length).toBeGreaterThan(0);
    const notes = [{ name: 'checkpoint', text: await signedBy(log, [...all, { ...act, routine: false }]) }];
    expect(await codes({ files, notes })).toContain('records-missing');
  });

  test('what no witness has seen can be rewritten by the box, and the verdict says from where on', async () => {
    const cut = await rewritten(log, all.slice(0, log.witnessedSize));
    const verdict = await found(cut, log);
    expect(verdict.findings.filter(isBroken)).toEqual([]);
    expect(verdict.histories[0]).toMatchObject({ witnessedSize: log.witnessedSize });
  });
});

test('a witness whose cosignature is forged is not believed', async () => {
  const note = parseNote(log.witnessed)!;
  const forged = note.signatures.map((one) =>
    one.name === 'auditor-usb-3'
      ? { ...one, bytes: one.bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) }
      : one,
  );
  const notes = [...parts.notes, { name: 'witness.x', text: formatNote({ ...note, signatures: forged }) }];
  expect(await codes({ ...parts, notes })).toContain('cosignature-forged');
});

test('a key on the sheet that is not that of the box proves nothing', async () => {
  const stranger = testKey(log.trust.key.name, 1);
  const { findings } = await verifyLog(sourceOf(parts), { key: stranger.key, witnesses: [] }, [], nodeCrypto);
  expect(findings.map(({ code }) => code)).toContain('key-wrong');
  expect(formatKey(stranger.key)).not.toBe(log.key);
});

/** Codes of what is broken. */
async function codes(changed: Parts, of = log): Promise<string[]> {
  return (await found(changed, of)).findings.filter(isBroken).map(({ code }) => code);
}

function kindOf(type: number, payload: Uint8Array): string {
  const decoded = decodeRecord(type, payload);
  return decoded.ok && decoded.record.kind === 'act' ? decoded.record.act.kind : '';
}

function same(one: readonly Lying[], other: readonly Lying[]): boolean {
  return one.every(
    ({ payload }, at) => Buffer.compare(payload, other[at]?.payload ?? new Uint8Array()) === 0,
  );
}

/** The records of one segment behind a header that fits the place of another. */
function withHeaderOf(records: Buffer, place: Buffer): Buffer {
  const [own, taken] = [decodeHeader(records), decodeHeader(place)];
  if (!own.ok || !taken.ok) throw new Error('no header');
  const header = encodeHeader({ ...taken.header, routine: own.header.routine });
  return Buffer.concat([header, records.subarray(HeaderSize)]);
}
