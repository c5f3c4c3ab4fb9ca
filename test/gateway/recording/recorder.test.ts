import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storedChunks } from '../../../gateway/recording/read-recording.ts';
import { openRecordingKey, readRecordingKey } from '../../../gateway/recording/recording-key.ts';
import { eventually } from '../engine/box.ts';
import {
  channelOf,
  exported,
  makeRecordingBench,
  piece,
  type RecordingBench,
  streamsIn,
} from './recording-bench.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

let bench: RecordingBench;
beforeEach(() => {
  bench = makeRecordingBench();
});
afterEach(() => bench.close());

describe('a recording', () => {
  test('gives both streams back byte for byte, whatever they were and however they were cut', async () => {
    const family = fc.constantFrom(
      { address: '198.51.100.7', port: 40_000 },
      { address: '2001:db8::7', port: 40_000 },
      { address: '', port: 40_000 },
    );
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    const pieces = fc.array(fc.record({ from: fc.constantFrom('client', 'server'), bytes }), {
      maxLength: 30,
    });
    const recorder = await bench.open();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(family, pieces, async (client, sent) => {
        number += 1;
        const about = channelOf({ grant: `G-${number}`, client });
        const streams = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
        await recorder.begin(about);
        for (const [index, one] of sent.entries()) {
          const from = one.from as 'client' | 'server';
          recorder.take(piece(about.channel, index + 1, from, one.bytes));
          streams[from] = Buffer.concat([streams[from], one.bytes]);
        }
        await recorder.end(about.channel);
        const found = streamsIn(exported(bench, about.grant));
        expect(found.flaws).toEqual([]);
        expect(found.streams.get(40_000)).toEqual(streams);
      }),
      { numRuns: 60 },
    );
  });

  test('splits what is larger than a packet, and closes a chunk before it is larger than a mebibyte', async () => {
    const recorder = await bench.open();
    await recorder.begin(channelOf());
    const big = randomBytes(131_072);
    for (let number = 1; number <= 24; number += 1) recorder.take(piece('C-1', number, 'server', big));
    const chunks = await recorder.end('C-1');
    expect(chunks).toBeGreaterThanOrEqual(3);
    expect(bench.chunks().map(({ index }) => index)).toEqual(Array.from({ length: chunks }, (_, at) => at));
    expect(bench.chunks().reduce((sum, one) => sum + one.bytes, 0)).toBe(24 * big.length);
    for (const { bytes } of bench.chunks()) expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    const { streams } = streamsIn(exported(bench));
    expect(streams.get(40_312)?.server.equals(Buffer.concat(Array(24).fill(big)))).toBe(true);
  });

  test('is acknowledged when it is in the file, and not before', async () => {
    const recorder = await bench.open();
    await recorder.begin(channelOf());
    const file = join(bench.directory, 'G-1', 'C-1.part');
    const before = statSync(file).size;
    recorder.take(piece('C-1', 1, 'client', randomBytes(1000)));
    expect(bench.acknowledged.get('C-1')).toBeUndefined();
    await eventually(async () => bench.acknowledged.get('C-1') === 1 || undefined);
    expect(statSync(file).size).toBeGreaterThan(before + 1000);
    await recorder.end('C-1');
  });

  test('is unreadable without the key, and each chunk is the one on record', async () => {
    const recorder = await bench.open();
    await recorder.begin(channelOf());
    const words = 'the set-point of the chlorine dosing';
    recorder.take(piece('C-1', 1, 'client', Buffer.from(words)));
    await recorder.end('C-1');
    const file = join(bench.directory, 'G-1', 'C-1.rec');
    const stored = readFileSync(file);
    expect(stored.includes(words) || stored.includes('anna')).toBe(false);
    expect(exported(bench).includes(words)).toBe(true);
    const [chunk] = [...storedChunks(file)];
    expect(chunk).toMatchObject({ index: 0, start: 0, end: stored.length, closed: true });
    const digest = Uint8Array.from(createHash('sha256').update(stored).digest());
    expect(Uint8Array.from(chunk!.digest)).toEqual(digest);
    expect(bench.chunks()).toMatchObject([{ grant: 'G-1', channel: 'C-1', index: 0, bytes: words.length }]);
    expect(bench.chunks()[0]!.digest).toEqual(digest);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('with a bit changed anywhere does not open, and its digest is another', async () => {
    const recorder = await bench.open();
    await recorder.begin(channelOf());
    recorder.take(piece('C-1', 1, 'client', randomBytes(64)));
    await recorder.end('C-1');
    const file = join(bench.directory, 'G-1', 'C-1.rec');
    const stored = readFileSync(file);
    const { digest } = bench.chunks()[0]!;
    for (let at = 0; at < stored.length; at += 7) {
      const changed = Buffer.from(stored);
      changed[at]! ^= 1 << (at % 8);
      writeFileSync(file, changed);
      const digests = [...storedChunks(file)].map((one) => Buffer.from(one.digest).toString('hex'));
      expect(digests, `byte ${at}`).not.toEqual([Buffer.from(digest).toString('hex')]);
      const read = (): Buffer => exported(bench);
      let whole = false;
      try {
        whole = streamsIn(read()).streams.get(40_312)?.client.length === 64;
      } catch {
        // It says where it is not as it was written.
      }
      expect(whole, `byte ${at}`).toBe(false);
    }
    // Put in the place of another channel's or another grant's it does not open either.
    mkdirSync(join(bench.directory, 'G-2'));
    writeFileSync(join(bench.directory, 'G-2', 'C-1.rec'), stored);
    expect(() => exported(bench, 'G-2')).toThrow('not as it was written');
  });

  test.skipIf(!hasTshark)(
    'opens in Wireshark: streams, checksums, interfaces with their comments',
    async () => {
      const recorder = await bench.open();
      await recorder.begin(channelOf());
      await recorder.begin(channelOf({ channel: 'C-2', client: { address: '198.51.100.7', port: 40_313 } }));
      const request = Buffer.from('0001000000060103008c0001', 'hex');
      const answer = Buffer.from('00010000000501030219', 'hex');
      recorder.take(piece('C-1', 1, 'client', request));
      recorder.take(piece('C-2', 1, 'client', randomBytes(100_000)));
      recorder.take(piece('C-1', 2, 'server', Buffer.concat([answer, Buffer.of(0)])));
      await recorder.end('C-1');
      await recorder.end('C-2');
      const file = join(bench.directory, 'export.pcapng');
      writeFileSync(file, exported(bench));
      const tshark = (...more: string[]) =>
        execFileSync('tshark', ['-r', file, ...more], { encoding: 'utf8' });
      const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
      const bad =
        'tcp.checksum.status != 1 || ip.checksum.status != 1 || tcp.analysis.flags || _ws.malformed';
      expect(tshark(...checks, '-Y', bad)).toBe('');
      expect(tshark('-Y', 'modbus', '-T', 'fields', '-e', 'modbus.func_code').split('\n')).toEqual([
        '3',
        '3',
        '',
      ]);
      const followed = tshark('-q', '-z', 'follow,tcp,raw,0');
      expect(followed).toContain(request.toString('hex'));
      expect(tshark('-T', 'fields', '-e', 'frame.interface_name').split('\n')).toEqual(
        expect.arrayContaining(['C-1', 'C-2']),
      );
      const times = tshark('-T', 'fields', '-e', 'frame.time_epoch').trim().split('\n').map(Number);
      expect(Math.abs(times[0]! * 1000 - Date.now())).toBeLessThan(60_000);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    },
  );
});

describe('the key of recordings', () => {
  test('is made once, for its owner alone', () => {
    const file = join(bench.directory, 'key');
    const key = openRecordingKey(file);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(openRecordingKey(file))).toEqual(Buffer.from(key));
    expect(Buffer.from(readRecordingKey(file))).toEqual(Buffer.from(key));
    expect(readdirSync(bench.directory)).toEqual(['key']);
  });

  test('that is missing or broken is told and never replaced', () => {
    const file = join(bench.directory, 'key');
    expect(() => readRecordingKey(file)).toThrow(expect.objectContaining({ code: 'PST_ERR_RECORDING' }));
    writeFileSync(file, 'short');
    expect(() => openRecordingKey(file)).toThrow(expect.objectContaining({ code: 'PST_ERR_RECORDING' }));
    expect(readFileSync(file, 'utf8')).toBe('short');
  });
});
