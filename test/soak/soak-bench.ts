import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../gateway/config.ts';
import { controlSocket } from '../../gateway/run/processes.ts';
import { type Running, start, startIn } from '../plant/namespaces/exec.ts';
import { type RunningGateway, startGateway } from '../plant/namespaces/gateway.ts';
import { makeSite, type Site, writeGatewayConfig } from '../plant/namespaces/site.ts';
import { createPlantNetwork, type PlantNetwork, scratchFolder } from '../plant/namespaces/topology.ts';
import { type EvidenceReader, readEvidence } from './counts.ts';
import { type Disk, diskOf, hasLoopDevices, mountCommand } from './disk.ts';
import { type MemoryWatch, watchMemory } from './memory.ts';
import { ask, compilePrograms, type Programs } from './programs.ts';
import { type Steady, startSteady } from './steady.ts';

/** A running gateway with everything around it that an attack needs and that watches what comes of it. */
export interface SoakBench {
  readonly site: Site;
  readonly network: PlantNetwork;
  readonly gateway: RunningGateway;
  readonly programs: Programs;
  /** Starts a process where an asset lives, after everything else in line for the processor. */
  readonly attack: (
    asset: string,
    program: keyof Programs,
    ...words: readonly (string | number)[]
  ) => Running;
  readonly steady: Steady;
  /** Controllers by name; plc-2 is the one that may be told to misbehave. */
  readonly plc: (name: string) => Running;
  /** What the gateway put on the controllers' wire since the last call. */
  readonly judge: () => Promise<Judged>;
  readonly memory: MemoryWatch;
  readonly disk: Disk;
  /** How far the gateway's wall clock is from the machine's from now on, milliseconds. */
  readonly setClock: (offset: number) => void;
  readonly evidence: EvidenceReader;
  readonly controlSocket: string;
  /** Stops the gateway in order; what it has written can still be read. */
  readonly stop: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The gateway's packets on the controllers' wire, judged one by one. */
export interface Judged {
  readonly packets: number;
  /** ADUs towards controllers. */
  readonly requests: number;
  /** Packets that no flow permits, and ADUs that no permission does. */
  readonly violations: number;
  /** Packets that the kernel gave up before they could be judged. */
  readonly unseen: number;
  /** The first violation, or empty. */
  readonly first: string;
}

/** Addresses the taken-over client has. */
export const Rogues: readonly string[] = Array.from({ length: 10 }, (_, index) => `10.64.20.${60 + index}`);

/** The gateway's address on the controllers' wire. */
const Box = '10.64.30.1';
const Controllers = ['plc-1', 'plc-2', 'plc-3'];
const Model = fileURLToPath(new URL('soak.zones.yaml', import.meta.url));

/** Builds it and waits until all traffic goes; throws where something cannot be had here. `close` removes every trace. */
export async function openSoakBench(): Promise<SoakBench> {
  const folder = scratchFolder();
  const site = await makeSite(folder, Model, 'cgw-test').catch((error) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const network = await createPlantNetwork(site.policy, folder);
  try {
    const programs = await compilePrograms(folder);
    const kind = (await hasLoopDevices(folder)) ? 'loop' : 'memory';
    const clock = join(folder, 'clock');
    writeFileSync(clock, nanoseconds(0));
    // In place: the processes of the gateway have these bytes mapped.
    const setClock = (offset: number) => writeFileSync(clock, nanoseconds(offset), { flag: 'r+' });
    const under = ['env', `LD_PRELOAD=${programs.clock}`, `SOAK_CLOCK=${clock}`];
    // A clock that is believed, and something that is kept for a time only: what a step may cost.
    const evidence = 'evidence: {max_bytes: 100663296, keep_days: 30}';
    const config = writeGatewayConfig(site, ['inspectors: 2', 'clock: by-hand', evidence]);
    const gateway = await startGateway(network.gateway, config, [...mountCommand(folder, kind), ...under]);
    return await around({ site, network, gateway, programs, kind, setClock });
  } catch (error) {
    await network.destroy();
    throw error;
  }
}

type Begun = Pick<SoakBench, 'site' | 'network' | 'gateway' | 'programs' | 'setClock'> & {
  readonly kind: Disk['kind'];
};

async function around({ kind, ...begun }: Begun): Promise<SoakBench> {
  const { site, network, gateway, programs } = begun;
  const at = (asset: string, ...command: string[]) => startIn(network.of(asset), command);
  const plcs = new Map(Controllers.map((name) => [name, at(name, programs.plc, network.address(name))]));
  for (const one of plcs.values()) await one.says(/listening/);
  const judge = startIn(network.wire('proc0'), [programs.judge, 'gateway', Box, ...rules(network)]);
  await judge.says(/listening/);
  const steady = await startSteady((asset, mode, target, ...rest) =>
    at(asset, programs.steady, mode, network.address(target), ...rest),
  );
  const memory = watchMemory(network.gateway);
  // Holds on to the gateway's mounts, so that the evidence can be read when it has stopped.
  const { pid } = start(['nsenter', '-t', String(gateway.supervisor.pid), '-m', '-n', 'sleep', 'infinity']);
  return {
    ...begun,
    attack: (asset, program, ...words) =>
      at(asset, 'nice', '-n', '10', programs[program], ...words.map(String)),
    steady,
    plc: (name) => plcs.get(name) ?? judge,
    judge: () => ask<Judged>(judge, 'mark'),
    memory,
    disk: diskOf(site.folder, kind, pid),
    evidence: readEvidence(() => `/proc/${pid}/root${join(site.folder, 'state/evidence')}`),
    controlSocket: controlSocket(readConfig(gateway.config)),
    stop: async () => {
      memory.stop();
      await gateway.supervisor.stop();
    },
    close: async () => {
      memory.stop();
      await gateway.supervisor.stop();
      await network.destroy();
    },
  };
}

/** What may leave the gateway towards the controllers, said once more by hand. */
function rules({ address }: PlantNetwork): readonly string[] {
  return [
    `${address('scada-1')}>${address('plc-1')}:tcp/502`,
    `${address('hmi-1')}>${address('plc-3')}:tcp/502`,
    `${address('eng-ws')}>${address('plc-1')}:tcp/443`,
    `${Rogues[0]}-${Rogues.at(-1)}>${address('plc-1')}:tcp/502`,
    `${Rogues[0]}-${Rogues.at(-1)}>${address('plc-2')}:tcp/502`,
  ];
}

function nanoseconds(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(milliseconds) * 1_000_000n);
  return bytes;
}
