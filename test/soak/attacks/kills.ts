import { type Attack, pause } from '../attack.ts';
import { statusOf } from '../counts.ts';
import { type Kind, Kinds, processesByKind } from '../processes.ts';
import type { SoakBench } from '../soak-bench.ts';

/** The goal is 1 s, and a machine that is busy with the soak itself may need more. */
const Reset = {
  why: 'connections of a lost inspector are reset',
  flows: ['modbus', 'newcomers'],
  within: 5_000,
} as const;
/** As long as a start of the whole gateway takes. */
const Restart = {
  why: 'all inspected connections are reset, and the gateway starts anew',
  flows: ['modbus', 'beside', 'newcomers'],
  within: 20_000,
} as const;

/** Processes of the gateway killed, one kind after the other and all at once; the supervisor starts them again. */
export const Kills: readonly Attack[] = [
  {
    name: 'inspector-killed',
    what: 'the inspector of plc-1 killed',
    cuts: Reset,
    run: (bench) => killCarrying(bench, 0),
  },
  { name: 'spare-killed', what: 'the spare inspector killed', run: killSpare },
  {
    name: 'nft-child-killed',
    what: 'the child that speaks to the kernel killed',
    run: killKind('nft child'),
  },
  { name: 'drop-reader-killed', what: 'the reader of dropped packets killed', run: killKind('drop reader') },
  { name: 'front-killed', what: 'the front killed', run: killKind('front') },
  { name: 'engine-killed', what: 'the engine killed', endsEngine: true, run: killKind('engine') },
  {
    name: 'all-killed',
    what: 'every process but the supervisor killed at once',
    cuts: Restart,
    endsEngine: true,
    run: async (bench) => {
      const running = await processesByKind(bench.network.gateway);
      const missing = Kinds.find((kind) => running[kind].length === 0);
      if (missing !== undefined) throw new Error(`no ${missing} ran`);
      kill(Kinds.flatMap((kind) => running[kind]));
      await pause(BegunAgain);
      return {};
    },
  },
];

function killKind(kind: Kind): Attack['run'] {
  return async (bench) => {
    kill((await processesByKind(bench.network.gateway))[kind]);
    await pause(BegunAgain);
    return {};
  };
}

async function killCarrying(bench: SoakBench, shard: number) {
  const { inspectors } = await statusOf(bench.controlSocket);
  kill(inspectors.filter(({ shards }) => shards.includes(shard)).map(({ pid }) => pid));
  await pause(BegunAgain);
  return {};
}

async function killSpare(bench: SoakBench) {
  const { inspectors } = await statusOf(bench.controlSocket);
  kill(inspectors.filter(({ spare }) => spare).map(({ pid }) => pid));
  await pause(BegunAgain);
  return {};
}

function kill(pids: readonly number[]): void {
  if (pids.length === 0) throw new Error('nothing of this kind runs');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

/** Milliseconds after which whoever starts it again has begun to. */
const BegunAgain = 500;
