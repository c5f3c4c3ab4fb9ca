/** @module-tag deep: another host; takeover.test.ts shows what keepalived and conntrackd do together. */

import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../plant/namespaces/exec.ts';
import { type Janitor, startJanitor } from '../../plant/namespaces/janitor.ts';
import { penstock } from '../../plant/namespaces/site.ts';
import { scratchFolder } from '../../plant/namespaces/topology.ts';
import { eventually } from '../eventually.ts';
import { bootContainer, type Container } from '../hardware/release/container.ts';
import { lacks } from '../tools.ts';
import { Shared } from './box.ts';

/** One box of the pair under systemd, with Debian's own units and the drop-ins for them, and without a gateway. */
describe.skipIf(lacks('systemd-nspawn', 'keepalived', 'conntrackd'))('the drop-ins of a pair', () => {
  const namespace = `pst-${process.pid}-${randomBytes(3).toString('hex')}-units`;
  let janitor: Janitor | undefined;
  let container: Container;

  beforeAll(async () => {
    const folder = scratchFolder();
    janitor = startJanitor([namespace], folder);
    await must('ip', 'netns', 'add', namespace);
    for (const [device, address] of Devices) {
      await must(
        'ip',
        '-n',
        namespace,
        'link',
        'add',
        device,
        'type',
        'veth',
        'peer',
        'name',
        `${device}-far`,
      );
      await must('ip', '-n', namespace, 'address', 'add', address, 'dev', device);
      for (const end of [device, `${device}-far`])
        await must('ip', '-n', namespace, 'link', 'set', end, 'up');
    }
    const filled = join(folder, 'filled');
    const said = await penstock(
      'pair',
      fileURLToPath(new URL('pair.zones.yaml', import.meta.url)),
      '--out',
      filled,
    );
    if (said.status !== 0) throw new Error(said.stderr);
    container = await bootContainer(join(folder, 'box'), namespace);
    setUp(container.root, join(filled, 'box-a'));
    for (const unit of ['penstock-boot-drop', 'conntrackd', 'keepalived'])
      await inside('systemctl', 'enable', unit);
    await container.cutPower();
    await container.boot();
    await eventually('keepalived to run', () => mainPid('keepalived'));
  }, Patience);

  afterAll(() => janitor?.clean());

  test('are understood, and so is the configuration', async () => {
    const { stdout, stderr } = await container.inside('systemd-analyze', 'verify', ...Units);
    expect(`${stdout}${stderr}`).not.toMatch(/penstock\.conf|penstock-boot-drop/);
    for (const unit of ['conntrackd', 'keepalived']) {
      expect(await property(unit, 'DropInPaths')).toContain(`${unit}.service.d/penstock.conf`);
    }
    expect(await container.inside('keepalived', '-t', '-f', '/etc/keepalived/keepalived.conf')).toMatchObject(
      {
        status: 0,
      },
    );
  });

  test('have the drop stand before the states come, and both before an address does, from cold', async () => {
    const began = [];
    for (const unit of Units) began.push(Number(await property(unit, 'ActiveEnterTimestampMonotonic')));
    expect(began.every((time) => time > 0)).toBe(true);
    expect(began).toEqual(began.toSorted((one, other) => one - other));
    expect((await container.inside('nft', 'list', 'chain', 'inet', 'penstock', 'forward')).stdout).toContain(
      'policy drop',
    );
  });

  test('start both again however often they are killed, and the addresses are there with a policy only', async () => {
    await eventually('the box to be found without a policy', async () =>
      (await container.journal()).includes('VRRP_Script(table) failed') ? true : undefined,
    );
    // Four times as long as a box waits for the other one.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await addresses()).not.toMatch(/\/32/);
    await inside('nft', 'add', 'chain', 'inet', 'penstock', 'permitted');
    await hasAddresses();
    for (const unit of ['conntrackd', 'keepalived'])
      await inside('timeout', '240', 'sh', '-c', KillAgain, 'sh', unit);
    await hasAddresses();
    await eventually('conntrackd to answer', async () =>
      (await container.inside('conntrackd', '-s')).status === 0 ? true : undefined,
    );
  });

  async function hasAddresses(): Promise<void> {
    await eventually('every shared address', async () => {
      const held = await addresses();
      return Shared.every((address) => held.includes(` ${address}/32`)) ? true : undefined;
    });
  }

  async function addresses(): Promise<string> {
    return (await run(['ip', '-n', namespace, '-br', 'address'])).stdout;
  }

  /** Undefined while it is not up. */
  async function mainPid(unit: string): Promise<string | undefined> {
    if ((await property(unit, 'ActiveState')) !== 'active') return undefined;
    return property(unit, 'MainPID');
  }

  async function property(unit: string, name: string): Promise<string> {
    return (await container.inside('systemctl', 'show', '--value', `--property=${name}`, unit)).stdout.trim();
  }

  async function inside(...command: readonly string[]): Promise<void> {
    const { status, stderr } = await container.inside(...command);
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
});

/** What README.md of hardware/pair says to do, and what is on every Debian system. */
function setUp(root: string, filled: string): void {
  const place = (from: string, to: string) => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(from, join(root, to));
  };
  cpSync('/etc/alternatives', join(root, 'etc/alternatives'), { recursive: true, verbatimSymlinks: true });
  place('/etc/protocols', 'etc/protocols');
  place(join(filled, 'keepalived.conf'), 'etc/keepalived/keepalived.conf');
  place(join(filled, 'conntrackd.conf'), 'etc/conntrackd/conntrackd.conf');
  for (const unit of ['keepalived', 'conntrackd']) {
    place(join(Hardware, `pair/${unit}-unit.conf`), `etc/systemd/system/${unit}.service.d/penstock.conf`);
  }
  for (const script of ['check.sh', 'takeover.sh'])
    place(join(Hardware, 'pair', script), `opt/penstock/pair/${script}`);
  place(join(Hardware, 'os/penstock-boot-drop.service'), 'etc/systemd/system/penstock-boot-drop.service');
  place(join(Hardware, 'os/boot-drop.nft'), 'opt/penstock/current/hardware/os/boot-drop.nft');
}

async function must(...command: readonly string[]): Promise<void> {
  const { status, stderr } = await run(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

const Devices = [
  ['sup0', '10.61.20.2/24'],
  ['proc0', '10.61.30.2/24'],
  ['sync0', '192.0.2.1/30'],
] as const;
/** In the order in which they start. */
const Units = ['penstock-boot-drop.service', 'conntrackd.service', 'keepalived.service'];
const Hardware = fileURLToPath(new URL('../../../hardware', import.meta.url));
/** Kills a unit's process once more than systemd starts one within ten seconds unless it is told otherwise. */
const KillAgain = `
pid() { systemctl show --value --property=MainPID "$1"; }
for time in 1 2 3 4 5 6; do
  before=$(pid "$1")
  kill -KILL "$before" || exit 1
  until systemctl --quiet is-active "$1" && [ "$(pid "$1")" != "$before" ]; do sleep 0.1; done
done`;
/** A system boots twice. Milliseconds. */
const Patience = 600_000;
