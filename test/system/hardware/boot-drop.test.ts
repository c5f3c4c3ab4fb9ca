import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judgeChains } from '../../../hardware/watchdog/kernel-table.ts';

const bootDrop = fileURLToPath(new URL('../../../hardware/os/boot-drop.nft', import.meta.url));
const unique = process.pid.toString(36);
const box = `pst-boot-${unique}`;
const [left, right] = [`pst-bl-${unique}`, `pst-br-${unique}`];

/** A box that would forward between two hosts, as it does before anybody has told it not to. */
beforeEach(() => {
  for (const name of [box, left, right]) run('ip', 'netns', 'add', name);
  for (const [host, device, net] of [
    [left, 'l0', '10.71.1'],
    [right, 'r0', '10.71.2'],
  ] as const) {
    run('ip', '-n', box, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    run('ip', '-n', box, 'address', 'add', `${net}.1/24`, 'dev', device);
    run('ip', '-n', box, 'link', 'set', device, 'up');
    run('ip', '-n', host, 'address', 'add', `${net}.2/24`, 'dev', 'eth0');
    run('ip', '-n', host, 'link', 'set', 'eth0', 'up');
    run('ip', '-n', host, 'route', 'add', 'default', 'via', `${net}.1`);
  }
  run('ip', '-n', box, 'link', 'set', 'lo', 'up');
  inside(box, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
});

afterEach(() => {
  for (const name of [box, left, right]) spawnSync('ip', ['netns', 'del', name]);
});

test('the boot-time drop lets nothing through, in or out, and leaves loopback alone', () => {
  expect(reaches(left, '10.71.2.2')).toBe(true);
  inside(box, 'nft', '-f', bootDrop);
  expect(reaches(left, '10.71.2.2')).toBe(false);
  expect(reaches(left, '10.71.1.1')).toBe(false);
  expect(reaches(box, '10.71.1.2')).toBe(false);
  expect(reaches(box, '127.0.0.1')).toBe(true);
});

test('the boot-time drop is what the watchdog’s guard calls a right table', () => {
  const chains = (): string => inside(box, 'nft', '-j', 'list', 'chains');
  expect(judgeChains(chains())).toBe('wrong');
  inside(box, 'nft', '-f', bootDrop);
  expect(judgeChains(chains())).toBe('right');
});

test('loading it where the engine’s table stands fails and changes nothing', () => {
  inside(box, 'nft', 'add table inet penstock; add counter inet penstock kept');
  const before = inside(box, 'nft', 'list', 'ruleset');
  expect(spawnSync('ip', ['netns', 'exec', box, 'nft', '-f', bootDrop]).status).not.toBe(0);
  expect(inside(box, 'nft', 'list', 'ruleset')).toBe(before);
});

function reaches(from: string, address: string): boolean {
  const ping = ['netns', 'exec', from, 'ping', '-n', '-c', '1', '-W', '1', address];
  return spawnSync('ip', ping).status === 0;
}

function inside(name: string, ...command: readonly string[]): string {
  return run('ip', 'netns', 'exec', name, ...command);
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
