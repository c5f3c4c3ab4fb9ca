import { randomBytes } from 'node:crypto';
import { mustRunIn, type Running, run, startIn } from '../../plant/namespaces/exec.ts';
import { startJanitor } from '../../plant/namespaces/janitor.ts';
import { type FoundProcess, processesIn } from '../../plant/namespaces/processes.ts';
import { scratchFolder } from '../../plant/namespaces/topology.ts';
import { BoxAddresses, Legs, Servers, Sources } from './model.ts';

/** Where things run: the gateway alone on one core, clients and servers together on another. */
export const GatewayCore = 1;
const OthersCore = 0;

/** Begins the name of every namespace of this run. */
export const LaneTag = `pst-bt-${process.pid}`;

/** Three machines in a row, a client, a box and a server, as three namespaces that nothing else is wired to. */
export interface Lane {
  readonly box: string;
  /** Folder of this lane alone; it goes with it. */
  readonly folder: string;
  /** Whether the box has a core of its own. */
  readonly pinned: boolean;
  /** Words before a command of the box: the core it runs on, and others. */
  readonly under: readonly string[];
  /** Starts a command on the client's machine. */
  readonly onClient: (command: readonly string[]) => Running;
  /** Processes of the box, as they are now. */
  readonly processes: () => Promise<readonly FoundProcess[]>;
  /** Stops what runs on the box, so that it costs nothing while another lane is measured, or lets it go on. */
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
  /** Kills everything in the namespaces and removes them. */
  readonly close: () => Promise<void>;
}

/** The two programs in C, compiled. */
export interface Programs {
  readonly load: string;
  readonly server: string;
}

/**
 * Lays a lane with its server running. Pinned, the box has a core of its own and receives on it, too: without the RPS
 * masks a veth's receive work is done by the core that sent, and the box would look cheaper than it is.
 */
export async function openLane(programs: Programs, pinned: boolean, under: readonly string[]): Promise<Lane> {
  const name = `${LaneTag}-${randomBytes(3).toString('hex')}`;
  const [client, box, server] = [`${name}-client`, `${name}-box`, `${name}-server`];
  const folder = scratchFolder();
  const janitor = startJanitor([client, box, server], folder);
  const on = (core: number): readonly string[] => (pinned ? ['taskset', '-c', String(core)] : []);
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    for (const { pid } of await processesIn(box)) signalProcess(pid, name);
  };
  try {
    for (const namespace of [client, box, server]) await addNamespace(namespace);
    await wire(box, client, 0, Sources);
    await wire(box, server, 1, Servers);
    if (pinned) {
      await receiveOn(box, GatewayCore);
      for (const namespace of [client, server]) await receiveOn(namespace, OthersCore);
    }
    await startIn(server, [...on(OthersCore), programs.server, '502']).says(/ready/);
  } catch (error) {
    await janitor.clean();
    throw error;
  }
  return {
    box,
    folder,
    pinned,
    under: [...on(GatewayCore), ...under],
    onClient: (command) => startIn(client, [...on(OthersCore), ...command]),
    processes: () => processesIn(box),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    close: janitor.clean,
  };
}

async function addNamespace(namespace: string): Promise<void> {
  await ip('netns', 'add', namespace);
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  // Connections are set up by the ten thousand, and none of these settings may differ between columns.
  await mustRunIn(namespace, 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=1024 65535');
  // No pacing, as Debian sets none: where a kernel's default has it, its timers would be measured here.
  await mustRunIn(namespace, 'sysctl', '-qw', 'net.ipv4.tcp_congestion_control=reno');
  await mustRunIn(namespace, 'sysctl', '-qw', 'net.core.somaxconn=4096', 'net.ipv4.tcp_max_syn_backlog=4096');
}

async function wire(box: string, host: string, leg: number, addresses: readonly string[]): Promise<void> {
  const [device = '', router = ''] = [Legs[leg], BoxAddresses[leg]];
  await ip('-n', box, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
  await ip('-n', box, 'address', 'add', `${router}/16`, 'dev', device);
  for (const address of addresses) await ip('-n', host, 'address', 'add', `${address}/16`, 'dev', 'eth0');
  await ip('-n', box, 'link', 'set', device, 'up');
  await ip('-n', host, 'link', 'set', 'eth0', 'up');
  await ip('-n', host, 'route', 'add', 'default', 'via', router);
}

async function receiveOn(namespace: string, core: number): Promise<void> {
  const mask = (1 << core).toString(16);
  const script = `for queue in /sys/class/net/*/queues/rx-*/rps_cpus; do echo ${mask} > "$queue"; done`;
  await mustRunIn(namespace, 'sh', '-c', script);
}

function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}

async function ip(...words: readonly string[]): Promise<void> {
  const { status, stderr } = await run(['ip', ...words]);
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
}
