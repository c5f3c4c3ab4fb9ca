import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Check } from '../../../gateway/cli/doctor/check.ts';
import { tryKernel } from '../../../gateway/cli/doctor/kernel-trials.ts';

const doctor = fileURLToPath(new URL('../../../gateway/cli/penstock.ts', import.meta.url));

test('the kernel is tried in a namespace of its own and the machine’s ruleset stays as it was', async () => {
  const ruleset = (): string => execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
  const before = ruleset();
  const { how, trials } = await tryKernel({ namespace: true, nft: true });
  expect(how).toBe('tried');
  const needed = trials.filter(({ code }) => code.startsWith('nft-') || code.startsWith('transparent-'));
  expect(needed.length).toBeGreaterThanOrEqual(14);
  expect(needed.filter(({ problem }) => problem !== '')).toEqual([]);
  expect(ruleset()).toBe(before);
});

test('where no namespace may be made the kernel is asked, and nothing is left behind', async () => {
  const { how, trials } = await tryKernel({ namespace: false, nft: true });
  expect(how).toBe('asked');
  expect(trials.filter(({ problem }) => problem !== '')).toEqual([]);
  const tables = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  expect(tables).not.toContain('inet penstock\n');
});

test('a user without rights is told so, and that the proxy back end runs', () => {
  const node = [process.execPath, doctor, 'doctor', '--json'];
  const { stdout, status } = spawnSync(
    'setpriv',
    ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--', ...node],
    { encoding: 'utf8' },
  );
  const said = JSON.parse(stdout) as { able: Record<string, boolean>; checks: readonly Check[] };
  expect(said.able).toEqual({ kernel: false, proxy: true });
  expect(said.checks.filter(({ state }) => state === 'lacking').map(({ code }) => code)).toContain('rights');
  expect(status).toBe(0);
});
