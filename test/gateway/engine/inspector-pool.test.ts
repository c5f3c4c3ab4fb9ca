import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { openCounterFiles } from '../../../gateway/engine/counter-files.ts';
import type { InspectorReport } from '../../../gateway/engine/inspector-crew.ts';
import { createInspectorPool, type InspectorPool } from '../../../gateway/engine/inspector-pool.ts';
import { mapShared } from '../../../gateway/ffi/shared-memory.ts';
import { openCounterFile } from '../../../gateway/inspector/counter-file.ts';
import { createCounters } from '../../../gateway/inspector/counters.ts';
import { type Channel, openChannel } from '../../../gateway/ipc/channel.ts';
import { checkEngineToInspector } from '../../../gateway/ipc/inspector-check.ts';
import type { EngineToInspector, InspectorToEngine } from '../../../gateway/ipc/messages.ts';
import type { FlowCounters } from '../../../gateway/ipc/reports.ts';
import { createToldBook } from '../../../gateway/ipc/told-book.ts';
import { createLog } from '../../../gateway/log.ts';
import { eventually } from './box.ts';
import { memoryLog } from './memory-log.ts';

let directory: string;
let pool: InspectorPool;
let lost: {
  epoch: string;
  pid: number;
  inOrder: boolean;
  at: number;
  counted: readonly FlowCounters[] | undefined;
}[];
let reports: { epoch: string; report: InspectorReport }[];
let said: ReturnType<typeof memoryLog>;
const inspectors: FakeInspector[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pst-pool-'));
  lost = [];
  reports = [];
  said = memoryLog();
  pool = createInspectorPool({
    path: join(directory, 'engine.sock'),
    inspectors: 1,
    counterFiles: openCounterFiles(directory),
    serial: [{ port: 'rs485-1', tty: '/dev/ttyS1' }],
    dataPath: 'auto',
    log: createLog('engine', said.stream),
    clock: systemClock,
    onMet: () => undefined,
    onReport: (epoch, report) => reports.push({ epoch, report }),
    onChannel: () => undefined,
    onLost: (epoch, pid, inOrder, at, counted) => lost.push({ epoch, pid, inOrder, at, counted }),
  });
  await pool.open();
});

afterEach(async () => {
  for (const one of inspectors.splice(0)) one.end();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const NothingToldYet = { countsInFile: false, told: createToldBook().totals() };

/** An inspector that does as it is told, unless a test lets it do otherwise. */
interface FakeInspector {
  readonly pid: number;
  readonly told: readonly EngineToInspector[];
  readonly send: (message: InspectorToEngine) => void;
  readonly end: () => void;
  readonly ended: Promise<unknown>;
}

interface Habits {
  readonly epoch?: string;
  readonly shards?: readonly number[];
  readonly policy?: string;
  readonly countsInFile?: boolean;
  /** Its answer to a message; the obedient one if not given. */
  readonly answer?: (message: EngineToInspector) => readonly InspectorToEngine[] | undefined;
}

async function inspector(pid: number, habits: Habits = {}): Promise<FakeInspector> {
  const { epoch = pid.toString(16).padStart(16, '0'), shards = [], policy = '', answer } = habits;
  const { countsInFile = false } = habits;
  const told: EngineToInspector[] = [];
  const ended = Promise.withResolvers<unknown>();
  const channel = await new Promise<Channel<InspectorToEngine>>((resolve) => {
    const socket = connect(join(directory, 'engine.sock'));
    socket.once('connect', () =>
      resolve(
        openChannel<EngineToInspector, InspectorToEngine>(socket, {
          check: checkEngineToInspector,
          onMessage: (message, self) => {
            told.push(message);
            for (const one of answer?.(message) ?? obey(message)) self.send(one);
          },
          onClose: ended.resolve,
        }),
      ),
    );
  });
  const fake = { pid, told, send: channel.send, end: channel.close, ended: ended.promise };
  inspectors.push(fake);
  fake.send({ kind: 'hello', pid, epoch, shards: [...shards], policy, ...NothingToldYet, countsInFile });
  await eventually(async () => pool.states().find((one) => one.pid === pid));
  return fake;
}

function obey(message: EngineToInspector): readonly InspectorToEngine[] {
  switch (message.kind) {
    case 'prepare':
      return [{ kind: 'prepared', policy: message.digest }];
    case 'activate':
      return [{ kind: 'activated', policy: message.digest }];
    case 'take':
      return [{ kind: 'listening', shards: message.shards, bound: [] }];
    default:
      return [];
  }
}

const digest = (letter: string): string => letter.repeat(64);
const payload = new Uint8Array([1, 2, 3]);
const kinds = ({ told }: FakeInspector): readonly string[] => told.map(({ kind }) => kind);

async function inForce(letter: string): Promise<void> {
  expect(await pool.prepare(digest(letter), payload)).toBe('');
  pool.activate(digest(letter));
}

async function carrying(pid: number): Promise<void> {
  await eventually(async () => pool.states().find((one) => one.pid === pid && one.shards.length === 4));
}

describe('handing a policy to the inspectors', () => {
  test('waits for every one of them, and also goes on when one dies meanwhile', async () => {
    await inspector(1);
    const mute = await inspector(2, { answer: ({ kind }) => (kind === 'prepare' ? [] : undefined) });
    const prepared = pool.prepare(digest('a'), payload);
    await eventually(async () => mute.told.find(({ kind }) => kind === 'prepare'));
    mute.end();
    expect(await prepared).toBe('');
  });

  test('says which one cannot take it, and why', async () => {
    await inspector(1);
    await inspector(2, {
      answer: (message) =>
        message.kind === 'prepare'
          ? [{ kind: 'unprepared', policy: message.digest, problem: 'unknown field' }]
          : undefined,
    });
    expect(await pool.prepare(digest('a'), payload)).toBe('Inspector 2: unknown field');
  });

  test('takes a late no to another policy for what it is', async () => {
    const slow = await inspector(1, {
      answer: (message) =>
        message.kind === 'prepare' && message.digest === digest('b')
          ? [
              { kind: 'unprepared', policy: digest('a'), problem: 'it was not prepared' },
              { kind: 'prepared', policy: digest('b') },
            ]
          : undefined,
    });
    expect(await pool.prepare(digest('b'), payload)).toBe('');
    expect(kinds(slow)).toContain('prepare');
  });

  test('puts the policy in force into one that comes while the next is prepared, and only then the next', async () => {
    await inForce('a');
    await inspector(1, { answer: ({ kind }) => (kind === 'prepare' ? [] : undefined) });
    const prepared = pool.prepare(digest('b'), payload);
    const late = await inspector(2);
    await eventually(async () =>
      late.told.filter(({ kind }) => kind === 'prepare').length === 2 ? true : undefined,
    );
    // A slow machine may have it take shards meanwhile.
    const told = kinds(late).filter((kind) => kind !== 'take');
    expect(told).toEqual(['carry-by', 'serial', 'prepare', 'activate', 'prepare']);
    expect(pool.states().find(({ pid }) => pid === 2)).toMatchObject({ current: true });
    inspectors[0]?.end();
    expect(await prepared).toBe('');
  });

  test('ends at once when the gateway stops', async () => {
    await inspector(1, { answer: ({ kind }) => (kind === 'prepare' ? [] : undefined) });
    const prepared = pool.prepare(digest('a'), payload);
    await pool.close();
    expect(await prepared).toBe('The gateway is stopping.');
  });

  test('shows one that enforces another policy than the one in force', async () => {
    await inspector(1, {
      answer: (message) =>
        message.kind === 'activate'
          ? [{ kind: 'unprepared', policy: message.digest, problem: 'it was not prepared' }]
          : undefined,
    });
    await inForce('a');
    await eventually(async () => (said.text().includes('cannot take the policy') ? true : undefined));
    expect(pool.states()).toMatchObject([{ pid: 1, current: false, shards: [] }]);
  });
});

describe('handing out shards', () => {
  test('lets the spare take over at once when their owner dies, and tells a death from an end in order', async () => {
    const owner = await inspector(1);
    const spare = await inspector(2);
    await inForce('a');
    await carrying(1);
    expect(kinds(spare)).not.toContain('take');
    owner.end();
    await carrying(2);
    spare.send({ kind: 'leaving' });
    spare.end();
    await eventually(async () => (lost.length === 2 ? lost : undefined));
    expect(new Map(lost.map(({ pid, inOrder }) => [pid, inOrder]))).toEqual(
      new Map([
        [1, false],
        [2, true],
      ]),
    );
  });

  test('leaves them with their owner however quick the spare takes up a new policy', async () => {
    let delayed: InspectorToEngine | undefined;
    const owner = await inspector(1, {
      answer: (message) => {
        if (message.kind !== 'activate' || message.digest !== digest('b')) return undefined;
        delayed = { kind: 'activated', policy: message.digest };
        return [];
      },
    });
    const spare = await inspector(2);
    await inForce('a');
    await carrying(1);
    await inForce('b');
    await eventually(async () => pool.states().find((one) => one.pid === 2 && one.current));
    expect(kinds(spare)).not.toContain('take');
    if (delayed !== undefined) owner.send(delayed);
    await eventually(async () => pool.states().find((one) => one.pid === 1 && one.current));
    expect(pool.states().find(({ pid }) => pid === 1)?.shards).toEqual([0, 1, 2, 3]);
  });

  test('gives those who cannot listen to somebody else, and the log hears of a lasting trouble once', async () => {
    const unable = await inspector(1, {
      answer: (message) =>
        message.kind === 'take'
          ? [{ kind: 'not-listening', shards: message.shards, problem: 'EADDRINUSE' }]
          : undefined,
    });
    await inForce('a');
    await eventually(async () =>
      kinds(unable).filter((kind) => kind === 'take').length >= 2 ? true : undefined,
    );
    for (let again = 0; again < 50; again += 1) {
      unable.send({ kind: 'not-listening', shards: [], problem: 'EADDRINUSE' });
    }
    await inspector(2);
    await carrying(2);
    expect(pool.states().find(({ pid }) => pid === 1)).toMatchObject({ shards: [], trouble: 'EADDRINUSE' });
    expect(said.text().match(/cannot listen/g)).toHaveLength(1);
  });

  test('finds them with those who outlived the engine, whoever comes first', async () => {
    await inForce('a');
    // In one go: after a while of waiting for those who may have outlived it, the engine deals without them.
    const [spare] = await Promise.all([
      inspector(2, { policy: digest('a') }),
      inspector(1, { policy: digest('a'), shards: [0, 1, 2, 3] }),
    ]);
    await carrying(1);
    await inspector(3, { policy: digest('a') });
    expect(kinds(spare)).not.toContain('take');
    expect(pool.states().map(({ pid, spare: idle }) => [pid, idle])).toEqual([
      [2, true],
      [1, false],
      [3, true],
    ]);
  });
});

describe('an inspector', () => {
  test('that comes again over a new connection before the old one ended is not lost', async () => {
    await inForce('a');
    const first = await inspector(1, { policy: digest('a'), shards: [0, 1, 2, 3] });
    await inspector(7, { epoch: '0000000000000001', policy: digest('a'), shards: [0, 1, 2, 3] });
    await first.ended;
    expect(pool.states()).toMatchObject([{ pid: 7, shards: [0, 1, 2, 3] }]);
    expect(lost).toEqual([]);
  });

  test('whose connection breaks and that comes again soon is not lost', async () => {
    await inForce('a');
    const first = await inspector(1, { policy: digest('a'), shards: [0, 1, 2, 3] });
    first.end();
    await eventually(async () => (pool.states().length === 0 ? true : undefined));
    await inspector(1, { policy: digest('a'), shards: [0, 1, 2, 3] });
    await eventually(async () => (said.text().includes('here again') ? true : undefined));
    await pool.close();
    expect(lost).toEqual([]);
  });

  test('that has not come again when the gateway stops is lost since its connection broke', async () => {
    const before = Date.now();
    const one = await inspector(1);
    one.end();
    await eventually(async () => (pool.states().length === 0 ? true : undefined));
    expect(lost).toEqual([]);
    const after = Date.now();
    await pool.close();
    expect(lost).toMatchObject([{ pid: 1, inOrder: false }]);
    expect(lost[0]!.at).toBeGreaterThanOrEqual(before);
    expect(lost[0]!.at).toBeLessThanOrEqual(after);
  });

  test('that speaks before it has said hello, or says it twice, is cut off', async () => {
    const twice = await inspector(1);
    twice.send({
      kind: 'hello',
      pid: 1,
      epoch: '000000000000000f',
      shards: [0],
      policy: '',
      ...NothingToldYet,
    });
    await twice.ended;
    const socket = connect(join(directory, 'engine.sock'));
    const rude = Promise.withResolvers<string>();
    const channel = openChannel<EngineToInspector, InspectorToEngine>(socket, {
      check: checkEngineToInspector,
      onMessage: () => undefined,
      onClose: rude.resolve,
    });
    socket.once('connect', () => channel.send({ kind: 'activated', policy: digest('a') }));
    await rude.promise;
    expect(pool.states()).toEqual([]);
  });

  test('whose counts cannot be read is asked to send them', async () => {
    const one = await inspector(1);
    one.send({ kind: 'counted' });
    await eventually(async () => one.told.find(({ kind }) => kind === 'send-counters'));
    expect(reports).toEqual([]);
  });

  test('is read to the end when it is gone, whatever it still told', async () => {
    const epoch = '000000000000000c';
    const counters = createCounters(openCounterFile(directory, epoch, mapShared));
    const one = await inspector(12, { countsInFile: true });
    counters.turnedAway(undefined, 'no-flow');
    one.send({ kind: 'counted' });
    await eventually(async () => reports.at(0));
    counters.turnedAway(undefined, 'no-flow');
    one.end();
    await eventually(async () => lost.at(0));
    expect(reports).toMatchObject([
      { epoch, report: { kind: 'counters', flows: [{ refusals: [{ reason: 'no-flow', count: 1 }] }] } },
    ]);
    // Not as a report: nothing was told at the moment at which it was read.
    expect(lost).toMatchObject([{ epoch, counted: [{ refusals: [{ reason: 'no-flow', count: 2 }] }] }]);
  });

  test('that counts what no sound process could is cut off', async () => {
    const epoch = '000000000000000d';
    const take = openCounterFile(directory, epoch, mapShared);
    const slot = take('C-1/F-1', 'C-1')!;
    slot.numbers[slot.at] = -1;
    const one = await inspector(13, { countsInFile: true });
    one.send({ kind: 'counted' });
    await one.ended;
    expect(said.text()).toContain('not sound');
    expect(reports).toEqual([]);
  });

  test('keeps the gates of the former engine until this one has judged them', async () => {
    const early = await inspector(1);
    expect(kinds(early)).toEqual(['carry-by', 'serial']);
    pool.setGates([{ flow: 'C-06/F-01', until: 5 }], true);
    const late = await inspector(2);
    await eventually(async () => (late.told.length === 3 ? true : undefined));
    expect(late.told).toEqual([
      { kind: 'carry-by', path: 'auto' },
      { kind: 'serial', ports: [{ port: 'rs485-1', tty: '/dev/ttyS1' }] },
      { kind: 'gates', open: [{ flow: 'C-06/F-01', until: 5 }], tellsTime: true },
    ]);
  });
});
