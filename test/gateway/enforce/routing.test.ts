import { expect, test } from 'vitest';
import { createRouting } from '../../../gateway/enforce/kernel/routing.ts';
import { fakeNetwork } from './fake-network.ts';
import { asset, leg, policyOf } from './policies.ts';

const Routed = policyOf({ interfaces: [leg('sup0', 'supervisory'), leg('proc0', 'process')] });

const Inline = policyOf({
  interfaces: [leg('sup0', 'supervisory'), leg('proc0', 'process', 'inline')],
  assets: [
    asset('hmi', 'supervisory', '10.1.0.10'),
    asset('plc', 'process', '10.1.0.12', '10.1.0.13', 'fd00::12'),
  ],
});

test('marked packets are delivered here, and forwarding is switched on last', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  await createRouting(box.ip, box.sysctl).apply(Routed);
  const changes = box.changes();
  expect(changes).toContain('rule add fwmark 0x1 lookup 100 priority 100');
  expect(changes).toContain('route replace local 0.0.0.0/0 dev lo table 100');
  expect(changes).toContain('ipv4/tcp_early_demux = 0');
  expect(changes).toContain('ipv4/conf/sup0/send_redirects = 0');
  expect(changes).toContain('ipv4/conf/proc0/accept_redirects = 0');
  expect(changes.at(-1)).toBe('ipv4/ip_forward = 1');
});

test('applied twice it changes nothing the second time but what `replace` says again', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply(Inline);
  box.changes();
  await routing.apply(Inline);
  expect(box.changes().filter((change) => !change.includes(' replace '))).toEqual([]);
  expect(box.rules).toHaveLength(1);
});

test('assets behind an inline leg get a route each, and ARP answers on the other legs only', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  await createRouting(box.ip, box.sysctl).apply(Inline);
  expect(box.routes.get('10.1.0.12/32')).toBe('proc0');
  expect(box.routes.has('10.1.0.10/32')).toBe(false);
  expect([...box.proxies]).toEqual(['10.1.0.12 sup0', '10.1.0.13 sup0']);
  expect(box.settings.get('ipv4/conf/proc0/proxy_arp')).toBe('1');
  expect(box.settings.get('ipv4/conf/sup0/proxy_arp')).toBe('0');
});

test('routes and ARP answers of the former policy are removed', async () => {
  const box = fakeNetwork('sup0', 'proc0');
  const routing = createRouting(box.ip, box.sysctl);
  await routing.apply(Inline);
  await routing.apply(
    policyOf({ interfaces: Inline.interfaces, assets: [asset('plc', 'process', '10.1.0.13')] }),
  );
  expect([...box.routes.keys()]).toEqual(['local', '10.1.0.13/32']);
  expect([...box.proxies]).toEqual(['10.1.0.13 sup0']);
  await routing.apply(Routed);
  expect([...box.routes.keys()]).toEqual(['local']);
  expect([...box.proxies]).toEqual([]);
  expect(box.settings.get('ipv4/conf/proc0/proxy_arp')).toBe('0');
});

test('a device that is not there is named and stops nothing', async () => {
  const box = fakeNetwork('sup0');
  const missing = await createRouting(box.ip, box.sysctl).apply(Inline);
  expect(missing).toEqual(['The device proc0 of zone process is not there.']);
  expect(box.settings.get('ipv4/ip_forward')).toBe('1');
  expect([...box.proxies]).toEqual([]);
});

test.for(['../all', 'all', 'default', '-x', 'a b', ''])('the device name “%s” is refused', async (device) => {
  const box = fakeNetwork('sup0');
  const policy = policyOf({ interfaces: [leg(device, 'process')] });
  await expect(createRouting(box.ip, box.sysctl).apply(policy)).rejects.toMatchObject({
    code: 'PST_ERR_ROUTING',
  });
  expect(box.changes()).toEqual([]);
});
