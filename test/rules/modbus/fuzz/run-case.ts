import { createFlowTraffic } from '../../../../rules/modbus/connection/flow-traffic.ts';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import type { FuzzCase, Step } from './fuzz-case.ts';
import { createHonestServer } from './honest-server.ts';
import { createLine, type Line } from './line.ts';
import { createNaiveHistory } from './naive-history.ts';
import { policies } from './policies.ts';

/** How a case went. */
export interface CaseResult {
  /** What should not have been possible, or `undefined`. */
  readonly finding: string | undefined;
  /** ADUs from clients that could be framed, and how many of them came out towards the server. */
  readonly requests: number;
  readonly forwarded: number;
  /** Responses that came out towards the clients. */
  readonly responses: number;
  /** Writes whose bytes happen to be an RTU frame. */
  readonly byChance: number;
}

/** Plays a case against the inspection and has everything that comes out read by everybody. Never throws. */
export function runCase({ policy: name, steps }: FuzzCase): CaseResult {
  const policy = policies[name];
  if (policy === undefined)
    return { finding: `no policy ${name}`, requests: 0, forwarded: 0, responses: 0, byChance: 0 };
  const server = createHonestServer();
  const world = {
    server,
    history: createNaiveHistory(server),
    device: createDeviceState(policy.kind),
    traffic: createFlowTraffic(),
    policy,
    /** Once the server has lied, what stands in it is no measure any more. */
    truthful: true,
    now: 1_000,
  };
  world.history.takeUp(policy.profile);
  const lines: readonly [Line, Line] = [createLine(world), createLine(world)];
  let finding: string | undefined;
  try {
    for (const step of steps) {
      play(step);
      finding = lines[0].finding ?? lines[1].finding;
      if (finding !== undefined) break;
    }
    if (finding === undefined) settle();
    for (const line of lines) finding ??= line.finish();
  } catch (error) {
    finding = `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const sum = (of: (line: Line) => number): number => of(lines[0]) + of(lines[1]);
  return {
    finding,
    requests: sum(({ requests }) => requests),
    forwarded: sum(({ forwarded }) => forwarded),
    responses: sum(({ responses }) => responses),
    byChance: sum(({ byChance }) => byChance),
  };

  /** The server answers everything, and time passes, until nobody waits for anything any more. */
  function settle(): void {
    for (let idle = 0, round = 0; idle < 8 && round < 300; round++) {
      const answered = lines.map((line) => line.answerAll());
      idle = answered.includes(true) ? 0 : idle + 1;
      world.now += idle === 0 ? 1 : 1_001;
      for (const line of lines) line.goOn();
    }
  }

  function play(step: Step): void {
    switch (step.do) {
      case 'client':
        lineOf(step.on).fromClient(step.bytes);
        break;
      case 'honest':
        lineOf(step.on).answer(step.which);
        break;
      case 'server':
        lineOf(step.on).fromServer(step.bytes, step.which);
        break;
      case 'wait':
        world.now += step.milliseconds;
        break;
      case 'policy': {
        const next = policies[step.name];
        if (next === undefined) throw new Error(`no policy ${step.name}`);
        // A device keeps its kind: another one would be another device.
        world.policy = { ...next, kind: world.policy.kind };
        world.history.takeUp(next.profile);
        for (const line of lines) line.adopt();
        break;
      }
    }
    for (const line of lines) line.goOn();
  }

  function lineOf(on: number): Line {
    return on === 0 ? lines[0] : lines[1];
  }
}
