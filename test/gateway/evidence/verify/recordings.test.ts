import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedPieces } from '../../../../gateway/evidence/verify/stored-pieces.ts';
import type { RecordingClaim } from '../../../../gateway/evidence/verify/told.ts';
import { verifyRecordings } from '../../../../gateway/evidence/verify/verify-recordings.ts';
import {
  channelOf,
  makeRecordingBench,
  piece,
  type RecordingBench,
} from '../../recording/recording-bench.ts';
import { sha256 } from './sessions.ts';

let bench: RecordingBench;
let file = '';
beforeEach(async () => {
  bench = makeRecordingBench();
  const recorder = await bench.open();
  await recorder.begin(channelOf());
  recorder.take(piece('C-1', 1, 'client', Buffer.alloc(1_500_000, 7)));
  recorder.take(piece('C-1', 2, 'server', Buffer.from('answer')));
  await recorder.end('C-1');
  file = join(bench.directory, 'G-1', 'C-1.rec');
});
afterEach(() => bench.close());

test('a recording that is as it was is found to be, without its key', () => {
  expect(bench.chunks().length).toBeGreaterThan(1);
  expect(codes()).toEqual([]);
});

test('a flipped bit, a missing piece, one too many and a missing file are each told', () => {
  const bytes = readFileSync(file);
  const flipped = Buffer.from(bytes);
  flipped[1000] = (flipped[1000] ?? 0) ^ 1;
  writeFileSync(file, flipped);
  expect(codes()).toEqual(['recording-differs']);
  writeFileSync(file, bytes.subarray(0, 200));
  expect(codes()).toContain('recording-missing');
  writeFileSync(file, bytes);
  expect(codes(claims().slice(0, 1))).toEqual(['recording-unknown']);
  rmSync(file);
  expect(codes()).toEqual(['recording-missing']);
});

test('what was erased on record is not missed, and what is somewhere else is a note', () => {
  rmSync(file);
  expect(verifyRecordings(bench.directory, new Map([['G-1', { erased: true, chunks: claims() }]]))).toEqual(
    [],
  );
  const elsewhere = verifyRecordings(join(bench.directory, 'nowhere'), recordings(claims()));
  expect(elsewhere.map(({ code }) => code)).toEqual(['recording-elsewhere']);
});

test('the stored pieces are those on record', () => {
  const pieces = storedPieces(bench.directory, 'G-1');
  expect(pieces.map(({ bytes }) => Buffer.from(sha256(bytes)).toString('hex'))).toEqual(
    claims().map(({ digest }) => Buffer.from(digest).toString('hex')),
  );
});

function claims() {
  return bench.chunks().map(({ channel, index, digest }, sequence) => ({ sequence, channel, index, digest }));
}

function recordings(chunks: RecordingClaim['chunks']): ReadonlyMap<string, RecordingClaim> {
  return new Map([['G-1', { erased: false, chunks }]]);
}

function codes(chunks = claims()): string[] {
  return verifyRecordings(bench.directory, recordings(chunks)).map(({ code }) => code);
}
