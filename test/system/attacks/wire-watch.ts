import { type Running, startIn } from '../../plant/namespaces/exec.ts';
import type { PlantNetwork } from '../../plant/namespaces/topology.ts';

/** Everything the gateway puts on one wire, whoever it is for. */
export interface WireWatch {
  /** One line per packet so far, in tcpdump's words; ARP is left out. */
  readonly packets: () => readonly string[];
  /** Waits until a packet of these words has been seen. */
  readonly sees: (words: RegExp) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Watches the wire behind a device of the gateway. `filter` is a pcap filter of what is looked for. */
export async function watchWire(
  network: PlantNetwork,
  device: string,
  filter = 'not arp',
): Promise<WireWatch> {
  const command = ['tcpdump', '-i', 'gateway', '-n', '-l', '-q', '--immediate-mode', '-Q', 'in', filter];
  const running: Running = startIn(network.wire(device), command);
  await running.says(/listening on gateway/);
  return {
    packets: () =>
      running
        .output()
        .split('\n')
        .filter((line) => /^\d\d:\d\d:\d\d\.\d+ /.test(line))
        .map((line) => line.replace(/^\S+ /, '')),
    sees: async (words) => {
      await running.says(words);
    },
    stop: running.stop,
  };
}
