import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../../gateway/clock.ts';
import { OperationsAtOnce } from '../../../../gateway/inspector/vendor/pace.ts';
import { until, writeRegister } from '../loopback.ts';
import { type ChannelBench, openChannelBench } from './channel-bench.ts';

let bench: ChannelBench;
afterEach(() => bench.close());

/** A clock whose wall time somebody sets. */
function adjustable(): Clock & { set: (milliseconds: number) => void } {
  let by = 0;
  return {
    wall: () => Date.now() + by,
    monotonic: () => performance.now(),
    set: (milliseconds) => {
      by = milliseconds;
    },
  };
}

const Hour = 3_600_000;

describe('the end of a granted session', () => {
  test('does not come earlier because somebody sets the clock forward', async () => {
    const clock = adjustable();
    bench = await openChannelBench({ clock });
    bench.openGates(Date.now() + 60_000);
    const { client, id } = await bench.open();
    clock.set(2 * Hour);
    // The second look of the inspector at its clocks is behind this.
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    client.socket.write(writeRegister(1, 140, 5));
    expect(await client.read(12)).toEqual(writeRegister(1, 140, 5));
    expect(bench.said('closed', id)).toEqual([]);
  });

  test('does not come later because somebody sets it back', async () => {
    const clock = adjustable();
    bench = await openChannelBench({ clock });
    const { client, id } = await bench.open();
    bench.openGates(Date.now() + 1_000);
    const began = performance.now();
    // What is answered after the gates says that they were heard.
    bench.link.send({ kind: 'mode', generation: 1, mode: 'normal', reopened: [] });
    await bench.link.hears('mode-set');
    clock.set(-2 * Hour);
    await client.ended;
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'expired' });
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

describe('a flood of refused writes', () => {
  test('is told to the last one, and slows down whoever sends it', async () => {
    bench = await openChannelBench();
    const { client, id } = await bench.open();
    const flood = OperationsAtOnce + 150;
    const sent = Array.from({ length: flood }, (_, number) => writeRegister(number & 0xffff, 140, 900));
    for (let at = 0; at < flood; at += 50) client.socket.write(Buffer.concat(sent.slice(at, at + 50)));
    await until(() => client.socket.bytesRead > 9 * flood);
    await until(() => bench.said('operation', id).length === flood);
    client.socket.end();
    expect(await bench.says('closed', id)).toMatchObject({ refused: flood, writes: 0, requests: flood });
  });
});
