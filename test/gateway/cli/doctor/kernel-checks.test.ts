import { describe, expect, test } from 'vitest';
import { checkKernel } from '../../../../gateway/cli/doctor/kernel-checks.ts';
import { KernelFeatures } from '../../../../gateway/cli/doctor/kernel-features.ts';
import { readTrials } from '../../../../gateway/cli/doctor/kernel-trials.ts';
import { renderReplace } from '../../../../rules/nft/render.ts';

describe('what was tried of the kernel', () => {
  const works = KernelFeatures.map(({ code }) => ({ code, problem: '' }));

  test('is good where everything worked', () => {
    const checks = checkKernel({ how: 'tried', trials: works, problem: '' });
    expect(checks.filter(({ state }) => state !== 'good')).toEqual([]);
    expect(checks.map(({ found }) => found)).toContain('tried, works');
  });

  test('takes the kernel back end away where a needed feature was refused', () => {
    const trials = works.map((one) =>
      one.code === 'nft-tproxy' ? { ...one, problem: 'No such file' } : one,
    );
    const [lacks] = checkKernel({ how: 'tried', trials, problem: '' }).filter(
      ({ state }) => state === 'lacking',
    );
    expect(lacks).toMatchObject({ code: 'nft-tproxy', found: 'No such file', neededBy: 'kernel' });
    expect(lacks?.remedy).toContain('modprobe nft_tproxy');
  });

  test('only notes a feature that something later would use', () => {
    const trials = [...works, { code: 'wireguard', problem: 'Unknown device type.' }];
    const checks = checkKernel({ how: 'tried', trials, problem: '' });
    expect(checks.find(({ code }) => code === 'wireguard')?.state).toBe('note');
  });

  test('says that the library is missing, and nothing about features that could not be tried', () => {
    const trials = [{ code: 'libnftables', problem: 'cannot open shared object file' }];
    expect(checkKernel({ how: 'tried', trials, problem: '' })).toMatchObject([
      { code: 'libnftables', state: 'lacking', neededBy: 'kernel', remedy: 'apt-get install libnftables1' },
    ]);
  });

  test('promises nothing where nothing was tried', () => {
    expect(checkKernel({ how: 'not tried', trials: [], problem: 'no' })).toMatchObject([
      { state: 'lacking', neededBy: 'kernel' },
    ]);
  });
});

test('every ruleset that is tried is one the gateway itself could write', () => {
  for (const { code, ruleset } of KernelFeatures) {
    expect(() => renderReplace(ruleset), code).not.toThrow();
  }
});

test('lines of the trying process that are no trial are passed over', () => {
  const output =
    'a library says hello\n{"code":"tun","problem":""}\n{"code":7}\nnull\n\n{"code":"vlan","problem":"no"}';
  expect(readTrials(output)).toEqual([
    { code: 'tun', problem: '' },
    { code: 'vlan', problem: 'no' },
  ]);
});
