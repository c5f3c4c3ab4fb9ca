import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLines, type Lines } from '../../../gateway/inspector/serial/lines.ts';
import { openRtuPort } from '../../../gateway/inspector/serial/rtu-port.ts';
import type { SerialLeg } from '../../../gateway/inspector/serial/serial-leg.ts';
import type { Tty } from '../../../gateway/inspector/serial/tty.ts';
import type { SerialLine } from '../../../rules/modbus/profile.ts';
import { answerTo, frame } from '../../gateway/inspector/serial/fake-wire.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { adu, hexOf } from '../../rules/modbus/request-builders.ts';
import { lacks } from '../tools.ts';
import { startLibmodbus, startPymodbus } from './devices.ts';
import { stretchWire, type Wire } from './wire.ts';

const settings: SerialLine = {
  port: 'rs485-1',
  baud: 19_200,
  parity: 'none',
  stopBits: 2,
  timeout: 1_000,
  // Its answers must come, however busy the machine is.
  units: [{ unit: 1, timeout: 30_000 }],
};

describe.skipIf(lacks('socat'))('a line on a tty', () => {
  let wire: Wire;
  let lines: Lines;
  let folder: string;
  let problems: string[];
  const running: Running[] = [];
  const devices: Tty[] = [];

  beforeEach(async () => {
    wire = await stretchWire();
    folder = mkdtempSync(join(tmpdir(), 'pst-line-'));
    problems = [];
    lines = createLines({
      open: openRtuPort,
      now: () => performance.now(),
      onPort: (_, problem) => problems.push(problem),
    });
    lines.setPorts(new Map([['rs485-1', wire.gateway]]));
  });

  afterEach(async () => {
    lines.close();
    for (const one of devices.splice(0)) one.close();
    await Promise.all(running.splice(0).map((one) => one.stop()));
    await wire.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.skipIf(lacks('libmodbus'))('is asked by two clients at once, and libmodbus answers both', async () => {
    running.push(await startLibmodbus(wire, folder));
    await pollBoth();
  });

  test.skipIf(lacks('pymodbus'))('is asked by two clients at once, and pymodbus answers both', async () => {
    running.push(await startPymodbus(wire));
    await pollBoth();
  });

  test('goes on to the next request after one whose unit does not answer', async () => {
    await device((asked, say) => {
      if (asked[0] === 1) say(answerTo(asked));
    });
    const leg = connect();
    leg.write(Buffer.concat([adu(1, '09 03 0000 0001'), adu(2, '01 03 0000 0001')]));
    expect(await read(leg, 2)).toEqual([hexOf(adu(1, '09 83 0b')), hexOf(adu(2, '01 03 02 002a'))]);
  });

  test('takes a late answer for nobody’s', async () => {
    let asked = 0;
    await device((request, say) => {
      asked += 1;
      const late = asked === 1;
      setTimeout(() => say(answerTo(request, late ? 0xdead : 0x0001)), late ? 1_300 : 0);
    });
    const leg = connect();
    leg.write(Buffer.concat([adu(1, '02 03 0000 0001'), adu(2, '02 03 0000 0001')]));
    expect(await read(leg, 2)).toEqual([hexOf(adu(1, '02 83 0b')), hexOf(adu(2, '02 03 02 0001'))]);
  });

  test('takes an answer in pieces, and none whose CRC is wrong', async () => {
    await device((request, say) => {
      const unit = request[0] ?? 0;
      const answer = frame(`0${unit} 03 06 0001 0002 0003`);
      if (unit === 2) answer[4]! ^= 1;
      // One after the other: timers that are due together keep no order.
      const sayFrom = (index: number): void => {
        say(answer.subarray(index, index + 1));
        if (index + 1 < answer.length) setTimeout(sayFrom, 2, index + 1);
      };
      sayFrom(0);
    });
    const leg = connect();
    leg.write(Buffer.concat([adu(1, '01 03 0000 0003'), adu(2, '02 03 0000 0003')]));
    expect(await read(leg, 2)).toEqual([hexOf(adu(1, '01 03 06 0001 0002 0003')), hexOf(adu(2, '02 83 0b'))]);
  });

  test('that is pulled out says so, and is there again when it is put back', async () => {
    await device((asked, say) => say(answerTo(asked)));
    const leg = connect();
    leg.write(adu(1, '01 03 0000 0001'));
    await read(leg, 1);
    await wire.unplug();
    await until(() => problems.length >= 2);
    leg.write(adu(2, '01 03 0000 0001'));
    expect(await read(leg, 1)).toEqual([hexOf(adu(2, '01 83 0a'))]);
    await wire.plug();
    await device((asked, say) => say(answerTo(asked)));
    // A request that waits too long is given up without a word: who asks, asks again.
    let heard: Buffer = Buffer.alloc(0);
    for (let id = 3; !hexOf(heard).includes('01 03 02'); id += 1) {
      leg.write(adu(id, '01 03 0000 0001'));
      await delay(50);
      heard = Buffer.concat([heard, (leg.read() as Buffer | null) ?? Buffer.alloc(0)]);
    }
    expect(problems.filter((problem) => problem === '')).toHaveLength(2);
  });

  test('that is pulled out while it talks is gone at once, though nobody asks again', async () => {
    const terminal = readlinkSync(wire.gateway);
    let unplugged: Promise<void> | undefined;
    await device((asked, say) => say(answerTo(asked)));
    let lost = '';
    const tty = await openRtuPort(wire.gateway, settings, {
      bytes: () => {
        // Within this call: what is read next is read from a port that has hung up.
        unplugged ??= wire.unplug();
        while (existsSync(terminal)) Atomics.wait(Pause, 0, 0, 1);
      },
      lost: (problem) => {
        lost = problem;
      },
    });
    tty.write(frame('01 03 0000 0001'));
    await until(() => lost !== '');
    await unplugged;
  });

  test('is held by one process alone', async () => {
    const deaf = { bytes: () => undefined, lost: () => undefined };
    const mine = await openRtuPort(wire.gateway, settings, deaf);
    await expect(openRtuPort(wire.gateway, settings, deaf)).rejects.toThrow(/lock/i);
    mine.close();
  });

  test('that takes nothing any more counts as gone once a request has failed: nothing is sent later on', async () => {
    let lost = '';
    const tty = await openRtuPort(wire.gateway, settings, {
      bytes: () => undefined,
      lost: (problem) => {
        lost = problem;
      },
    });
    wire.block();
    for (let written = 0; written < 1_048_576; written += 256) tty.write(new Uint8Array(256));
    tty.discard();
    expect(lost).toBe('it takes nothing');
    await wire.unplug();
    expect(wire.asked().length).toBeLessThan(1_048_576);
  });

  test('on what is no tty, or is not there, says why', async () => {
    const deaf = { bytes: () => undefined, lost: () => undefined };
    await expect(openRtuPort('/dev/null', settings, deaf)).rejects.toThrow();
    await expect(openRtuPort(`${folder}/none`, settings, deaf)).rejects.toThrow(/No such file/);
  });

  async function pollBoth(): Promise<void> {
    const [one, other] = [connect('hmi'), connect('historian')];
    for (let register = 0; register < Polls; register += 1) {
      one.write(adu(register, `01 03 ${hex16(register)} 0002`));
      other.write(adu(register, `01 04 ${hex16(register + 100)} 0001`));
    }
    const answers = await Promise.all([read(one, Polls), read(other, Polls)]);
    const registers = Array.from({ length: Polls }, (_, register) => register);
    expect(answers[0]).toEqual(
      registers.map((at) => hexOf(adu(at, `01 03 04 ${hex16(3 * at)} ${hex16(3 * (at + 1))}`))),
    );
    expect(answers[1]).toEqual(registers.map((at) => hexOf(adu(at, `01 04 02 ${hex16(3 * (at + 100))}`))));
    const asked = wire.asked();
    expect(asked.length).toBe(2 * Polls * 8);
    for (let at = 0; at < asked.length; at += 8) {
      expect(Buffer.from(frame(asked.toString('hex', at, at + 6)))).toEqual(asked.subarray(at, at + 8));
    }
  }

  /** A device of the test's own at the other end. */
  async function device(on: (frame: Uint8Array, say: (bytes: Uint8Array) => void) => void): Promise<void> {
    let heard: Buffer = Buffer.alloc(0);
    const tty = await openRtuPort(wire.devices, settings, {
      bytes: (chunk) => {
        heard = Buffer.concat([heard, chunk]);
        for (; heard.length >= 8; heard = heard.subarray(8)) on(heard.subarray(0, 8), tty.write);
      },
      lost: () => undefined,
    });
    devices.push(tty);
  }

  function connect(client = 'hmi'): SerialLeg {
    return lines.connect(settings, { client, patience: 60_000 });
  }
});

const Polls = 40;
const Pause = new Int32Array(new SharedArrayBuffer(4));

/** The next ADUs of a leg, as text. */
async function read(leg: SerialLeg, count: number): Promise<string[]> {
  const adus: string[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  while (adus.length < count) {
    await until(() => leg.readableLength > 0);
    bytes = Buffer.concat([bytes, leg.read() as Buffer]);
    for (let end = aduEnd(bytes); end <= bytes.length; end = aduEnd(bytes)) {
      adus.push(hexOf(bytes.subarray(0, end)));
      bytes = bytes.subarray(end);
    }
  }
  return adus;
}

function aduEnd(bytes: Buffer): number {
  return bytes.length < 6 ? Number.POSITIVE_INFINITY : 6 + bytes.readUInt16BE(4);
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(2);
}
