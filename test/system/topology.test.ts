import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssetRule, BoxInterface } from '../../rules/policy.ts';
import { mustRunIn, runIn, startIn } from '../plant/namespaces/exec.ts';
import { createPlantNetwork, type PlantNetwork } from '../plant/namespaces/topology.ts';

let network: PlantNetwork;

beforeAll(async () => {
  network = await createPlantNetwork({
    interfaces: [leg('sup0', 'supervisory', '10.62.20.1/24'), leg('proc0', 'process', '10.62.30.1/24')],
    assets: [
      asset('hmi', 'supervisory', '10.62.20.11', '02:00:5e:62:20:11'),
      asset('plc', 'process', '10.62.30.12'),
    ],
  });
});

afterAll(() => network.destroy());

test('an asset has the addresses the model gives it', async () => {
  const link = await mustRunIn(network.of('hmi'), 'ip', '-o', 'address', 'show', 'eth0');
  const mac = await mustRunIn(network.of('hmi'), 'cat', '/sys/class/net/eth0/address');
  expect(link).toContain('10.62.20.11/24');
  expect(mac.trim()).toBe('02:00:5e:62:20:11');
});

test('the gateway has the devices the model names, and no other', async () => {
  const devices = await mustRunIn(network.gateway, 'ls', '/sys/class/net');
  expect(devices.split(/\s+/).filter(Boolean).sort()).toEqual(['lo', 'proc0', 'sup0']);
});

test('nothing leads from one wire to the other while the gateway does not forward', async () => {
  const ping = await runIn(network.of('hmi'), ['ping', '-c', '1', '-W', '1', '10.62.30.12']);
  expect(ping.status).not.toBe(0);
});

test('two networks of the same layout stand side by side', async () => {
  const other = await createPlantNetwork({
    interfaces: [leg('sup0', 'supervisory', '10.62.20.1/24')],
    assets: [asset('hmi', 'supervisory', '10.62.20.11', '')],
  });
  try {
    expect(other.of('hmi')).not.toBe(network.of('hmi'));
    await mustRunIn(other.of('hmi'), 'ping', '-c', '1', '-W', '5', '10.62.20.1');
  } finally {
    await other.destroy();
  }
});

test('destroying a network ends what ran in it and leaves no namespace', async () => {
  const other = await createPlantNetwork({
    interfaces: [leg('sup0', 'supervisory', '10.62.20.1/24')],
    assets: [asset('hmi', 'supervisory', '10.62.20.11', '')],
  });
  const sleeper = startIn(other.of('hmi'), ['sh', '-c', 'trap "" TERM; echo up; sleep 1000 & wait; wait']);
  await sleeper.says(/up/);
  await other.destroy();
  await sleeper.ended;
  expect((await runIn(other.of('hmi'), ['true'])).status).not.toBe(0);
});

function leg(device: string, zone: string, address: string): BoxInterface {
  return { device, zone, address, sources: [], vlan: 0, lowerDevice: '', attach: 'routed' };
}

function asset(name: string, zone: string, address: string, mac = ''): AssetRule {
  return {
    name,
    zone,
    addresses: [address],
    mac,
    modbus: { kind: 'direct', framing: 'mbap', line: undefined },
  };
}
