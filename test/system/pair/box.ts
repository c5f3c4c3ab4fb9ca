import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRunIn, type Outcome, type Running, run, start, startIn } from '../../plant/namespaces/exec.ts';
import { type RunningGateway, startGateway } from '../../plant/namespaces/gateway.ts';
import { makeSite, penstock, type Site, writeGatewayConfig } from '../../plant/namespaces/site.ts';
import { eventually } from '../eventually.ts';

/** One box of a pair: its gateway, and keepalived and conntrackd as they are shipped. */
export interface Box {
  readonly name: string;
  readonly namespace: string;
  readonly site: Site;
  /** Runs a command on the box, with the box's own /run, /opt and /etc/conntrackd, to its end. */
  readonly run: (...command: readonly string[]) => Promise<Outcome>;
  readonly gateway: () => RunningGateway;
  readonly startGateway: () => Promise<void>;
  /** Kills all of keepalived at once; what it had set stays, until it has started again. */
  readonly killKeepalived: () => Promise<void>;
  /** Ends it as a power cut does, once its cables are unplugged: no process, no table and no state is left of it. */
  readonly die: () => Promise<void>;
  /** Starts it from cold in the order of the units: the drop, devices, keepalived and conntrackd, then the gateway. */
  readonly boot: (plugIn: () => Promise<void>) => Promise<void>;
  /** What keepalived said, since the first start. */
  readonly log: () => string;
  /** How often it has taken the addresses. */
  readonly takeovers: () => number;
  /** Whether keepalived counts this box as one that can carry, which takes some time of good answers. */
  readonly countsAsWell: () => boolean;
  /** Whether it has the shared addresses: all of them, none, or in between. */
  readonly holds: () => Promise<'all' | 'none' | 'some'>;
  /** `check.sh table` and `check.sh carrying` both say yes. */
  readonly isWell: () => Promise<boolean>;
}

export const Shared = ['10.61.20.1', '10.61.30.1'];

/** Takes a namespace whose devices are there, and starts everything in it. */
export async function startBox(name: string, namespace: string, model: string, folder: string): Promise<Box> {
  const site = await makeSite(join(folder, name), model, name);
  const config = writeGatewayConfig(site);
  const filled = join(folder, `${name}-pair`);
  const pair = await penstock('pair', model, '--out', filled);
  if (pair.status !== 0) throw new Error(`penstock pair: ${pair.stderr}`);
  const configs = join(filled, name);
  const logs: Running[] = [];
  await mustRunIn(namespace, 'sysctl', '-qw', ...kernelSettings());
  let inside = await ownPlaces(namespace, site.folder, configs);
  let gateway = await startGateway(namespace, config);
  let states = startEngines();

  /** conntrackd, and keepalived, which starts again whenever it ends, as the drop-in for its unit says. */
  function startEngines(): Running {
    const started = start([...inside, 'conntrackd', '-C', '/etc/conntrackd/conntrackd.conf']);
    const again = `while :; do keepalived -n -l -D -f ${join(configs, 'keepalived.conf')}; sleep 0.1; done`;
    logs.push(start([...inside, 'sh', '-c', again]));
    return started;
  }

  async function killAll(isMeant: (pid: string) => boolean): Promise<number> {
    const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
    const pids = stdout.split('\n').filter((line) => line !== '' && isMeant(line));
    for (const pid of pids) kill(Number(pid));
    return pids.length;
  }

  const log = () => logs.map((one) => one.output()).join('');
  const box: Box = {
    name,
    namespace,
    site,
    run: (...command) => run([...inside, ...command]),
    gateway: () => gateway,
    startGateway: async () => {
      gateway = await startGateway(namespace, config);
    },
    killKeepalived: async () => void (await killAll((pid) => nameOf(pid) === 'keepalived')),
    die: async () => {
      await eventually(`all of ${name} to be dead`, async () =>
        (await killAll(() => true)) === 0 ? true : undefined,
      );
      await mustRun('ip', 'netns', 'del', namespace);
      rmSync(join(site.folder, 'run'), { recursive: true, force: true });
    },
    boot: async (plugIn) => {
      await mustRun('ip', 'netns', 'add', namespace);
      await mustRunIn(namespace, 'nft', '-f', BootDrop);
      await mustRun('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
      await mustRunIn(namespace, 'sysctl', '-qw', ...kernelSettings());
      await plugIn();
      inside = await ownPlaces(namespace, site.folder, configs);
      states = startEngines();
      await box.startGateway();
    },
    log,
    takeovers: () => [...log().matchAll(/\(sup0\) setting VIPs/g)].length,
    countsAsWell: () =>
      ['table', 'carrying'].every((check) => {
        const said = logs.at(-1)?.output() ?? '';
        const verdicts = said.matchAll(new RegExp(`VRRP_Script\\(${check}\\) (\\w+)`, 'g'));
        return [...verdicts].at(-1)?.[1] === 'succeeded';
      }),
    holds: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { stdout } = await run(['ip', '-n', namespace, '-br', 'address']);
      const held = Shared.filter((address) => stdout.includes(` ${address}/32`));
      return held.length === Shared.length ? 'all' : held.length === 0 ? 'none' : 'some';
    },
    isWell: async () => {
      // Not in a hurry: each look starts a handful of programs.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const both = `${Installed}/check.sh table && ${Installed}/check.sh carrying`;
      return (await run([...inside, 'sh', '-c', both])).status === 0;
    },
  };
  await eventually(`${name} is well`, async () => (await box.isWell()) || undefined);
  await eventually(
    `conntrackd of ${name}, which said ${states.output()}`,
    async () => (await box.run('conntrackd', '-s')).status === 0 || undefined,
  );
  await eventually(
    `keepalived of ${name} to begin`,
    () => box.log().includes('Entering BACKUP STATE') || undefined,
  );
  // It goes on without a script it does not like, and all looks well.
  const refused = /^.*(?:Disabling|cannot be accessed|not found|insecure|Unsafe).*$/im.exec(box.log());
  if (refused !== null) throw new Error(`keepalived: ${refused[0]}`);
  return box;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // it ended meanwhile
  }
}

/**
 * A mount namespace where the box finds its own files in the places that the shipped configuration names; gives the
 * words that run a command in it.
 */
async function ownPlaces(namespace: string, site: string, filled: string): Promise<readonly string[]> {
  const opt = join(site, 'opt');
  rmSync(opt, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL('../../../hardware/pair', import.meta.url)), join(opt, Installed.slice(5)), {
    recursive: true,
  });
  mkdirSync(join(site, 'run'), { recursive: true });
  const script = `
set -e
mount --bind ${opt} /opt
mount -t tmpfs -o size=1m tmpfs /etc/conntrackd
cp ${filled}/conntrackd.conf /etc/conntrackd/
mount -t tmpfs -o size=1m tmpfs /run
mkdir /run/lock /run/keepalived /run/penstock
mount --bind ${site}/run /run/penstock
echo made
exec sleep infinity`;
  const keeper = startIn(namespace, ['unshare', '-m', '--propagation', 'private', 'sh', '-c', script]);
  await keeper.says(/made/);
  return ['nsenter', '-t', String(keeper.pid), '-m', '-n', '--'];
}

/** Those of hardware/os/sysctl.conf that a network namespace has of its own. */
function kernelSettings(): readonly string[] {
  const file = fileURLToPath(new URL('../../../hardware/os/sysctl.conf', import.meta.url));
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/^-/, '').replaceAll(' ', ''))
    .filter((line) => /^net\.(ipv4|netfilter)\.[^*]+=/.test(line));
}

async function mustRun(...command: readonly string[]): Promise<void> {
  const { status, stderr } = await run(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

const BootDrop = fileURLToPath(new URL('../../../hardware/os/boot-drop.nft', import.meta.url));

/** Where the installer puts the scripts. */
const Installed = '/opt/penstock/pair';
