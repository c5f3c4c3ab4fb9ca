import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mustRunIn, type Running, runIn } from '../plant/namespaces/exec.ts';
import { type Bench, client, openBench } from './bench.ts';
import { capture } from './capture.ts';
import { eventually } from './eventually.ts';
import { lacks } from './tools.ts';

let bench: Bench;
const running: Running[] = [];

beforeAll(async () => {
  bench = await openBench();
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

afterAll(() => bench?.close());

describe('a plain flow', () => {
  test('passes, both ways, from its source to its destination and port', async () => {
    await listen('plc-intake', 'tcp', 443);
    const session = dial('eng-ws', 'tcp', 'plc-intake', 443);
    await session.says(/connected/);
    session.tell('cafe');
    await session.says(/got cafe/);
  });

  test.for([
    { name: 'another port', from: 'eng-ws', to: 'plc-intake', port: 444 },
    { name: 'another destination', from: 'eng-ws', to: 'plc-dosing', port: 443 },
    { name: 'another source', from: 'hmi-1', to: 'plc-intake', port: 443 },
    { name: 'an asset without any flow', from: 'visitor', to: 'plc-intake', port: 443 },
    { name: 'an asset without any flow on an inspected port', from: 'visitor', to: 'plc-intake', port: 502 },
    { name: 'the way back', from: 'plc-intake', to: 'eng-ws', port: 443 },
    { name: 'another zone', from: 'siem', to: 'plc-intake', port: 443 },
  ])('$name is refused at once, and nothing of it arrives', async ({ from, to, port }) => {
    await listen(to, 'tcp', port);
    const seen = await capture(bench.network.of(to), `src host ${bench.network.address(from)}`);
    const session = dial(from, 'tcp', to, port);
    await session.says(/failed (ECONNREFUSED|ECONNRESET|EHOSTUNREACH)/);
    expect(await seen.stop()).toEqual([]);
  });

  test('over UDP passes and is answered', async () => {
    await listen('plc-intake', 'udp', 161);
    const session = dial('eng-ws', 'udp', 'plc-intake', 161);
    await session.says(/ready/);
    session.tell('beef');
    await session.says(/got beef/);
  });
});

describe('a one-way flow', () => {
  test('carries datagrams forward and nothing back', async () => {
    const collector = await listen('scada-1', 'udp', 514);
    const back = await capture(
      bench.network.of('plc-dosing'),
      `src host ${bench.network.address('scada-1')}`,
    );
    const device = dial('plc-dosing', 'udp', 'scada-1', 514);
    await device.says(/ready/);
    device.tell('aa01');
    await collector.says(/from 10\.61\.30\.12:\d+ aa01/);
    device.tell('aa02');
    await collector.says(/ aa02/);
    device.tell('aa03');
    await collector.says(/ aa03/); // so its first two answers have been sent, and had their chance
    expect(await back.stop()).toEqual([]);
    expect(device.output()).not.toContain('got');
  });

  test('does not open the same port the other way round', async () => {
    const target = await listen('plc-dosing', 'udp', 514);
    const device = dial('scada-1', 'udp', 'plc-dosing', 514);
    await device.says(/ready/);
    const seen = await capture(bench.network.of('plc-dosing'), 'udp port 514');
    const drops = await countDrops('no-flow');
    for (let count = 0; count < 5; count++) device.tell('bb');
    await drops.rise(5);
    expect(await seen.stop()).toEqual([]);
    expect(target.output()).not.toContain('from');
  });
});

describe('ICMP echo', () => {
  test('passes where it is modelled', async () => {
    await mustRunIn(
      bench.network.of('eng-ws'),
      'ping',
      '-c',
      '2',
      '-W',
      '5',
      bench.network.address('plc-intake'),
    );
  });

  test.for([
    ['hmi-1', 'plc-intake'],
    ['eng-ws', 'plc-dosing'],
    ['plc-intake', 'eng-ws'],
  ] as const)('from %s to %s, which is not modelled, does not pass', async ([from, to]) => {
    const seen = await capture(bench.network.of(to), `icmp and src host ${bench.network.address(from)}`);
    const ping = await runIn(bench.network.of(from), [
      'ping',
      '-c',
      '2',
      '-W',
      '1',
      bench.network.address(to),
    ]);
    expect(ping.status).not.toBe(0);
    expect(await seen.stop()).toEqual([]);
  });
});

describe('IPv6', () => {
  beforeAll(async () => {
    const { network } = bench;
    await address(network.gateway, 'sup0', 'fd61:20::1/64');
    await address(network.gateway, 'proc0', 'fd61:30::1/64');
    await address(network.of('eng-ws'), 'eth0', 'fd61:20::50/64');
    await address(network.of('plc-intake'), 'eth0', 'fd61:30::11/64');
    await mustRunIn(network.gateway, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
    await mustRunIn(network.of('eng-ws'), 'ip', '-6', 'route', 'add', 'default', 'via', 'fd61:20::1');
    await mustRunIn(network.of('plc-intake'), 'ip', '-6', 'route', 'add', 'default', 'via', 'fd61:30::1');
    // The box drops neighbour discovery too; with fixed neighbours the packets get as far as its forwarding.
    await neighbour(network.of('eng-ws'), 'eth0', 'fd61:20::1', network.gateway, 'sup0');
    await neighbour(network.gateway, 'proc0', 'fd61:30::11', network.of('plc-intake'), 'eth0');
  });

  test.for(['tcp', 'udp'] as const)(
    'is dropped over %s, though the same flow is modelled for IPv4',
    async (protocol) => {
      const port = protocol === 'tcp' ? 443 : 161;
      const seen = await capture(bench.network.of('plc-intake'), 'ip6 and src host fd61:20::50');
      const drops = await countDrops('ipv6-not-modelled');
      const session = peer('eng-ws', protocol, 'fd61:30::11', port);
      session.tell('aa');
      await drops.rise(1);
      expect(await seen.stop()).toEqual([]);
      expect(session.output()).not.toContain('connected');
    },
  );

  test('does not even reach the box', async () => {
    const ping = await runIn(bench.network.of('eng-ws'), ['ping', '-6', '-c', '1', '-W', '1', 'fd61:20::1']);
    expect(ping.status).not.toBe(0);
  });

  async function neighbour(namespace: string, device: string, text: string, home: string, itsDevice: string) {
    const mac = (await mustRunIn(home, 'cat', `/sys/class/net/${itsDevice}/address`)).trim();
    await mustRunIn(namespace, 'ip', '-6', 'neigh', 'replace', text, 'lladdr', mac, 'dev', device);
  }

  async function address(namespace: string, device: string, text: string): Promise<void> {
    await mustRunIn(namespace, 'ip', '-6', 'address', 'add', text, 'dev', device, 'nodad');
  }
});

describe('the box itself', () => {
  test('offers a service to the assets the model names and to no other', async () => {
    await listenOnBox(8443);
    const friend = peer('scada-1', 'tcp', '10.61.20.1', 8443);
    await friend.says(/connected/);
    for (const stranger of ['hmi-1', 'visitor', 'eng-ws']) {
      const session = peer(stranger, 'tcp', '10.61.20.1', 8443);
      await session.says(/failed/);
      expect(session.output()).not.toContain('connected');
    }
  });

  test('offers nothing on a port the model does not name, to anybody', async () => {
    await listenOnBox(22);
    const session = peer('scada-1', 'tcp', '10.61.20.1', 22);
    await session.says(/failed/);
    expect(session.output()).not.toContain('connected');
  });

  test('does not let the inspectors be reached directly', async () => {
    const session = peer('scada-1', 'tcp', '10.61.20.1', 15502);
    await session.says(/failed/);
    expect(session.output()).not.toContain('connected');
  });

  test('answers a ping of the asset it is modelled for', async () => {
    await mustRunIn(bench.network.of('eng-ws'), 'ping', '-c', '1', '-W', '5', '10.61.20.1');
    expect(
      (await runIn(bench.network.of('hmi-1'), ['ping', '-c', '1', '-W', '1', '10.61.20.1'])).status,
    ).not.toBe(0);
  });

  test('reaches what its egress names, and nothing else in any zone', async () => {
    await listen('siem', 'tcp', 6514);
    await listen('siem', 'tcp', 6515);
    await listen('plc-dosing', 'tcp', 502);
    const log = fromBox('10.61.15.30', 6514);
    await log.says(/connected/);
    for (const [address, port] of [
      ['10.61.15.30', 6515],
      ['10.61.30.12', 502],
      ['10.61.20.10', 514],
    ] as const) {
      const drops = await countDrops('no-egress');
      const session = fromBox(address, port);
      await drops.rise(1);
      expect(session.output()).not.toContain('connected');
    }
  });

  async function listenOnBox(port: number): Promise<void> {
    const one = startOnBox('tcp-listen', '10.61.20.1', port);
    await one.says(/listening/);
  }

  function fromBox(address: string, port: number): Running {
    return startOnBox('tcp', address, port);
  }

  function startOnBox(mode: string, address: string, port: number): Running {
    return started(bench.onBox(process.execPath, client('peer.ts'), mode, address, String(port)));
  }
});

describe.skipIf(lacks('tcpdump'))('a source address', () => {
  test('that belongs to an asset elsewhere on the wire does not help without its MAC address', async () => {
    const { network } = bench;
    const visitor = network.of('visitor');
    await listen('plc-intake', 'tcp', 443);
    const seen = await capture(network.of('plc-intake'), `src host ${network.address('eng-ws')}`);
    await mustRunIn(network.of('eng-ws'), 'ip', 'link', 'set', 'eth0', 'down');
    try {
      await mustRunIn(visitor, 'ip', 'address', 'add', `${network.address('eng-ws')}/24`, 'dev', 'eth0');
      const command = [
        'ping',
        '-c',
        '2',
        '-W',
        '1',
        '-I',
        network.address('eng-ws'),
        network.address('plc-intake'),
      ];
      expect((await runIn(visitor, command)).status).not.toBe(0);
      expect(await seen.stop()).toEqual([]);
    } finally {
      await runIn(visitor, ['ip', 'address', 'del', `${network.address('eng-ws')}/24`, 'dev', 'eth0']);
      await mustRunIn(network.of('eng-ws'), 'ip', 'link', 'set', 'eth0', 'up');
      await runIn(network.of('eng-ws'), ['ip', 'route', 'add', 'default', 'via', '10.61.20.1']);
    }
  });
});

async function listen(asset: string, protocol: 'tcp' | 'udp', port: number): Promise<Running> {
  const one = peer(asset, `${protocol}-listen`, bench.network.address(asset), port);
  await one.says(/listening/);
  return one;
}

function dial(from: string, protocol: 'tcp' | 'udp', to: string, port: number): Running {
  return peer(from, protocol, bench.network.address(to), port);
}

function peer(asset: string, mode: string, address: string, port: number): Running {
  return started(bench.at(asset, process.execPath, client('peer.ts'), mode, address, String(port)));
}

function started(one: Running): Running {
  running.push(one);
  return one;
}

/** Packets the gateway drops for a reason, from now on: what it has counted has not passed and never will. */
async function countDrops(reason: string): Promise<{ rise: (by: number) => Promise<void> }> {
  const count = async () => {
    const listed = await mustRunIn(
      bench.network.gateway,
      'nft',
      'list',
      'counter',
      'inet',
      'penstock',
      reason,
    );
    return Number(/packets (\d+)/.exec(listed)?.[1]);
  };
  const before = await count();
  return {
    rise: async (by) => {
      await eventually(`${by} more ${reason} drops`, async () => (await count()) >= before + by || undefined);
    },
  };
}
