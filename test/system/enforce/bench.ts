import { resolve } from 'node:path';
import type { AssetRule, BoxInterface } from '../../../rules/policy.ts';
import { type Running, runIn, startIn } from '../../plant/namespaces/exec.ts';
import { createPlantNetwork, type PlantNetwork } from '../../plant/namespaces/topology.ts';

/** An HMI, a gateway and a controller, each in a network namespace of its own. */
export interface Bench {
  readonly network: PlantNetwork;
  readonly hmi: string;
  readonly gateway: string;
  readonly plc: string;
  /** Starts one of programs/ in a namespace. */
  readonly start: (namespace: string, program: string, ...args: readonly (string | number)[]) => Running;
  /** The same in the gateway, as a user of no name with these capabilities and no other. */
  readonly startWith: (capabilities: readonly string[], program: string) => Running;
  /** Runs nft commands in the gateway; throws with what nft said. */
  readonly nft: (commands: string) => Promise<string>;
}

export const HmiAddress = '10.20.0.10';
export const PlcAddress = '10.30.0.12';

export const BenchInterfaces: readonly BoxInterface[] = [
  leg('sup0', 'supervisory', '10.20.0.1/24'),
  leg('proc0', 'process', '10.30.0.1/24'),
];

export const BenchAssets: readonly AssetRule[] = [
  {
    name: 'hmi',
    zone: 'supervisory',
    addresses: [HmiAddress],
    mac: '',
    modbus: { kind: 'direct', framing: 'mbap', line: undefined },
  },
  {
    name: 'plc',
    zone: 'process',
    addresses: [PlcAddress],
    mac: '',
    modbus: { kind: 'direct', framing: 'mbap', line: undefined },
  },
];

/** Lays the bench; remove it with `network.destroy()`. */
export async function layBench(
  interfaces: readonly BoxInterface[] = BenchInterfaces,
  assets: readonly AssetRule[] = BenchAssets,
): Promise<Bench> {
  const network = await createPlantNetwork({ interfaces, assets });
  const nft = async (commands: string) => {
    const { status, stdout, stderr } = await runIn(network.gateway, ['nft', '-f', '-'], { input: commands });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    network,
    hmi: network.of('hmi'),
    gateway: network.gateway,
    plc: network.of('plc'),
    start: (namespace, program, ...args) => startIn(namespace, [...node(program), ...args.map(String)]),
    startWith: (capabilities, program) => {
      const list = ['-all', ...capabilities.map((one) => `+${one}`)].join(',');
      const identity = [`--reuid=${Nobody}`, `--regid=${Nobody}`, '--clear-groups'];
      const rights = [`--inh-caps=${list}`, `--ambient-caps=${list}`, `--bounding-set=${list}`];
      return startIn(network.gateway, ['setpriv', ...identity, ...rights, '--', ...node(program)]);
    },
    nft,
  };
}

/** A routed leg of the gateway. */
export function leg(device: string, zone: string, address: string): BoxInterface {
  return { device, zone, address, sources: [], vlan: 0, lowerDevice: '', attach: 'routed' };
}

function node(program: string): readonly string[] {
  return [process.execPath, resolve(import.meta.dirname, 'programs', program)];
}

const Nobody = 65534;
