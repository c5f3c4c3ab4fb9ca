import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showEvidence } from '../../../gateway/cli/evidence.ts';
import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import type { Act, EvidenceRecord } from '../../../rules/record/record.ts';
import { connectionRecord, noon, owner, refusalRecord, stopped } from './samples.ts';

let directory = '';
let lines: string[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'penstock-show-'));
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

test('each record is one line in the words of the plant', async () => {
  await write([
    connectionRecord('a1-7'),
    refusalRecord(),
    {
      kind: 'act',
      at: noon,
      act: {
        kind: 'bundleAccepted',
        policyVersion: 42,
        digest: Uint8Array.of(0xab, 0xcd),
        by: 'control socket',
        confirmWithin: 0,
        signers: [],
      },
    },
    {
      kind: 'act',
      at: noon,
      act: {
        kind: 'bundleAccepted',
        policyVersion: 43,
        digest: Uint8Array.of(0xab),
        by: 'anna',
        confirmWithin: 120_000,
        signers: ['site', 'owner'],
      },
    },
    {
      kind: 'act',
      at: noon,
      act: {
        kind: 'bundleRolledBack',
        policyVersion: 43,
        digest: Uint8Array.of(0xab),
        toVersion: 42,
        toDigest: Uint8Array.of(0xab, 0xcd),
        why: 'Nobody confirmed it in time.',
        by: '',
      },
    },
  ]);
  expect(await showEvidence(directory, {})).toBe(0);
  expect(lines).toEqual([
    '       0  2026-10-06T12:00:01.000Z  connection hmi-1 10.20.0.11:49152 -> plc-dosing 10.30.0.12:502 ' +
      'C-05/F-02 1.0 s 100 requests 1200 B, 99 responses 2500 B, 1 refused; client-closed',
    '       1  2026-10-06T12:00:00.000Z  refuse hmi-1 10.20.0.11:49152 -> plc-dosing 10.30.0.12:502 ' +
      'C-05/F-02 WRITE holding 40141: 900: fc-not-allowed (waterworks.zones.yaml:123). ' +
      'The function code is not permitted on this flow.',
    '       2  2026-10-06T12:00:00.000Z  bundle accepted: policy version 42, abcd, by control socket',
    '       3  2026-10-06T12:00:00.000Z  bundle accepted: policy version 43, ab, by anna, signed by site and owner, ' +
      'to be confirmed within 120 s',
    '       4  2026-10-06T12:00:00.000Z  bundle rolled back: policy version 43 (ab) to version 42 (abcd): ' +
      'Nobody confirmed it in time.',
  ]);
});

test('connections that were counted together say how many, of whom and why', async () => {
  const { id: _, startedAt, endedAt, ...rest } = connectionRecord('a1-7');
  const client = { ...rest.client, port: 0 };
  const times = { firstAt: startedAt, lastAt: endedAt };
  const sum = { ...rest, ...times, kind: 'connections', client, count: 412, foldedKinds: 0 } as const;
  const nobody = { asset: '', zone: '', address: '', port: 0 };
  await write([sum, { ...sum, client: nobody, server: nobody, count: 0, reason: '', foldedKinds: 3 }]);
  expect(await showEvidence(directory, { json: false })).toBe(0);
  expect(lines[0]).toContain(
    '412 connections hmi-1 10.20.0.11 -> plc-dosing 10.30.0.12:502 C-05/F-02 100 requests 1200 B, ' +
      '99 responses 2500 B, 1 refused; client-closed',
  );
  expect(lines[1]).toContain('0 connections at least 3 kinds C-05/F-02 100 requests');
  expect(lines[1]).toContain('; several reasons');
});

test('a mode that is switched, left and rehearsed is told in words', async () => {
  const by = 'ada (as root)';
  const exercise = { occasion: 'exercise', mode: 'island', dry: false, participants: ['bo'], by };
  const acts: readonly Act[] = [
    { kind: 'modeSwitched', from: 'normal', to: 'island', by, why: 'drill', cut: 7 },
    { kind: 'modeReopened', mode: 'island', step: 1, steps: 2, what: 'C-03', flows: 1, by, why: '' },
    {
      kind: 'rehearsed',
      ...exercise,
      id: 'EX-1',
      what: 'started',
      text: 'ransomware',
      digest: Uint8Array.of(),
    },
    {
      kind: 'rehearsed',
      ...exercise,
      id: 'EX-1',
      what: 'ended',
      text: 'ransomware',
      digest: Uint8Array.of(0xab),
    },
  ];
  await write(acts.map((act) => ({ kind: 'act', at: noon, act })));
  expect(await showEvidence(directory, {})).toBe(0);
  expect(lines.map((line) => line.split('Z  ')[1])).toEqual([
    'mode normal -> island, 7 flows cut, by ada (as root): drill',
    'mode island is left, step 1 of 2: C-03, 1 flow, by ada (as root)',
    'exercise EX-1 started, mode island: ransomware, with bo, by ada (as root)',
    'exercise EX-1 ended, mode island: ransomware, with bo, by ada (as root), record ab',
  ]);
});

test('a refusal names its rule, its reason and what would have been permitted', async () => {
  const alternative = 'Permitted at holding register 140 (40141): 0 to 35.';
  const reason = 'value-out-of-range';
  await write([
    refusalRecord({ permission: 'scada-setpoints/3', reason, alternative, count: 3 }),
    refusalRecord({ reason: 'of-a-later-release' }),
  ]);
  await showEvidence(directory, {});
  expect(lines.map((line) => line.split('900: ')[1])).toEqual([
    'value-out-of-range (scada-setpoints/3, waterworks.zones.yaml:123) ×3. ' +
      'The value is outside the permitted values. Permitted at holding register 140 (40141): 0 to 35.',
    'of-a-later-release (waterworks.zones.yaml:123)',
  ]);
});

test('as JSON each record is one object, digests in hexadecimal', async () => {
  await write([refusalRecord()]);
  expect(await showEvidence(directory, { json: true })).toBe(0);
  expect(JSON.parse(lines[0]!)).toEqual({ kind: 'record', segment: 1, sequence: 0, record: refusalRecord() });
});

test('a name cannot rewrite the terminal it is shown on', async () => {
  await write([stopped('\u001b[2Kall is well\r\u202e')]);
  await showEvidence(directory, {});
  expect(lines[0]).toContain('stopped: \\u001b[2Kall is well\\u000d\\u202e');
});

test('damage in the middle is a finding with its place', async () => {
  await write([stopped('one'), stopped('two')]);
  const file = join(directory, '00000001.seg');
  const bytes = await readFile(file);
  bytes[35] = (bytes[35] ?? 0) ^ 1;
  await writeFile(file, bytes);
  expect(await showEvidence(directory, {})).toBe(1);
  expect(lines).toEqual(['!! segment 1, byte 28: the record does not match its checksum (damage)']);
});

test('a segment that somebody took away is a finding', async () => {
  await write([stopped('one'), connectionRecord('a'), stopped('two')]);
  await unlink(join(directory, '00000002.seg'));
  expect(await showEvidence(directory, {})).toBe(1);
  expect(lines).toContain('!! records 1 to 1 are not here');
});

test('segments given up for room are no finding', async () => {
  const log = await openEvidenceLog(directory, {
    maxBytes: 256 * 1024,
    segmentBytes: 64 * 1024,
    clock: { wall: () => noon, monotonic: () => performance.now() },
    owner,
  });
  for (let count = 0; count < 40; count += 1) {
    for (let more = 0; more < 9; more += 1) log.append(connectionRecord('x'.repeat(1000)));
    await log.appendDurable(connectionRecord('x'.repeat(1000)));
  }
  await log.close();
  expect(await readdir(directory)).not.toContain('00000001.seg');
  expect(await showEvidence(directory, {})).toBe(0);
});

test('a directory that is none gives a sentence and status 3', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(await showEvidence(join(directory, 'nothing'), {})).toBe(3);
  expect(error.mock.calls.flat().join(' ')).toMatch(/holds no evidence.*no such directory.*state directory/);
});

async function write(records: readonly EvidenceRecord[]): Promise<void> {
  const log = await openEvidenceLog(directory, {
    maxBytes: 64 * 1024 * 1024,
    segmentBytes: 1024 * 1024,
    clock: { wall: () => noon, monotonic: () => performance.now() },
    owner,
  });
  for (const record of records) log.append(record);
  await log.close();
}
