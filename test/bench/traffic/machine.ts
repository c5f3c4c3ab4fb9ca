import { release } from 'node:os';
import { run } from '../../plant/namespaces/exec.ts';
import { type Machine, machine, machineText } from '../machine.ts';

/** What the traffic ran on, and when. */
export interface TrafficMachine extends Machine {
  readonly kernel: string;
  /** Version, or empty where there is none. */
  readonly haproxy: string;
  readonly date: string;
}

export async function describeMachine(): Promise<TrafficMachine> {
  const { stdout } = await run(['haproxy', '-v']);
  const [, version = ''] = /version (\S+)/.exec(stdout) ?? [];
  return { ...machine, kernel: release(), haproxy: version, date: new Date().toISOString() };
}

export function trafficMachineText(all: TrafficMachine): string {
  return `${machineText(all)}, Linux ${all.kernel}, HAProxy ${all.haproxy || 'absent'}, ${all.date}`;
}
