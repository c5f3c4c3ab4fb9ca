import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askEngine } from '../../gateway/cli/engine-client.ts';
import { readConfig } from '../../gateway/config.ts';
import { StatusBody } from '../../gateway/ipc/snapshot.ts';
import { controlSocket } from '../../gateway/run/processes.ts';
import { type Running, run, startIn } from '../plant/namespaces/exec.ts';
import { type AskStatus, type RunningGateway, startGateway } from '../plant/namespaces/gateway.ts';
import { makeSite, type Site, writeGatewayConfig } from '../plant/namespaces/site.ts';
import { createPlantNetwork, type PlantNetwork, scratchFolder } from '../plant/namespaces/topology.ts';

/** The bench model running: namespaces around a real gateway with the kernel back end. */
export interface Bench {
  readonly site: Site;
  readonly network: PlantNetwork;
  readonly gateway: RunningGateway;
  /** Starts a process where an asset lives. */
  readonly at: (asset: string, ...command: readonly string[]) => Running;
  /** Starts a process on the box itself. */
  readonly onBox: (...command: readonly string[]) => Running;
  readonly close: () => Promise<void>;
}

export const BenchGateway = 'cgw-test';

/** Path of a model in this folder. */
export function benchModel(name = 'bench.zones.yaml'): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/**
 * Compiles a model, builds its network and starts the gateway; `close` removes every trace. `config` are more
 * lines of `gateway.yaml`, `under` a command of the site that executes the gateway.
 */
export async function openBench(
  model = benchModel(),
  name = BenchGateway,
  config: readonly string[] = [],
  under: (site: Site) => readonly string[] = () => [],
): Promise<Bench> {
  const folder = scratchFolder();
  const site = await makeSite(folder, model, name).catch((error) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const network = await createPlantNetwork(site.policy, folder);
  try {
    const file = writeGatewayConfig(site, config);
    const gateway = await startGateway(network.gateway, file, under(site), askEngineStatus);
    return {
      site,
      network,
      gateway,
      at: (asset, ...command) => startIn(network.of(asset), command),
      onBox: (...command) => startIn(network.gateway, command),
      close: async () => {
        await gateway.supervisor.stop();
        await network.destroy();
      },
    };
  } catch (error) {
    await network.destroy();
    throw error;
  }
}

/** What `penstock status` asks, without its process. */
export const askEngineStatus: AskStatus = async (config) => {
  const socket = controlSocket(readConfig(config));
  const question = { kind: 'ask', id: 1, what: 'status' } as const;
  const answer = await askEngine(socket, question, StatusBody).catch(() => undefined);
  return answer?.ok === true ? answer.body : undefined;
};

/** Path of a program in `clients/`. */
export function client(name: string): string {
  return fileURLToPath(new URL(`clients/${name}`, import.meta.url));
}

/** Compiles `clients/NAME.c` against libmodbus into a folder. */
export async function compileClient(name: string, folder: string): Promise<string> {
  const out = join(folder, name);
  const said = await run(['gcc', '-O1', '-Wall', '-o', out, client(`${name}.c`), '-lmodbus']);
  if (said.status !== 0) throw new Error(`gcc ${name}.c: ${said.stderr}`);
  return out;
}

/** A Modbus ADU in hex: transaction, unit and PDU. */
export function adu(transaction: number, unit: number, pdu: string): string {
  const length = pdu.length / 2 + 1;
  return [hex16(transaction), '0000', hex16(length), unit.toString(16).padStart(2, '0'), pdu].join('');
}

export function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
