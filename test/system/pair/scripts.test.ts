import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, run } from '../../plant/namespaces/exec.ts';
import { scratchFolder } from '../../plant/namespaces/topology.ts';

const scripts = fileURLToPath(new URL('../../../hardware/pair', import.meta.url));

/** What the scripts run and what it was told; each line of `said` begins with the name of the program. */
let folder: string;

beforeEach(() => {
  folder = scratchFolder();
  mkdirSync(join(folder, 'bin'));
  stub('conntrackd', '');
  stub('logger', '');
  stub('ss', 'for port in 15502 15503 15504 15505; do echo "LISTEN 127.0.0.1:$port"; done');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the check that a box carries', () => {
  /** Hundredths of a second ago. */
  const ago = (age: number) => `$(($(cut -d ' ' -f 1 /proc/uptime | tr -d .) - ${age}))`;

  test.for([
    ['believes a sign from now', `${ago(0)} $busy 0 $busy`, 0],
    ['and none that is old', `${ago(6_000)} $$ 0 $$`, 1],
    ['none that lies ahead, which would never be old', `${ago(-6_000)} $$ 0 $$`, 1],
    ['none that is empty', '', 1],
    ['none that is torn', `${ago(0)} $$`, 1],
    ['none with words in it', `${ago(0)} $$ 0 self`, 1],
    ['one that is late, of an engine that runs', `${ago(200)} $busy 0 $busy`, 0],
    ['none that is late, of an engine that is stopped', `${ago(200)} $stopped 0 $$`, 1],
    ['one that is late, of an engine that is being started again', `${ago(200)} 4194304 0 $busy`, 0],
    ['one with an inspector that is late and runs', `${ago(0)} $busy 200 $busy`, 0],
    ['none with an inspector that is late and stopped', `${ago(0)} $$ 200 $stopped`, 1],
    ['none with an inspector that runs and has been silent for long', `${ago(0)} $$ 600 $busy`, 1],
  ] as const)('%s', async ([, sign, status]) => {
    // The second look takes the same sign for half a second older: nothing here hangs on that.
    const said = await inOwnPlaces(`
      while :; do :; done & busy=$!
      sleep 60 & stopped=$!
      kill -STOP $stopped
      until grep -q '^State:.T' /proc/$stopped/status; do sleep 0.05; done
      echo "${sign}" >/run/penstock/carrying
      sh ${scripts}/check.sh carrying
      said=$?
      kill -KILL $busy $stopped
      exit $said`);
    expect(said).toMatchObject({ status, stderr: '' });
  });

  test.for([
    ['follows no link, which may lead to a device', 'ln -s /run/sign /run/penstock/carrying'],
    ['waits for nobody to write into a pipe', 'mkfifo /run/penstock/carrying'],
    [
      'reads no more of a long file than a sign can have',
      '{ printf %200s ""; cat /run/sign; } >/run/penstock/carrying',
    ],
  ] as const)('%s', async ([, instead]) => {
    const said = await inOwnPlaces(`
      echo "${ago(0)} $$ 0 $$" >/run/sign
      ${instead}
      timeout 20 sh ${scripts}/check.sh carrying`);
    expect(said).toMatchObject({ status: 1, stderr: '' });
  });

  test('runs nothing that the engine’s account has written', async () => {
    const said = await inOwnPlaces(`
      echo 'run[$(touch$IFS/run/ran)] 1 0 1' >/run/penstock/carrying
      bash ${scripts}/check.sh carrying
      echo "said $?"; [ ! -e /run/ran ] || echo ran`);
    expect(said.stdout).toBe('said 1\n');
  });
});

describe('the check that a box may have the addresses', () => {
  const drop = fileURLToPath(new URL('../../../hardware/os/boot-drop.nft', import.meta.url));
  const policy = `nft -f ${drop}; nft add chain inet penstock permitted`;

  test.for([
    ['says yes to a policy over a drop', policy, 0],
    ['says no to nothing', '', 1],
    ['says no to the boot-time drop alone, which hears nothing of the other box', `nft -f ${drop}`, 1],
    [
      'says no to a policy that does not drop by default',
      `${policy}; nft 'chain inet penstock output { policy accept; }'`,
      1,
    ],
    ['says no to somebody else’s', 'nft add table inet other; nft add chain inet other permitted', 1],
  ] as const)('%s', async ([, table, status]) => {
    expect(await inOwnPlaces(`${table}\nsh ${scripts}/check.sh table`)).toMatchObject({ status, stderr: '' });
  });

  test('says yes where the kernel cannot be asked', async () => {
    stub('nft', 'exit 1');
    expect(await inOwnPlaces(`sh ${scripts}/check.sh table`)).toMatchObject({ status: 0 });
  });
});

describe('a takeover', () => {
  test('is kept from nothing by an account that was there first', async () => {
    const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
    const said = await inOwnPlaces(`
      chmod 1777 /run/lock
      ${nobody} flock -F /run/lock/penstock-takeover.lock sh -c 'echo held; exec sleep 60' >/run/lock/held &
      holder=$!
      until [ -s /run/lock/held ]; do sleep 0.05; done
      timeout 20 sh ${scripts}/takeover.sh stand-by
      echo "said $?"; kill $holder; cat ${folder}/said`);
    expect(said.stdout).toMatch(/^said 0\n/);
    expect(said.stdout).toMatch(/^conntrackd .* -n$/m);
    expect(said.stdout).not.toContain('hangs');
  });

  test('does not wait for good for the one before it, nor for what hangs', { tags: ['deep'] }, async () => {
    stub('conntrackd', 'exec sleep 60');
    const said = await inOwnPlaces(`
      flock -F /run/penstock-takeover.lock sh -c 'echo held; exec sleep 60' >/run/held &
      holder=$!
      until [ -s /run/held ]; do sleep 0.05; done
      timeout 30 sh ${scripts}/takeover.sh stand-by
      echo "said $?"; kill $holder; cat ${folder}/said`);
    expect(said.stdout).toMatch(/^said 0\n/);
    expect(said.stdout).toMatch(/^ss -4HtnK state connected not src /m);
  });

  test('ends no connection of a box that cannot say which addresses are its own', async () => {
    stub('ip', 'exit 1');
    const said = await inOwnPlaces(`sh ${scripts}/takeover.sh stand-by; cat ${folder}/said`);
    expect(said.stdout).not.toMatch(/^ss /m);
    expect(said.stdout).toMatch(/^logger .*ss -K failed/m);
  });
});

function stub(name: string, body: string): void {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>${folder}/said\n${body}\n`);
  chmodSync(file, 0o755);
}

/** With a /run and a network of its own, and the stubs before what is installed. */
function inOwnPlaces(script: string): Promise<Outcome> {
  const inside = `
mount -t tmpfs -o size=1m,mode=755 tmpfs /run
mkdir /run/lock /run/penstock
ip link set lo up
PATH=${folder}/bin:$PATH
${script}`;
  return run(['unshare', '-m', '-n', '--propagation', 'private', 'sh', '-c', inside]);
}
