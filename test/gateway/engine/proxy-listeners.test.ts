import { describe, expect, test } from 'vitest';
import type { Listener } from '../../../gateway/config.ts';
import { proxyListeners } from '../../../gateway/engine/proxy-listeners.ts';
import { samplePolicy } from '../inspector/sample.ts';

const listener = (change: Partial<Listener> = {}): Listener => ({
  as: 'hmi-1',
  to: 'plc-1',
  port: 502,
  listen: { address: '127.0.0.1', port: 1502 },
  server: undefined,
  ...change,
});
const policy = samplePolicy();

describe('the listeners of the proxy back end under a policy', () => {
  test('lead to the modelled address, or where the configuration says', () => {
    const server = { address: '127.0.0.1', port: 5020 };
    const [modelled, configured] = proxyListeners([listener(), listener({ server })], policy);
    expect(modelled?.server).toEqual({ address: '10.20.0.20', port: 502 });
    expect(configured?.server).toEqual(server);
  });

  test('share a shard where they lead to one server, so that one inspector sees all of it', () => {
    const [one, other] = proxyListeners(
      [listener(), listener({ listen: { address: '127.0.0.1', port: 1 } })],
      policy,
    );
    expect(one?.shard).toBe(other?.shard);
  });

  test.for<[string, Partial<Listener>]>([
    ['an asset that may not', { as: 'hmi-2' }],
    ['an asset nobody knows', { as: 'hmi-9' }],
    ['a server no flow leads to', { to: 'plc-2' }],
    ['a port no flow names', { port: 503 }],
  ])('may not stand for %s', ([, change]) => {
    expect(() => proxyListeners([listener(change)], policy)).toThrow(
      expect.objectContaining({
        code: 'PST_ERR_CONFIG',
        message: expect.stringContaining('the listener as'),
      }),
    );
  });

  test('never lead to this machine itself for want of an address', () => {
    const assets = policy.assets.map((one) => (one.name === 'plc-1' ? { ...one, addresses: [] } : one));
    expect(() => proxyListeners([listener()], { ...policy, assets })).toThrow(/no address for plc-1/);
  });
});
