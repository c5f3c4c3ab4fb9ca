import { expect, test } from 'vitest';
import { createRouting } from '../../../gateway/enforce/kernel/routing.ts';
import { type FakeNetwork, fakeNetwork } from './fake-network.ts';
import { asset, gatedFlow, leg, policyOf } from './policies.ts';

const Routed = policyOf({ interfaces: [leg('sup0', 'supervisory'), leg('proc0', 'process')] });

const Unseen = 'fwmark 0/0xffffffff';
const Refused = 'blackhole priority 110';

function guards(box: FakeNetwork): readonly string[] {
  return [...box.rules[4]].filter((rule) => rule.endsWith(Refused));
}

/** As the compiler writes the chain. */
const Marking = JSON.stringify({ nftables: [{ add: { chain: { family: 'inet', name: 'guard' } } }] });

const Inline = policyOf({
  interfaces: [leg('sup0', 'supervisory'), leg('proc0', 'process', 'inline')],
  assets: [
    asset('hmi', 'supervisory', '10.1.0.10/32'),
    asset('plc', 'process', '10.1.0.12/32', '10.1.0.13/32', 'fd00::12/128'),
  ],
});

test('marked packets are delivered here, and forwarding is switched on last', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  await createRouting(box.ip, box.sysctl).apply(Routed);
  const changes = box.changes();
  expect(changes).toContain('rule add iif sup0 fwmark 0x1 lookup 100 priority 100');
  expect(changes).toContain('rule add iif proc0 fwmark 0x1 lookup 100 priority 100');
  expect(changes).toContain('route replace local 0.0.0.0/0 dev lo table 100');
  expect(changes).toContain('ipv4/tcp_early_demux = 0');
  expect(changes).toContain('ipv4/conf/sup0/send_redirects = 0');
  expect(changes).toContain('ipv4/conf/proc0/accept_redirects = 0');
  expect(changes.at(-1)).toBe('ipv4/ip_forward = 1');
});

test('what no ruleset has seen is not routed on, once the ruleset says what it has seen', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply(Routed);
  expect(guards(box)).toEqual([]);
  await routing.apply({ ...Routed, nft: Marking });
  expect(guards(box)).toEqual(['sup0', 'proc0'].map((device) => `iif ${device} ${Unseen} ${Refused}`));
});

test('where a leg is inline the kernel still answers ARP: the guard holds only what hosts speak', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  await createRouting(box.ip, box.sysctl).apply({ ...Inline, nft: Marking });
  expect(guards(box)).toContain(`iif proc0 ${Unseen} ipproto tcp ${Refused}`);
  expect(guards(box)).not.toContain(`iif proc0 ${Unseen} ${Refused}`);
});

test.for([
  ['routed', Routed],
  ['inline', Inline],
] as const)(
  'no protocol of IPv6 passes unseen where legs are %s, whoever has it forwarded',
  async ([, policy]) => {
    const box = fakeNetwork('sup0', 'proc0');
    await createRouting(box.ip, box.sysctl).apply({ ...policy, nft: Marking });
    expect([...box.rules[6]]).toEqual(
      ['sup0', 'proc0'].map((device) => `iif ${device} ${Unseen} ${Refused}`),
    );
  },
);

test('a kernel without IPv6 is not asked about its rules', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const read = (path: string) => (path.startsWith('ipv6') ? undefined : box.sysctl.read(path));
  await createRouting(box.ip, { ...box.sysctl, read }).apply({ ...Routed, nft: Marking });
  expect([...box.rules[6]]).toEqual([]);
});

test('before a bundle of an older compiler stands the guard is gone, or nothing would pass', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply({ ...Routed, nft: Marking });
  await routing.prepare({ ...Routed, nft: Marking });
  expect(guards(box)).toHaveLength(2);
  await routing.prepare(Routed);
  expect(guards(box)).toEqual([]);
});

test('a rule of an older release, which would mislead the look-up of sources, is taken away', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  box.rules[4].add('fwmark 0x1 lookup 100 priority 100');
  await createRouting(box.ip, box.sysctl).apply(Routed);
  expect([...box.rules[4]]).not.toContain('fwmark 0x1 lookup 100 priority 100');
});

test('rules of somebody else stay, also at our priorities', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const theirs = ['from 10.9.0.0/16 lookup 200 priority 100', 'fwmark 0x5 lookup 200 priority 110'];
  for (const rule of theirs) box.rules[4].add(rule);
  await createRouting(box.ip, box.sysctl).apply({ ...Routed, nft: Marking });
  expect([...box.rules[4]]).toEqual(expect.arrayContaining(theirs));
  expect(guards(box)).toHaveLength(2);
});

test('applied twice it changes nothing the second time', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply({ ...Inline, nft: Marking });
  box.changes();
  await routing.apply({ ...Inline, nft: Marking });
  expect(box.changes()).toEqual([]);
});

test('assets behind an inline leg get a route each, and ARP answers on the other legs only', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  await createRouting(box.ip, box.sysctl).apply(Inline);
  expect([...box.routes]).toEqual([
    ['10.1.0.12/32', 'proc0'],
    ['10.1.0.13/32', 'proc0'],
  ]);
  expect([...box.proxies]).toEqual(['10.1.0.12 sup0', '10.1.0.13 sup0']);
  expect(box.settings.get('ipv4/conf/proc0/proxy_arp')).toBe('1');
  expect(box.settings.get('ipv4/conf/sup0/proxy_arp')).toBe('0');
  expect(box.settings.get('ipv4/neigh/sup0/proxy_delay')).toBe('0');
});

test('routes and ARP answers of the former policy are removed', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply(Inline);
  const fewer = policyOf({
    interfaces: Inline.interfaces,
    assets: [asset('plc', 'process', '10.1.0.13/32')],
  });
  await routing.apply(fewer);
  expect([...box.routes.keys()]).toEqual(['10.1.0.13/32']);
  expect([...box.proxies]).toEqual(['10.1.0.13 sup0']);
  await routing.apply(Routed);
  expect([...box.routes.keys()]).toEqual([]);
  expect([...box.proxies]).toEqual([]);
  expect(box.settings.get('ipv4/conf/proc0/proxy_arp')).toBe('0');
});

test('an asset that moves to another leg keeps its route there', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  const legs = [leg('sup0', 'supervisory', 'inline'), leg('proc0', 'process', 'inline')];
  await routing.apply(policyOf({ interfaces: legs, assets: [asset('plc', 'process', '10.1.0.12/32')] }));
  await routing.apply(policyOf({ interfaces: legs, assets: [asset('plc', 'supervisory', '10.1.0.12/32')] }));
  expect([...box.routes]).toEqual([['10.1.0.12/32', 'sup0']]);
  expect([...box.proxies]).toEqual(['10.1.0.12 proc0']);
});

test('a device that is not there is named and stops nothing; when it comes it gets its routes', async () => {
  const box = fakeNetwork('sup0');
  const routing = createRouting(box.ip, box.sysctl);
  expect(await routing.apply(Inline)).toEqual(['The device proc0 of zone process is not there or down.']);
  expect(box.settings.get('ipv4/ip_forward')).toBe('1');
  expect([...box.routes]).toEqual([]);
  box.devices.add('proc0');
  expect(await routing.apply(Inline)).toEqual([]);
  expect(box.routes.get('10.1.0.12/32')).toBe('proc0');
});

test('IPv6 is forwarded only where a flow needs it', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply(Inline);
  expect(box.settings.get('ipv6/conf/all/forwarding')).toBe('0');
  const flow = {
    ...gatedFlow(1, 'C-01/F-01'),
    destinations: [{ asset: 'plc', zone: 'process', prefixes: ['fd00::12/128'] }],
  };
  await routing.apply(policyOf({ interfaces: Inline.interfaces, flows: [flow] }));
  expect(box.settings.get('ipv6/conf/all/forwarding')).toBe('1');
});

test.for(['../all', 'all', 'default', '-x', 'a b', 'a\nroute', ''])(
  'the device name “%s” is refused',
  async (device) => {
    const box = fakeNetwork('sup0');
    const policy = policyOf({ interfaces: [leg(device, 'process')] });
    const { prepare, apply } = createRouting(box.ip, box.sysctl);
    for (const act of [prepare, apply])
      await expect(act(policy)).rejects.toMatchObject({ code: 'PST_ERR_ROUTING' });
    expect(box.changes()).toEqual([]);
  },
);

test.for(['10.1.0.12 dev lo', '10.1.0.12\nroute del default', '10.1.0.0/24', 'plc'])(
  'the asset address “%s” becomes no route',
  async (address) => {
    const box = fakeNetwork('sup0', 'proc0');
    const policy = policyOf({ interfaces: Inline.interfaces, assets: [asset('plc', 'process', address)] });
    await createRouting(box.ip, box.sysctl).apply(policy);
    expect([...box.routes]).toEqual([]);
  },
);
