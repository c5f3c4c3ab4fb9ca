import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CounterFiles, openCounterFiles } from '../../../gateway/engine/counter-files.ts';
import { mapShared } from '../../../gateway/ffi/shared-memory.ts';
import { openCounterFile } from '../../../gateway/inspector/counter-file.ts';
import {
  type Counters,
  countForwarded,
  countFromClient,
  countOpened,
  countQuarantined,
  countRefusal,
  countRequest,
  countTolerated,
  createCounters,
} from '../../../gateway/inspector/counters.ts';
import { HeaderBytes, NameBytes, slotOffset } from '../../../gateway/ipc/counter-file.ts';
import { Place } from '../../../gateway/ipc/counter-slot.ts';
import { createFlowTable, type Permit } from '../../../rules/admission/flow-table.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';

const Epoch = '00000000000000aa';
let directory: string;
let files: CounterFiles;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-counts-'));
  files = openCounterFiles(directory);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  files.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('counts in memory that two processes share', () => {
  test('are read as they are counted, flow by flow, also when there are more than fit one part', () => {
    const counters = counting();
    for (let flow = 0; flow < 100; flow += 1) countFromClient(counters.of(permit(`F-${flow}`)), flow);
    expect(read()).toEqual(counters.report());
    countFromClient(counters.of(permit('F-7')), 5);
    expect(read()).toEqual(counters.report());
    expect(read().find(({ flowId }) => flowId === 'F-7')?.bytesFromClient).toBe(12);
  });

  test('are what a message would have told, whatever is counted', () => {
    const counters = counting();
    const step = fc.tuple(fc.constantFrom('F-1', 'F-2', 'F-3'), fc.nat({ max: 6 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        for (const [flow, what, number] of steps) countSomething(counters, permit(flow), what, number);
        expect(read()).toEqual(counters.report());
      }),
    );
  });

  test('outlive the process that counted, killed at whatever moment', async () => {
    const child = countingChild();
    let said = '';
    for await (const chunk of child.stdout ?? []) {
      said += String(chunk);
      if (said.split('\n').length > 300) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const rounds = Math.max(...said.split('\n').map(Number));
    const flows = read();
    const bytes = flows.reduce((sum, { bytesFromClient }) => sum + bytesFromClient, 0);
    const refused = flows.reduce((sum, { refusals }) => sum + (refusals[0]?.count ?? 0), 0);
    expect(refused).toBeGreaterThanOrEqual(rounds * 10);
    expect(bytes / 12 - refused).toBeGreaterThanOrEqual(0);
    expect(bytes / 12 - refused).toBeLessThanOrEqual(1);
  });

  test('of a flow whose name is too long are counted under no name', () => {
    const counters = counting();
    countFromClient(counters.of(permit('F'.repeat(600))), 5);
    expect(read()).toMatchObject([{ flowId: '', bytesFromClient: 5 }]);
  });

  test('are removed with the process that is gone, and read on while it lives', () => {
    const counters = counting();
    countFromClient(counters.of(permit('F-1')), 5);
    read();
    files.sweep([Epoch]);
    expect(existsSync(join(directory, Epoch))).toBe(true);
    files.sweep([]);
    expect(existsSync(join(directory, Epoch))).toBe(false);
    expect(files.read(Epoch)).toMatchObject({ ok: false, why: 'unreadable' });
  });
});

describe('a file that no sound process writes', () => {
  test.each([
    ['a number that has fallen', (bytes: Buffer) => bytes.writeDoubleLE(4, numberAt(Place.bytesFromClient))],
    ['a fraction', (bytes: Buffer) => bytes.writeDoubleLE(5.5, numberAt(Place.bytesFromClient))],
    ['no number', (bytes: Buffer) => bytes.writeDoubleLE(Number.NaN, numberAt(Place.exceptions))],
    ['a number without end', (bytes: Buffer) => bytes.writeDoubleLE(Infinity, numberAt(Place.latencySum))],
    ['one below zero', (bytes: Buffer) => bytes.writeDoubleLE(-1, numberAt(Place.open))],
    ['one that is not exact', (bytes: Buffer) => bytes.writeDoubleLE(2 ** 60, numberAt(Place.opened))],
    ['more flows than there are', (bytes: Buffer) => bytes.writeInt32LE(30_000, 8)],
    ['more flows than it is long', (bytes: Buffer) => bytes.writeInt32LE(500, 8)],
    ['fewer flows than before', (bytes: Buffer) => bytes.writeInt32LE(1, 8)],
    ['fewer than none', (bytes: Buffer) => bytes.writeInt32LE(-1, 8)],
    ['another layout', (bytes: Buffer) => bytes.writeInt32LE(1, 4)],
    ['no header', (bytes: Buffer) => bytes.fill(0, 0, 4)],
  ])('is told as broken: %s', (_what, spoil) => {
    countFromClient(counting().of(permit('F-1')), 5);
    read();
    const bytes = readFileSync(join(directory, Epoch));
    spoil(bytes);
    writeFileSync(join(directory, Epoch), bytes);
    expect(files.read(Epoch)).toMatchObject({ ok: false, why: 'broken' });
  });

  test('is told as broken when it is cut off, or names a flow with bytes that are no text', () => {
    countFromClient(counting().of(permit('F-1')), 5);
    const bytes = readFileSync(join(directory, Epoch));
    truncateSync(join(directory, Epoch), HeaderBytes + 10);
    expect(files.read(Epoch)).toMatchObject({ ok: false, why: 'broken' });
    bytes.fill(0xff, slotOffset(1) + 2, slotOffset(1) + 4);
    writeFileSync(join(directory, Epoch), bytes);
    expect(files.read(Epoch)).toMatchObject({
      ok: false,
      why: 'broken',
      problem: expect.stringContaining('name'),
    });
  });

  test('is never reached through a link, and neither is anything that is no file', () => {
    writeFileSync(join(directory, 'other'), '');
    symlinkSync(join(directory, 'other'), join(directory, Epoch));
    expect(files.read(Epoch)).toMatchObject({ ok: false, why: 'unreadable' });
    mkdirSync(join(directory, '00000000000000bb'));
    expect(files.read('00000000000000bb').ok).toBe(false);
  });

  test('never brings the reader down, whatever bytes stand in it', () => {
    countFromClient(counting().of(permit('F-1')), 5);
    const sound = readFileSync(join(directory, Epoch));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 12_000 }), fc.nat({ max: 255 })), { minLength: 1 }),
        (spots) => {
          const bytes = Buffer.from(sound);
          for (const [at, byte] of spots) bytes[at < 12 ? at : HeaderBytes + at] = byte;
          writeFileSync(join(directory, 'feed'.repeat(4)), bytes);
          const fresh = openCounterFiles(directory);
          const outcome = fresh.read('feed'.repeat(4));
          fresh.close();
          const counts = outcome.ok ? outcome.flows.map(({ bytesFromClient }) => bytesFromClient) : [];
          expect(counts.every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function counting(): Counters {
  return createCounters(openCounterFile(directory, Epoch, mapShared));
}

function read() {
  const outcome = files.read(Epoch);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.flows;
}

/** Of F-1, which is the second slot: the first is of no flow. */
function numberAt(place: number): number {
  return slotOffset(1) + NameBytes + place * 8;
}

function countingChild(): ChildProcess {
  const entry = fileURLToPath(new URL('counting-child.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, directory, Epoch], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

function countSomething(counters: Counters, one: Permit, what: number, number: number): void {
  const tally = counters.of(one);
  const act = [
    () => countFromClient(tally, number),
    () => countOpened(tally),
    () => countRequest(tally, number, 'allow', 0),
    () => countRequest(tally, number, 'would-refuse', 0),
    () => countRefusal(tally, 'value-out-of-range'),
    () => countForwarded(tally, number / 7),
    () => (number > 9 ? countQuarantined(tally, 'response-late') : countTolerated(tally, 'coil-padding')),
  ][what];
  act?.();
}

function permit(id: string): Permit {
  const policy = samplePolicy({ flows: [sampleFlow({ id })] });
  return createFlowTable(policy).find({ client: '10.10.0.10', server: '10.20.0.20', port: 502 })[0]!;
}
