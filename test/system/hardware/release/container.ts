import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, type Running, run, start } from '../../../plant/namespaces/exec.ts';
import { eventually } from '../../eventually.ts';

/** A Debian system of its own under systemd, in a network namespace; `/usr` is this machine's, read-only. */
export interface Container {
  readonly root: string;
  /** Runs a command in it to its end; throws where it is not running. */
  readonly inside: (...command: readonly string[]) => Promise<Outcome>;
  /** Starts a command in it. */
  readonly startInside: (...command: readonly string[]) => Running;
  /** What its journal says. */
  readonly journal: () => Promise<string>;
  /** Ends it as a power cut does. */
  readonly cutPower: () => Promise<void>;
  /** Starts it again; resolves when it has come up. */
  readonly boot: () => Promise<void>;
}

/** Makes the root directory of a container in `folder` and boots it. It ends with the namespace's processes. */
export async function bootContainer(folder: string, namespace: string): Promise<Container> {
  const root = join(folder, 'root');
  makeRoot(root);
  let leader = 0;
  let machine: Running | undefined;

  const boot = async (): Promise<void> => {
    machine = start([
      // The engine switches forwarding on.
      'env',
      'SYSTEMD_NSPAWN_API_VFS_WRITABLE=network',
      'systemd-nspawn',
      '--quiet',
      '--register=no',
      '--keep-unit',
      '--console=pipe',
      `--machine=${namespace}`,
      `--directory=${root}`,
      `--network-namespace-path=/run/netns/${namespace}`,
      '--capability=CAP_NET_ADMIN,CAP_NET_RAW',
      '--bind-ro=/usr',
      `--bind=${join(folder, 'local')}:/usr/local`,
      '--boot',
      'systemd.log_target=journal',
    ]);
    leader = await eventually('the first process of the container', () => childOf(machine?.pid ?? 0));
    await eventually('the container to be up', async () => {
      const { stdout } = await inside('systemctl', 'is-system-running');
      return /running|degraded/.test(stdout) ? true : undefined;
    });
  };

  const enter = (command: readonly string[]): readonly string[] => [
    ...['nsenter', '--target', String(leader), '--mount', '--uts', '--ipc', '--net', '--pid', '--'],
    ...['env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', 'HOME=/root', ...command],
  ];
  const inside = (...command: readonly string[]): Promise<Outcome> =>
    run(enter(command), { patience: 800_000 });

  await boot();
  return {
    root,
    inside,
    startInside: (...command) => start(enter(command)),
    journal: async () => (await inside('journalctl', '--no-pager', '--quiet', '--lines=200')).stdout,
    cutPower: async () => {
      process.kill(leader, 'SIGKILL');
      await machine?.ended;
    },
    boot,
  };
}

function makeRoot(root: string): void {
  const folders = ['etc/systemd/system', 'var/tmp', 'run', 'tmp', 'proc', 'sys', 'dev', 'usr', 'root', 'opt'];
  for (const name of folders) mkdirSync(join(root, name), { recursive: true });
  mkdirSync(join(root, '../local/bin'), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  // dpkg knows of nothing that is installed.
  mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg/updates'));
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  const files = {
    'os-release': 'ID=debian\nVERSION_ID="12"\n',
    'machine-id': '',
    passwd: 'root:x:0:0:root:/root:/bin/sh\n',
    group: 'root:x:0:\ndialout:x:20:\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nprotocols: files\n',
    'ld.so.cache': readFileSync('/etc/ld.so.cache', 'latin1'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'etc', name), text, 'latin1');
}

/** The process that systemd-nspawn started, which is the container's first. */
function childOf(pid: number): number | undefined {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [child] = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean);
      if (child !== undefined && comm(Number(child)) === 'systemd') return Number(child);
    }
  } catch {
    return undefined;
  }
  return undefined;
}

function comm(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
