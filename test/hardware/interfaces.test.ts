import { describe, expect, test } from 'vitest';
import { listNetworkDevices, matchInterfaces, type NetworkDevice } from '../../hardware/interfaces.ts';
import { rootWith } from './fixture.ts';

describe('the devices of the box', () => {
  const root = () =>
    rootWith({
      'sys/class/net/lo/type': '772\n',
      'sys/class/net/lo/flags': '0x9\n',
      'sys/class/net/eth0/type': '1\n',
      'sys/class/net/eth0/flags': '0x1003\n',
      'sys/class/net/eth0/carrier': '1\n',
      'sys/class/net/eth0/address': 'DC:A6:32:00:00:01\n',
      'sys/class/net/eth0/device/vendor': '0x8086\n',
      'sys/class/net/eth1/type': '1\n',
      'sys/class/net/eth1/flags': '0x1002\n',
      'sys/class/net/eth1/device/vendor': '0x8086\n',
      'sys/class/net/eth0.20/type': '1\n',
      'sys/class/net/eth0.20/flags': '0x1003\n',
      'sys/class/net/eth0.20/carrier': '1\n',
      'sys/class/net/eth0.20/lower_eth0/ifindex': '2\n',
      'sys/class/net/bonding_masters': '\n',
    });

  test('are listed without loopback and without files that are no device', () => {
    expect(listNetworkDevices(root()).map(({ name }) => name)).toEqual(['eth0', 'eth0.20', 'eth1']);
  });

  test('tell what is plugged in, what is switched off and what stands on what', () => {
    const [port, vlan, spare] = listNetworkDevices(root());
    expect(port).toEqual({
      name: 'eth0',
      mac: 'dc:a6:32:00:00:01',
      up: true,
      carrier: true,
      physical: true,
      lower: '',
    });
    expect(vlan).toMatchObject({ physical: false, lower: 'eth0' });
    expect(spare).toMatchObject({ up: false, carrier: false });
  });
});

describe('a leg the policy wants', () => {
  const port = (name: string, more: Partial<NetworkDevice> = {}): NetworkDevice => ({
    name,
    mac: '',
    up: true,
    carrier: true,
    physical: true,
    lower: '',
    ...more,
  });
  const devices = [
    port('eth0'),
    port('eth1', { carrier: false }),
    port('eth2', { up: false, carrier: false }),
  ];
  const match = (device: string, vlan = 0, lowerDevice = '') =>
    matchInterfaces([{ device, zone: 'process', vlan, lowerDevice }], devices)[0];

  test.for([
    { device: 'eth0', state: 'ready' },
    { device: 'eth1', state: 'no-carrier' },
    { device: 'eth2', state: 'down' },
    { device: 'eth9', state: 'missing' },
  ])('on $device is $state', ({ device, state }) => {
    expect(match(device)?.state).toBe(state);
  });

  test('that is a VLAN can be made while its port is there, and only then', () => {
    expect(match('eth0.20', 20, 'eth0')?.state).toBe('makeable');
    expect(match('eth7.20', 20, 'eth7')?.state).toBe('missing');
  });

  test('that is missing names the free ports it may have been meant for', () => {
    const wanted = [
      { device: 'eth0', zone: 'control', vlan: 0, lowerDevice: '' },
      { device: 'enp3s0', zone: 'process', vlan: 0, lowerDevice: '' },
    ];
    const [ready, missing] = matchInterfaces(wanted, [...devices, port('br0', { physical: false })]);
    expect(ready?.candidates).toEqual([]);
    expect(missing?.candidates).toEqual(['eth1', 'eth2']);
  });
});
