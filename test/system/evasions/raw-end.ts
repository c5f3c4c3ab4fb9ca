import { fileURLToPath } from 'node:url';
import type { BoxInterface } from '../../../rules/policy.ts';
import { Python } from '../../groups.ts';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import type { PlantNetwork } from '../../plant/namespaces/topology.ts';
import { eventually } from '../eventually.ts';

/** One end of a TCP connection that no kernel makes: every segment is the test's own. */
export interface RawEnd {
  readonly port: number;
  /** The handshake, as it should be. */
  readonly open: () => Promise<void>;
  /** One segment. `at` counts from the first byte of data; see `attacks/raw_tcp.py` for the further words. */
  readonly segment: (at: number, flags: string, hex?: string, ...words: readonly string[]) => void;
  /** Hex behind what was sent so far with this call, a segment for each part. */
  readonly send: (...parts: readonly string[]) => void;
  /** Waits until everything given to `send` has arrived. */
  readonly delivered: () => Promise<void>;
  /** Waits until what came, put together, matches. */
  readonly gets: (hex: RegExp) => Promise<void>;
  readonly received: () => string;
  readonly says: (words: RegExp) => Promise<void>;
  /** Waits for the connection to be cut or ended from the other side. */
  readonly cut: () => Promise<void>;
  readonly isCut: () => boolean;
  /** How the other side has ended, in order: `fin` and `reset`. */
  readonly ends: () => readonly string[];
  /** Ends in order: a FIN behind everything sent. */
  readonly finish: () => void;
  readonly tell: (line: string) => void;
  readonly stop: () => Promise<void>;
}

/** Where one lives: a bench, or as much of one. */
export interface RawEndPlace {
  readonly network: PlantNetwork;
  readonly at: (asset: string, ...command: readonly string[]) => Running;
  readonly site: { readonly policy: { readonly interfaces: readonly BoxInterface[] } };
}

const Program = fileURLToPath(new URL('../attacks/raw_tcp.py', import.meta.url));

export async function openRawEnd(
  bench: RawEndPlace,
  where: {
    readonly asset: string;
    readonly port: number;
    readonly target: string;
    /** 0 waits for whoever comes. */
    readonly targetPort: number;
    /** The gateway's leg on the asset's wire. */
    readonly device: string;
  },
): Promise<RawEnd> {
  const { asset, port, target, targetPort, device } = where;
  const { network } = bench;
  const mac = (await mustRunIn(network.gateway, 'cat', `/sys/class/net/${device}/address`)).trim();
  // A kernel that sees only strange segments asks for no neighbour; both must know the way before.
  await mustRunIn(
    network.of(asset),
    'ip',
    'neighbour',
    'replace',
    gatewayOf(bench, device),
    'lladdr',
    mac,
    'dev',
    'eth0',
  );
  const command = [Python, Program, network.address(asset), String(port), target, String(targetPort), mac];
  const running: Running = bench.at(asset, ...command);
  await running.says(/^ready/m);
  let sent = 0;
  const segment = (at: number, flags: string, hex = '', ...words: readonly string[]) =>
    running.tell(['seg', at, flags, hex === '' ? '.' : hex, ...words].join(' '));
  const says = async (words: RegExp) => {
    await running.says(words);
  };
  const received = () => [...running.output().matchAll(/^got ([0-9a-f]+)$/gm)].map(([, hex]) => hex).join('');
  return {
    port,
    open: async () => {
      running.tell('open');
      await running.says(/^open$/m);
    },
    segment,
    send: (...parts) => {
      for (const part of parts) {
        segment(sent, 'PA', part);
        sent += part.length / 2;
      }
    },
    delivered: () => says(new RegExp(`^acked ${sent}$`, 'm')),
    gets: async (hex) => {
      await eventually(`${hex}`, () => (hex.test(received()) ? true : undefined));
    },
    received,
    says,
    cut: () => says(/^(reset|fin)$/m),
    ends: () => [...running.output().matchAll(/^(reset|fin)$/gm)].map(([, how = '']) => how),
    isCut: () => /^(reset|fin)$/m.test(running.output()),
    finish: () => segment(sent, 'FA'),
    tell: running.tell,
    stop: async () => {
      segment(sent, 'R');
      await running.stop();
    },
  };
}

function gatewayOf(bench: RawEndPlace, device: string): string {
  const leg = bench.site.policy.interfaces.find((one) => one.device === device);
  return leg?.address.split('/')[0] ?? '';
}
