import type { Running } from '../plant/namespaces/exec.ts';
import { ask } from './programs.ts';

/** What happened on one steady flow since the last look; times in microseconds where the name does not say otherwise. */
export interface FlowReport {
  readonly sent: number;
  readonly answered: number;
  /** Without an answer within 10 s, or on a connection that was cut. */
  readonly lost: number;
  /** Answered by an exception, or with what is not there. */
  readonly wrong: number;
  /** Answered by the gateway: the controller did not (exception 0x0B). */
  readonly absent: number;
  /** Connections that were cut. */
  readonly resets: number;
  readonly opened: number;
  /** Connections that have had no answer since they were cut, or none at all: at the time of the look. */
  readonly down: number;
  /** Longest time from a cut to the next answer on that connection, milliseconds. */
  readonly reopenMs: number;
  /** Longest time without any answer, milliseconds. */
  readonly quietMs: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** The first thing that was not as it should be, or empty. */
  readonly first: string;
}

/** Who goes on through every attack, by what they are called in the table. */
export type FlowName = 'modbus' | 'beside' | 'newcomers' | 'plain';

export type SteadyReport = Readonly<Record<FlowName, FlowReport>>;

/** The permitted traffic that no attack may touch. */
export interface Steady {
  /** What happened since the last call. */
  readonly mark: () => Promise<SteadyReport>;
}

/**
 * Starts it: scada-1 on 8 connections to plc-1, hmi-1 on 4 to plc-3 through the other inspector, scada-1 with a new
 * connection to plc-1 five times a second, and eng-ws on 2 plain connections that the kernel forwards.
 */
export async function startSteady(start: (asset: string, ...words: string[]) => Running): Promise<Steady> {
  const running: Readonly<Record<FlowName, Running>> = {
    modbus: start('scada-1', 'modbus', 'plc-1', '502', '8', '25'),
    beside: start('hmi-1', 'modbus', 'plc-3', '502', '4', '25'),
    newcomers: start('scada-1', 'newcomer', 'plc-1', '502', '1', '5'),
    plain: start('eng-ws', 'echo', 'plc-1', '443', '2', '25'),
  };
  await Promise.all(Object.values(running).map((one) => one.says(/going/)));
  const look = (name: FlowName): Promise<FlowReport> => ask(running[name], 'mark');
  return {
    mark: async () => {
      const [modbus, beside, newcomers, plain] = await Promise.all([
        look('modbus'),
        look('beside'),
        look('newcomers'),
        look('plain'),
      ]);
      return { modbus, beside, newcomers, plain };
    },
  };
}

/** Two looks as one, the earlier one first; times are the longer ones. */
export function together(one: SteadyReport, other: SteadyReport): SteadyReport {
  const of = (name: FlowName): FlowReport => add(one[name], other[name]);
  return { modbus: of('modbus'), beside: of('beside'), newcomers: of('newcomers'), plain: of('plain') };
}

function add(one: FlowReport, other: FlowReport): FlowReport {
  const sum = (field: 'sent' | 'answered' | 'lost' | 'wrong' | 'absent' | 'resets' | 'opened'): number =>
    one[field] + other[field];
  const longer = (field: 'reopenMs' | 'quietMs' | 'p50' | 'p99' | 'p999' | 'max'): number =>
    Math.max(one[field], other[field]);
  return {
    sent: sum('sent'),
    answered: sum('answered'),
    lost: sum('lost'),
    wrong: sum('wrong'),
    absent: sum('absent'),
    resets: sum('resets'),
    opened: sum('opened'),
    down: other.down,
    reopenMs: longer('reopenMs'),
    quietMs: longer('quietMs'),
    p50: longer('p50'),
    p99: longer('p99'),
    p999: longer('p999'),
    max: longer('max'),
    first: one.first || other.first,
  };
}
