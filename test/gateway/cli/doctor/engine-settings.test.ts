import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EngineSettings } from '../../../../gateway/cli/doctor/box-checks.ts';
import { createRouting } from '../../../../gateway/enforce/kernel/routing.ts';
import type { Sysctl } from '../../../../gateway/enforce/kernel/sysctl.ts';
import { fakeNetwork } from '../../enforce/fake-network.ts';
import { leg, policyOf } from '../../enforce/policies.ts';

const Routed = policyOf({ interfaces: [leg('sup0', 'supervisory'), leg('proc0', 'process')] });

test('where all that doctor asks for is set from outside, the engine has nothing left to set', async () => {
  const { ip } = fakeNetwork('sup0', 'proc0');
  const sysctl = readOnly(EngineSettings);
  expect(await createRouting(ip, sysctl).apply(Routed)).toEqual([]);
});

test.for(Object.keys(EngineSettings))('doctor asks for %s because the engine would set it', async (path) => {
  const { ip } = fakeNetwork('sup0', 'proc0');
  const { [path]: _, ...others } = EngineSettings;
  await expect(createRouting(ip, readOnly(others)).apply(Routed)).rejects.toThrow(path.split('/').at(-1));
});

test('the image says how to start it with each of them', () => {
  const text = readFileSync(new URL('../../../../Dockerfile', import.meta.url), 'utf8');
  const named = [...text.matchAll(/--sysctl (\S+)/g)].map(([, setting]) => setting);
  const wanted = Object.entries(EngineSettings);
  expect(named.toSorted()).toEqual(
    wanted.map(([path, value]) => `net.ipv4.${path.replaceAll('/', '.')}=${value}`).toSorted(),
  );
});

/** A container's: what was not set from outside is as a host with systemd has it, and nothing can be written. */
function readOnly(set: Readonly<Record<string, string>>): Sysctl {
  const values: Readonly<Record<string, string>> = { ...HostSettings, ...set };
  const read = (path: string) => {
    const name = path.replace('ipv4/', '').replace(/\/(?:sup|proc)0\//, '/default/');
    return values[name];
  };
  return {
    read,
    write: (path, value) => {
      if (read(path) !== value) throw new Error(`${path} cannot be set`);
    },
  };
}

const HostSettings = {
  tcp_fwmark_accept: '1',
  'conf/default/rp_filter': '2',
  // Not a namespace's own: it cannot be set from outside.
  'neigh/default/proxy_delay': '80',
  'conf/default/proxy_arp': '0',
};
