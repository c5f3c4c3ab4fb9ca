import { type Running, startIn } from '../plant/namespaces/exec.ts';

/** Packets seen on the wire of one asset. */
export interface Capture {
  /** One line per packet so far, in tcpdump's words. */
  readonly packets: () => readonly string[];
  readonly stop: () => Promise<readonly string[]>;
}

/** Listens where an asset lives for packets that come in and match a pcap filter. */
export async function capture(namespace: string, filter: string): Promise<Capture> {
  const command = ['tcpdump', '-i', 'eth0', '-n', '-l', '-q', '--immediate-mode', '-Q', 'in', filter];
  const running: Running = startIn(namespace, command);
  await running.says(/listening on eth0/);
  const packets = () =>
    running
      .output()
      .split('\n')
      .filter((line) => /^\d\d:\d\d:\d\d\.\d+ /.test(line));
  return {
    packets,
    stop: async () => {
      await running.stop();
      return packets();
    },
  };
}
