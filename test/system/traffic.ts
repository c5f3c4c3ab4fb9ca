import { expect } from 'vitest';
import type { Running } from '../plant/namespaces/exec.ts';
import { type Bench, client, compileClient } from './bench.ts';
import { type Capture, capture } from './capture.ts';

/**
 * What goes on while something is done to the gateway: scada-1 polls plc-dosing over Modbus, eng-ws holds a
 * plain connection to plc-intake, and hmi-1 knocks at plc-dosing with everything it may not do.
 */
export interface Traffic {
  /** Waits for a poll answered after this time; returns the milliseconds from then to it. */
  readonly answeredAfter: (time: number) => Promise<number>;
  /** Waits for a poll to be lost after this time and one to be answered then; returns the same. */
  readonly recoveredAfter: (time: number) => Promise<number>;
  /** The longest time between two answered polls since then, the one that still lasts included; milliseconds. */
  readonly longestUnanswered: (since: number) => number;
  /** Polls that got no answer so far. */
  readonly lost: () => number;
  /** The plain connection, opened once, still carries bytes both ways. */
  readonly plainLives: () => Promise<void>;
  /** Nothing that the policy forbids has reached a controller, though it was tried all the time. */
  readonly nothingForbiddenArrived: () => Promise<void>;
  /** Forbidden packets that have reached plc-dosing. */
  readonly forbiddenPackets: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** @param besides a pcap filter of what else the model permits on the wire of plc-dosing */
export async function startTraffic(
  bench: Pick<Bench, 'network' | 'at'>,
  besides = 'less 0',
): Promise<Traffic> {
  const { network } = bench;
  const address = (asset: string) => network.address(asset);
  const running: Running[] = [];
  const start = (asset: string, ...command: string[]) => {
    const one = bench.at(asset, ...command);
    running.push(one);
    return one;
  };
  const node = (asset: string, program: string, ...args: string[]) =>
    start(asset, process.execPath, client(program), ...args);

  const serverProgram = await compileClient('libmodbus-server', network.folder);
  const server = start('plc-dosing', serverProgram, address('plc-dosing'), '502');
  await server.says(/listening/);
  await node('plc-dosing', 'peer.ts', 'udp-listen', address('plc-dosing'), '161').says(/listening/);
  await node('plc-dosing', 'peer.ts', 'tcp-listen', address('plc-dosing'), '443').says(/listening/);
  await node('plc-intake', 'peer.ts', 'tcp-listen', address('plc-intake'), '443').says(/listening/);

  const modbus = `tcp port 502 and (src host ${address('scada-1')} or src host ${address('hmi-1')})`;
  // Its switch sends what is for plc-intake to all once it has heard nothing of that for five minutes.
  const others = `dst host ${address('plc-intake')}`;
  const forbidden: Capture = await capture(
    network.of('plc-dosing'),
    `ip and not (${modbus}) and not (${others}) and not (${besides})`,
  );
  const poller = node('scada-1', 'poller.ts', address('plc-dosing'), '502');
  await poller.says(/ok /);
  const plain = node('eng-ws', 'peer.ts', 'tcp', address('plc-intake'), '443');
  await plain.says(/connected/);
  const knocker = node('hmi-1', 'knocker.ts', address('plc-dosing'));
  await knocker.says(/tried/);
  let round = 0;

  return {
    answeredAfter,
    recoveredAfter,
    longestUnanswered,
    lost,
    plainLives,
    nothingForbiddenArrived,
    forbiddenPackets: forbidden.packets,
    stop,
  };

  async function answeredAfter(time: number): Promise<number> {
    return (await next('ok', time)) - time;
  }

  async function recoveredAfter(time: number): Promise<number> {
    return (await next('ok', await next('lost', time - 1))) - time;
  }

  function longestUnanswered(since: number): number {
    return longestGap(times(poller, 'ok'), since);
  }

  async function next(word: 'ok' | 'lost', time: number): Promise<number> {
    for (;;) {
      const found = times(poller, word).find((one) => one > time);
      if (found !== undefined) return found;
      // The line that is waited for may be the very next one: the end of the last belongs to the pattern.
      const heard = Math.max(0, poller.output().length - 1);
      await poller.says(new RegExp(`^[^]{${heard},}\\n${word} `));
    }
  }

  function lost(): number {
    return times(poller, 'lost').length;
  }

  async function plainLives(): Promise<void> {
    round += 1;
    const word = `cafe${round.toString(16).padStart(4, '0')}`;
    plain.tell(word);
    await plain.says(new RegExp(`got ${word}`));
  }

  async function nothingForbiddenArrived(): Promise<void> {
    const before = tries(knocker);
    await knocker.says(triedMoreThan(knocker));
    expect(tries(knocker)).toBeGreaterThan(before);
    expect(forbidden.packets()).toEqual([]);
    expect(knocker.output()).not.toContain('through');
    expect(server.output()).not.toMatch(/fc=(5|6|15|16|22|23)\b/);
    expect(plain.output()).not.toMatch(/ended|failed/);
  }

  async function stop(): Promise<void> {
    for (const one of running) await one.stop();
    await forbidden.stop();
  }
}

/** Between two of these times since one of them, and from the last until now; milliseconds. */
export function longestGap(times: readonly number[], since: number): number {
  const moments = [since, ...times.filter((time) => time >= since), Date.now()];
  return Math.round(Math.max(...moments.slice(1).map((time, index) => time - (moments[index] ?? 0))));
}

function times(poller: Running, word: string): readonly number[] {
  return [...poller.output().matchAll(new RegExp(`^${word} (\\d+)`, 'gm'))].map(([, time]) => Number(time));
}

function tries(knocker: Running): number {
  const last = [...knocker.output().matchAll(/^tried (\d+) (\d+) (\d+)$/gm)].at(-1);
  return Number(last?.[1]) + Number(last?.[2]) + Number(last?.[3]);
}

/** Matches once there is a further line about what was tried. */
function triedMoreThan(knocker: Running): RegExp {
  return new RegExp(`^[^]{${knocker.output().length},}tried \\d+ \\d+ \\d+\\n`);
}
