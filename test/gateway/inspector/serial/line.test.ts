import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLine, type Line, type LineOutcome } from '../../../../gateway/inspector/serial/line.ts';
import { lineTiming } from '../../../../gateway/inspector/serial/line-timing.ts';
import { TurnaroundDelay } from '../../../../rules/modbus/rtu/rtu.ts';
import { answerTo, createFakeWire, type FakeDevices, type FakeWire, frame } from './fake-wire.ts';

const timing = lineTiming({
  port: 'rs485-1',
  baud: 19_200,
  parity: 'even',
  stopBits: 1,
  timeout: 1_000,
  units: [{ unit: 7, timeout: 3_000 }],
});

let line: Line;
let wire: FakeWire;
let ports: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  line.close();
  vi.useRealTimers();
});

describe('a line', () => {
  test('gives each request the answer to it, one at a time', async () => {
    begin(answersAfter(20));
    const [one, two] = [ask('hmi', '01 03 0000 0001'), ask('hmi', '02 03 0000 0001')];
    await pass(15);
    expect(wire.heard).toEqual([]);
    await pass(20);
    expect(wire.heard).toHaveLength(1);
    await pass(100);
    expect(wire.heard).toEqual([hex('01 03 0000 0001'), hex('02 03 0000 0001')]);
    expect(one.outcome).toEqual({ kind: 'answer', frame: frame('01 03 02 002a') });
    expect(two.outcome).toEqual({ kind: 'answer', frame: frame('02 03 02 002a') });
  });

  test('keeps 3.5 characters of silence between an answer and the next request', async () => {
    const sentAt: number[] = [];
    begin((asked, say) => {
      sentAt.push(performance.now());
      say(answerTo(asked));
    });
    ask('hmi', '01 03 0000 0001');
    ask('hmi', '01 03 0001 0001');
    await pass(200);
    const [first = 0, second = 0] = sentAt;
    expect(timing.gap).toBeCloseTo((3.5 * 11 * 1000) / 19_200);
    expect(second - first).toBeGreaterThanOrEqual(timing.gap);
  });

  test('takes an answer in any pieces', async () => {
    begin((asked, say) => {
      const answer = answerTo(asked);
      for (const [index, byte] of answer.entries()) setTimeout(() => say(Uint8Array.of(byte)), 10 * index);
    });
    const asked = ask('hmi', '01 03 0000 0001');
    await pass(300);
    expect(asked.outcome).toMatchObject({ kind: 'answer' });
  });

  test('lets clients take turns, however much one of them asks', async () => {
    begin(answersAfter(10));
    const busy = Array.from({ length: 20 }, () => ask('historian', '01 03 0000 0001'));
    const rare = ask('hmi', '02 03 0000 0001');
    await pass(100);
    expect(rare.outcome).toMatchObject({ kind: 'answer' });
    expect(wire.heard.indexOf(hex('02 03 0000 0001'))).toBe(1);
    expect(busy.filter(({ outcome }) => outcome !== undefined).length).toBeLessThan(10);
    await pass(2_000);
    expect(busy.every(({ outcome }) => outcome?.kind === 'answer')).toBe(true);
  });

  test('says it is busy when more waits than there is room for, and sends none of it', async () => {
    begin(answersAfter(10));
    const asked = Array.from({ length: 80 }, (_, index) => ask('hmi', `01 03 00${byte(index)} 0001`));
    expect(asked.at(-1)?.outcome).toEqual({ kind: 'exception', code: 6 });
    await pass(5_000);
    const busy = asked.filter(({ outcome }) => outcome?.kind === 'exception');
    expect(busy.length).toBe(80 - wire.heard.length);
    expect(wire.heard.length).toBe(64);
  });

  test('forgets no request, however long it takes to look at the clock', async () => {
    for (let perLook = 0.1; perLook < 3; perLook += 0.1) {
      let looks = 0;
      begin(answersAfter(1), () => {
        looks += 1;
        return performance.now() + perLook * looks;
      });
      const first = ask('hmi', '01 03 0000 0001');
      while (first.outcome === undefined) await pass(1);
      const second = ask('hmi', '01 03 0000 0001');
      await pass(500);
      expect(second.outcome?.kind).toBe('answer');
      line.close();
    }
  });

  test('sends nothing any more for which nobody waits', async () => {
    begin(answersAfter(500));
    const first = ask('hmi', '01 03 0000 0001');
    const second = ask('hmi', '01 06 0000 0001', { patience: 400 });
    const third = ask('hmi', '01 06 0001 0001', { owner: Gone });
    line.forget(Gone);
    await pass(2_000);
    expect(first.outcome?.kind).toBe('answer');
    expect(second.outcome).toEqual({ kind: 'none' });
    expect(third.outcome).toBeUndefined();
    expect(wire.heard).toEqual([hex('01 03 0000 0001')]);
  });
});

describe('a unit that does not answer', () => {
  const dead: FakeDevices = (asked, say) => {
    if (asked[0] !== 7 && asked[0] !== 9) setTimeout(() => say(answerTo(asked)), 10);
  };

  test('holds the others up no longer than its own time-out', async () => {
    begin(dead);
    const silent = ask('hmi', '09 03 0000 0001');
    const slow = ask('hmi', '07 03 0000 0001');
    const other = ask('historian', '01 03 0000 0001');
    await pass(1_000);
    expect(silent.outcome).toBeUndefined();
    await pass(100);
    expect(silent.outcome).toEqual({ kind: 'exception', code: 0x0b });
    expect(other.outcome).toMatchObject({ kind: 'answer' });
    await pass(2_900);
    expect(slow.outcome).toBeUndefined();
    await pass(200);
    expect(slow.outcome).toEqual({ kind: 'exception', code: 0x0b });
  });

  test('is asked once, and then nothing for as long again, while the others are', async () => {
    begin(dead);
    ask('hmi', '09 06 0000 0001');
    const again = ask('hmi', '09 03 0000 0001');
    const other = ask('hmi', '01 03 0000 0001');
    await pass(1_200);
    expect(other.outcome).toMatchObject({ kind: 'answer' });
    expect(wire.heard.filter((one) => one.startsWith('09'))).toEqual([hex('09 06 0000 0001')]);
    await pass(1_000);
    expect(wire.heard.filter((one) => one.startsWith('09'))).toHaveLength(2);
    await pass(1_100);
    expect(again.outcome).toEqual({ kind: 'exception', code: 0x0b });
  });

  test('and then does, has answered nobody: its late answer meets no later request', async () => {
    begin((asked, say) => {
      if (asked[0] !== 1) return void setTimeout(() => say(answerTo(asked)), 10);
      // The first answer comes after the time-out, and says something else than the second.
      const late = wire.heard.length === 1;
      setTimeout(() => say(answerTo(asked, late ? 0xdead : 0x0001)), late ? 1_300 : 10);
    });
    const first = ask('hmi', '01 03 0000 0001');
    const second = ask('hmi', '01 03 0000 0001', { patience: 10_000 });
    const other = ask('historian', '02 03 0000 0001');
    await pass(4_000);
    expect(first.outcome).toEqual({ kind: 'exception', code: 0x0b });
    expect(second.outcome).toEqual({ kind: 'answer', frame: frame('01 03 02 0001') });
    expect(other.outcome).toMatchObject({ kind: 'answer' });
  });

  test('may finish an answer it has begun in time', async () => {
    begin((asked, say) => {
      const answer = answerTo(asked);
      setTimeout(() => say(answer.subarray(0, 3)), 1_000);
      setTimeout(() => say(answer.subarray(3)), 1_060);
    });
    const asked = ask('hmi', '01 03 0000 0001');
    await pass(1_200);
    expect(asked.outcome).toMatchObject({ kind: 'answer' });
  });
});

describe('what is no answer', () => {
  test.for<[string, (asked: Uint8Array) => Uint8Array]>([
    ['a wrong CRC', (asked) => answerTo(asked).map((one, index) => (index === 4 ? one ^ 1 : one))],
    ['another unit', () => frame('05 03 02 002a')],
    ['another function', () => frame('01 04 02 002a')],
    ['another function’s exception', () => frame('01 84 02')],
    ['a byte in front of the answer', (asked) => Uint8Array.of(0, ...answerTo(asked))],
    ['more bytes than a frame may have', () => new Uint8Array(300).fill(1)],
    ['an answer that is cut off', (asked) => answerTo(asked).subarray(0, 5)],
  ])('%s: is thrown away, and the request counts as not answered', async ([, wrong]) => {
    begin((asked, say) => void setTimeout(() => say(wrong(asked)), 10));
    const asked = ask('hmi', '01 03 0000 0001');
    await pass(1_000);
    expect(asked.outcome).toBeUndefined();
    await pass(500);
    expect(asked.outcome).toEqual({ kind: 'exception', code: 0x0b });
  });

  test('ends with silence: the answer after that counts', async () => {
    begin((asked, say) => {
      setTimeout(() => say(frame('05 03 02 dead')), 10);
      setTimeout(() => say(answerTo(asked)), 10 + timing.silence + 5);
    });
    const asked = ask('hmi', '01 03 0000 0001');
    await pass(200);
    expect(asked.outcome).toEqual({ kind: 'answer', frame: frame('01 03 02 002a') });
  });

  test('when nobody was asked delays the next request until there is silence', async () => {
    begin(answersAfter(10));
    await asking('01 03 0000 0001');
    wire.say(1, 3, 2, 0, 1);
    ask('hmi', '02 03 0000 0001');
    await pass(timing.silence - 2);
    wire.say(7);
    await pass(timing.silence - 2);
    expect(wire.heard).toHaveLength(1);
    await pass(5);
    expect(wire.heard).toHaveLength(2);
  });
});

describe('an answer whose function does not say where it ends', () => {
  test('ends with the silence after it', async () => {
    begin((_, say) => {
      setTimeout(() => say(frame('01 5a 00 01 02 03').subarray(0, 4)), 10);
      setTimeout(() => say(frame('01 5a 00 01 02 03').subarray(4)), 15);
    });
    const asked = ask('hmi', '01 5a 00 02');
    await pass(50);
    expect(asked.outcome).toBeUndefined();
    await pass(30);
    expect(asked.outcome).toEqual({ kind: 'answer', frame: frame('01 5a 00 01 02 03') });
  });

  test('and whose CRC is wrong is none', async () => {
    begin((_, say) => void setTimeout(() => say(Uint8Array.of(1, 0x5a, 0, 1, 2, 3)), 10));
    const asked = ask('hmi', '01 5a 00 02');
    await pass(3_000);
    expect(asked.outcome).toEqual({ kind: 'exception', code: 0x0b });
  });
});

test('a broadcast is answered by nobody, and every device has time to take it in', async () => {
  begin(answersAfter(10));
  const broadcast = ask('hmi', '00 06 0000 0001', { awaited: false });
  const next = ask('hmi', '01 03 0000 0001');
  await pass(TurnaroundDelay);
  expect(broadcast.outcome).toEqual({ kind: 'none' });
  expect(wire.heard).toHaveLength(1);
  await pass(100);
  expect(next.outcome).toMatchObject({ kind: 'answer' });
});

describe('a port', () => {
  test('that is pulled out fails what is under way and what waits, and comes back by itself', async () => {
    begin(answersAfter(500));
    const sent = ask('hmi', '01 03 0000 0001');
    const waiting = ask('hmi', '02 03 0000 0001');
    await pass(100);
    wire.unplug();
    expect(sent.outcome).toEqual({ kind: 'exception', code: 0x0b });
    expect(waiting.outcome).toEqual({ kind: 'exception', code: 0x0a });
    const away = ask('hmi', '01 03 0000 0001');
    expect(away.outcome).toEqual({ kind: 'exception', code: 0x0a });
    wire.plug();
    await pass(1_000);
    const back = ask('hmi', '01 03 0000 0001');
    await pass(1_000);
    expect(back.outcome).toMatchObject({ kind: 'answer' });
    expect(ports).toEqual(['', 'input/output error', '']);
  });

  test('that is not there is tried again less and less often, and only when somebody asks', async () => {
    begin(answersAfter(10));
    wire.unplug();
    for (let moment = 0; moment < 300; moment++) {
      await asking('01 03 0000 0001');
      await pass(100);
    }
    expect(wire.refused()).toBeGreaterThan(4);
    expect(wire.refused()).toBeLessThan(12);
    const before = wire.refused();
    await pass(60_000);
    expect(wire.refused()).toBe(before);
  });

  test('closed, is given back', async () => {
    begin(answersAfter(10));
    await asking('01 03 0000 0001');
    line.close();
    await expect(wire.open({ bytes: () => {}, lost: () => {} })).resolves.toBeDefined();
    expect(ask('hmi', '01 03 0000 0001').outcome).toEqual({ kind: 'exception', code: 0x0a });
  });
});

const Gone = {};

function begin(devices: FakeDevices, now = () => performance.now()): void {
  ports = [];
  wire = createFakeWire(devices);
  line = createLine({
    open: wire.open,
    timing,
    now,
    onPort: (problem) => ports.push(problem),
  });
}

/** Every unit answers after so many milliseconds. */
function answersAfter(milliseconds: number): FakeDevices {
  return (asked, say) => void setTimeout(() => say(answerTo(asked)), milliseconds);
}

interface Asked {
  outcome: LineOutcome | undefined;
}

function ask(
  client: string,
  body: string,
  { patience = 60_000, awaited = true, owner = {} as object } = {},
): Asked {
  const asked: Asked = { outcome: undefined };
  const settle = (outcome: LineOutcome): void => {
    if (asked.outcome !== undefined) throw new Error('settled twice');
    asked.outcome = outcome;
  };
  line.ask({ owner, client, frame: frame(body), awaited, expires: performance.now() + patience, settle });
  return asked;
}

async function asking(body: string): Promise<void> {
  ask('hmi', body);
  await pass(50);
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

function hex(body: string): string {
  return Buffer.from(frame(body)).toString('hex');
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
