import { type Attack, type Done, pause } from '../attack.ts';
import { statusOf } from '../counts.ts';
import { type Kind, Kinds, processesByKind } from '../processes.ts';
import type { SoakBench } from '../soak-bench.ts';
import { refusedMeanwhile, refusedUntilCut } from './requests.ts';

/** The goal is 1 s, and a machine that is busy with the soak itself may need more. */
const Reset = {
  why: 'connections of a lost inspector are reset',
  flows: ['modbus', 'newcomers'],
  within: 5_000,
} as const;
/** Without a spare one a start of an inspector is waited for. */
const ResetAll = {
  why: 'all inspected connections are reset, until there is an inspector again',
  flows: ['modbus', 'beside', 'newcomers'],
  within: 10_000,
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
    what: 'the inspector of plc-1 killed, with refused writes under way',
    cuts: Reset,
    run: (bench) => whileRefused(bench, refusedUntilCut, carrying(0)),
  },
  {
    name: 'inspectors-killed',
    what: 'all inspectors killed at once, the spare one too, with refused writes under way',
    cuts: ResetAll,
    run: (bench) => whileRefused(bench, refusedUntilCut, ofKind('inspector')),
  },
  { name: 'spare-killed', what: 'the spare inspector killed', run: killBeside(spare) },
  {
    name: 'nft-child-killed',
    what: 'the child that speaks to the kernel killed',
    run: killBeside(ofKind('nft child')),
  },
  {
    name: 'drop-reader-killed',
    what: 'the reader of dropped packets killed',
    run: killBeside(ofKind('drop reader')),
  },
  { name: 'front-killed', what: 'the front killed', run: killBeside(ofKind('front')) },
  // With nothing refused meanwhile: a new engine counts anew, so that nobody could say what of it is missing.
  {
    name: 'engine-killed',
    what: 'the engine killed',
    endsEngine: true,
    run: async (bench) => {
      kill(await ofKind('engine')(bench));
      await pause(BegunAgain);
      return {};
    },
  },
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

type Victims = (bench: SoakBench) => Promise<readonly number[]>;

function ofKind(kind: Kind): Victims {
  return async ({ network }) => (await processesByKind(network.gateway))[kind];
}

function carrying(shard: number): Victims {
  return async ({ controlSocket }) => {
    const { inspectors } = await statusOf(controlSocket);
    return inspectors.filter(({ shards }) => shards.includes(shard)).map(({ pid }) => pid);
  };
}

async function spare({ controlSocket }: SoakBench): Promise<readonly number[]> {
  const { inspectors } = await statusOf(controlSocket);
  return inspectors.filter((one) => one.spare).map(({ pid }) => pid);
}

/** Kills what no connection depends on. */
function killBeside(victims: Victims): Attack['run'] {
  return (bench) => whileRefused(bench, refusedMeanwhile, victims);
}

async function whileRefused(
  bench: SoakBench,
  refuse: (bench: SoakBench, seconds: number) => Promise<Done>,
  victims: Victims,
): Promise<Done> {
  const pids = await victims(bench);
  const refused = refuse(bench, (UnderWay + BegunAgain) / 1000);
  await pause(UnderWay);
  kill(pids);
  await pause(BegunAgain);
  return refused;
}

function kill(pids: readonly number[]): void {
  if (pids.length === 0) throw new Error('nothing of this kind runs');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

/** Milliseconds after which requests are under way. */
const UnderWay = 500;
/** Milliseconds after which whoever starts it again has begun to. */
const BegunAgain = 500;
