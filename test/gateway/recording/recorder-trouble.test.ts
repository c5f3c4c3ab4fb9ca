import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countChunks, storedChunks } from '../../../gateway/recording/read-recording.ts';
import { openStoredFiles } from '../../../gateway/recording/stored-files.ts';
import { eventually } from '../engine/box.ts';
import {
  channelOf,
  exported,
  makeRecordingBench,
  piece,
  type RecordingBench,
  streamsIn,
} from './recording-bench.ts';

let bench: RecordingBench;
beforeEach(() => {
  bench = makeRecordingBench();
});
afterEach(() => bench.close());

const recorded = (channel: string, upTo: number) =>
  eventually(async () => (bench.acknowledged.get(channel) ?? 0) >= upTo || undefined);

describe('after a sudden stop', () => {
  test('wherever it was cut: nothing acknowledged is lost, what is torn is cut and told, the rest is on record', async () => {
    const recorder = await bench.open();
    await recorder.begin(channelOf());
    const sent = [randomBytes(40), randomBytes(60), randomBytes(50)];
    const sizes: number[] = [];
    const part = join(bench.directory, 'G-1', 'C-1.part');
    for (const [index, bytes] of sent.entries()) {
      recorder.take(piece('C-1', index + 1, 'client', bytes));
      await recorded('C-1', index + 1);
      sizes.push(readFileSync(part).length);
    }
    const whole = readFileSync(part);
    for (let cut = 0; cut <= whole.length; cut += 3) {
      const after = makeRecordingBench();
      mkdirSync(join(after.directory, 'G-1'));
      writeFileSync(join(after.directory, 'G-1', 'C-1.part'), whole.subarray(0, cut));
      await after.open({ keys: [bench.key] });
      const kept = sent.filter((_, index) => sizes[index]! <= cut);
      const chunks = [...storedChunks(join(after.directory, 'G-1', 'C-1.rec'))];
      expect(after.chunks().map(({ digest }) => Buffer.from(digest).toString('hex'))).toEqual(
        chunks.map(({ digest }) => Buffer.from(digest).toString('hex')),
      );
      const bytes = kept.reduce((sum, one) => sum + one.length, 0);
      expect(
        after.chunks().reduce((sum, one) => sum + one.bytes, 0),
        `cut at ${cut}`,
      ).toBe(bytes);
      const text = exported({ ...after, key: bench.key });
      const stream = streamsIn(text).streams.get(40_312)?.client ?? Buffer.alloc(0);
      expect(stream.equals(Buffer.concat(kept)), `cut at ${cut}`).toBe(true);
      const isTorn = cut > 0 && !sizes.includes(cut) && after.acts().some(({ kind }) => kind === 'gap');
      expect(isTorn || after.acts().length === 0, `cut at ${cut}`).toBe(true);
      after.close();
    }
    await recorder.end('C-1');
  });

  test('puts no chunk on record twice', async () => {
    const recorder = await bench.open();
    await recorder.begin(channelOf());
    for (let number = 1; number <= 12; number += 1) {
      recorder.take(piece('C-1', number, 'server', randomBytes(131_072)));
    }
    await recorded('C-1', 12);
    const known = bench.chunks().length;
    expect(known).toBeGreaterThan(0);
    copyFileSync(join(bench.directory, 'G-1', 'C-1.part'), join(bench.directory, 'kept'));
    await bench.open();
    const { length } = bench.chunks();
    expect(bench.chunks().map(({ index }) => index)).toEqual(Array.from({ length }, (_, index) => index));
    expect(countChunks(join(bench.directory, 'kept'))).toBe(bench.chunks().length);
  });
});

describe('a recorder that cannot write', () => {
  test('says so once for the grant, acknowledges nothing more and ends with the chunks on record', async () => {
    const files = openStoredFiles(bench.directory);
    let broken = false;
    const recorder = await bench.open({
      files: {
        ...files,
        create: async (...name) => {
          const file = await files.create(...name);
          return {
            ...file,
            write: async (bytes) => {
              if (broken) throw new Error('ENOSPC: no space left on device');
              await file.write(bytes);
            },
          };
        },
      },
    });
    await recorder.begin(channelOf());
    recorder.take(piece('C-1', 1, 'client', Buffer.from('before')));
    await recorded('C-1', 1);
    broken = true;
    recorder.take(piece('C-1', 2, 'client', Buffer.from('after')));
    await eventually(async () => bench.failures[0]);
    recorder.take(piece('C-1', 3, 'client', Buffer.from('much after')));
    expect(await recorder.end('C-1')).toBe(0);
    expect(bench.failures).toMatchObject([{ grant: 'G-1', cause: 'recording-lost' }]);
    expect(bench.acknowledged.get('C-1')).toBe(1);
    expect(recorder.trouble()).toContain('ENOSPC');
  });

  test('fails the grant where a chunk cannot be put on record', async () => {
    const recorder = await bench.open({
      evidence: {
        append: () => undefined,
        appendDurable: () => Promise.reject(new Error('the log is full')),
      },
    });
    await recorder.begin(channelOf());
    recorder.take(piece('C-1', 1, 'client', Buffer.from('x')));
    expect(await recorder.end('C-1')).toBe(0);
    expect(bench.failures).toMatchObject([{ cause: 'recording-lost', problem: 'the log is full' }]);
  });

  test('begins nothing under a name that leads elsewhere, or twice', async () => {
    const recorder = await bench.open();
    const wrong = expect.objectContaining({ code: 'PST_ERR_RECORDING' });
    for (const name of ['../C-1', 'a/b', '', '.', 'key\0']) {
      await expect(recorder.begin(channelOf({ channel: name }))).rejects.toEqual(wrong);
      await expect(recorder.begin(channelOf({ grant: name }))).rejects.toEqual(wrong);
    }
    await recorder.begin(channelOf());
    await expect(recorder.begin(channelOf())).rejects.toEqual(wrong);
    await recorder.end('C-1');
    await expect(recorder.begin(channelOf())).rejects.toEqual(wrong);
    expect(exported(bench).length).toBeGreaterThan(0);
  });
});

describe('room for recordings', () => {
  const totalBytes = 6 * 1024 * 1024;

  async function fill(grant: string, recorder: Awaited<ReturnType<RecordingBench['open']>>): Promise<void> {
    const channel = `C-${grant}`;
    await recorder.begin(channelOf({ grant, channel }));
    for (let number = 1; number <= 8; number += 1) {
      recorder.take(piece(channel, number, 'server', randomBytes(131_072)));
    }
    await recorder.end(channel);
  }

  test('is made by erasing the oldest closed grants, on record first; an open one is never erased', async () => {
    const recorder = await bench.open({
      limits: { totalBytes, grantBytes: 2 ** 29 },
      isOpen: (grant) => grant === 'G-0',
    });
    for (const grant of ['G-0', 'G-1', 'G-2', 'G-3']) await fill(grant, recorder);
    const erased = bench.acts().flatMap((act) => (act.kind === 'recordingErased' ? [act.grant] : []));
    expect(erased).toEqual(['G-1', 'G-2']);
    expect(bench.acts()).toMatchObject([{ why: 'to make room', chunks: 2 }, { grant: 'G-2' }]);
    expect(exported(bench, 'G-1')).toHaveLength(0);
    expect(exported(bench, 'G-0').length).toBeGreaterThan(1_000_000);
    expect(recorder.trouble()).toBe('');
  });

  test('that cannot be made lets no channel begin, and ends the grant that took it', async () => {
    const recorder = await bench.open({
      limits: { totalBytes: 4.5 * 1024 * 1024, grantBytes: 2 ** 29 },
      isOpen: () => true,
    });
    await fill('G-0', recorder);
    await expect(recorder.begin(channelOf({ grant: 'G-1' }))).rejects.toThrow('no room');
  });

  test('is bounded for each grant', async () => {
    const recorder = await bench.open({ limits: { totalBytes: 2 ** 30, grantBytes: 500_000 } });
    await fill('G-0', recorder);
    expect(bench.failures).toMatchObject([{ grant: 'G-0', cause: 'too-much-data' }]);
  });

  test('is given free for what was kept as long as configured, and nothing is erased that is not on record', async () => {
    await fill('G-0', await bench.open());
    const retention = { milliseconds: 1, now: Date.now };
    const refusing = { append: () => undefined, appendDurable: () => Promise.reject(new Error('full')) };
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Nobody can tell yet which grants are open: a start has ended all of them.
    const isOpen = (): never => {
      throw new ReferenceError('not there yet');
    };
    await bench.open({ retention, evidence: refusing, isOpen });
    expect(exported(bench, 'G-0').length).toBeGreaterThan(0);
    await bench.open({ retention });
    expect(exported(bench, 'G-0')).toHaveLength(0);
    expect(bench.acts()).toMatchObject([{ kind: 'recordingErased', why: 'kept as long as configured' }]);
    rmSync(bench.directory, { recursive: true });
  });
});
