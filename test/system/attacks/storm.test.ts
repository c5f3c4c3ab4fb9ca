import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Python } from '../../groups.ts';
import { mustRunIn, runIn } from '../../plant/namespaces/exec.ts';
import { type Bench, client, openBench } from '../bench.ts';
import { lacks } from '../tools.ts';
import { type WireWatch, watchWire } from './wire-watch.ts';

const Storm = fileURLToPath(new URL('storm.py', import.meta.url));
/** Answers that stay on the attacker's own wire are no passage. */
const NoRefusal =
  'not arp and not (tcp[13] & 4 != 0) and not (icmp[0] == 3 or icmp[0] == 11 or icmp[0] == 12)';

describe.skipIf(lacks('tcpdump'))('a storm of forged packets', () => {
  let bench: Bench;
  const watches: WireWatch[] = [];

  beforeAll(async () => {
    bench = await openBench();
    // Whoever asks for a neighbour first would be the only ARP on a quiet wire.
    await fence('sup0', 'proc0');
  });

  afterEach(async () => {
    for (const one of watches.splice(0)) await one.stop();
  });

  afterAll(() => bench?.close());

  const claimants = [
    { attacker: 'visitor', claims: '10.61.20.50', why: 'a neighbour with flows' },
    { attacker: 'visitor', claims: '10.61.30.11', why: 'a controller' },
    { attacker: 'hmi-1', claims: '10.61.20.10', why: 'another inspected client' },
  ];
  const moreClaimants = [
    { attacker: 'visitor', claims: '10.61.20.99', why: 'an asset without any flow' },
    { attacker: 'visitor', claims: '10.61.20.200', why: 'nobody' },
    { attacker: 'visitor', claims: '10.61.15.30', why: 'a server of a third zone' },
    { attacker: 'visitor', claims: '10.61.20.1', why: 'the gateway' },
    { attacker: 'visitor', claims: '127.0.0.1', why: 'the loopback network' },
    { attacker: 'visitor', claims: '0.0.0.0', why: 'a machine without an address' },
    { attacker: 'visitor', claims: '8.8.8.8', why: 'the Internet' },
  ];
  const claim = 'from $attacker that claims to be $why reaches no other wire';
  test.for(claimants)(claim, reachesNoOtherWire);
  test.for(moreClaimants)(claim, { tags: ['deep'] }, reachesNoOtherWire);

  async function reachesNoOtherWire({ attacker, claims }: (typeof claimants)[number]): Promise<void> {
    const proc = await watch('proc0');
    const dmz = await watch('dmz0');
    const own = await watch('sup0', NoRefusal);
    for (const target of [
      '10.61.30.11',
      '10.61.30.12',
      '10.61.15.30',
      '10.61.20.1',
      '10.61.30.1',
      '10.61.20.10',
    ]) {
      await storm(attacker, 'all', claims, target, 'sup0');
    }
    await fence('proc0', 'dmz0');
    expect(strangers(proc)).toEqual([]);
    expect(strangers(dmz)).toEqual([]);
    expect(strangers(own)).toEqual([]);
  }

  test.for([{ claims: '10.61.20.50', why: 'a client of the controllers' }])(
    'from a third zone as $why reaches no other wire',
    fromAThirdZone,
  );
  test.for([
    { claims: '10.61.15.30', why: 'itself' },
    { claims: '10.61.20.10', why: 'an inspected client' },
    { claims: '10.61.30.11', why: 'a controller' },
  ])('from a third zone as $why reaches no other wire', { tags: ['deep'] }, fromAThirdZone);

  async function fromAThirdZone({ claims }: { readonly claims: string }): Promise<void> {
    const sup = await watch('sup0');
    const proc = await watch('proc0');
    for (const target of [
      '10.61.30.11',
      '10.61.30.12',
      '10.61.20.10',
      '10.61.20.50',
      '10.61.20.1',
      '10.61.15.1',
    ]) {
      await storm('siem', 'all', claims, target, 'dmz0');
    }
    await fence('sup0', 'proc0');
    expect(strangers(sup)).toEqual([]);
    expect(strangers(proc)).toEqual([]);
  }

  test('from a controller brings its one-way flow to its collector and nothing anywhere else', async () => {
    const sup = await watch('sup0', 'not arp and not (udp and dst host 10.61.20.10 and dst port 514)');
    const dmz = await watch('dmz0');
    for (const target of ['10.61.20.10', '10.61.20.50', '10.61.15.30', '10.61.20.1', '10.61.30.1']) {
      for (const families of ['openings,segments,options,errors,dying', 'protocols,wide,version6']) {
        await storm('plc-intake', families, '10.61.30.11', target, 'proc0');
      }
    }
    await fence('sup0', 'dmz0');
    expect(strangers(sup)).toEqual([]);
    expect(strangers(dmz)).toEqual([]);
  });

  test('from a client with flows reaches no controller that none of them leads to', async () => {
    const proc = await watch('proc0');
    await storm('eng-ws', 'all', '10.61.20.50', '10.61.30.12', 'sup0');
    await storm('scada-1', 'all', '10.61.20.10', '10.61.30.12', 'sup0');
    await fence('proc0');
    expect(strangers(proc)).toEqual([]);
  });

  test('finishes nobody else’s datagram, though it claims to be a piece of it', async () => {
    const proc = await watch('proc0');
    for (const [attacker, device] of [
      ['visitor', 'sup0'],
      ['siem', 'dmz0'],
    ] as const) {
      await storm(attacker, 'first_piece', '10.61.20.50', '10.61.30.11', device);
    }
    await storm('eng-ws', 'last_piece', '10.61.20.50', '10.61.30.11', 'sup0');
    await fence('proc0');
    expect(strangers(proc)).toEqual([]);
    await storm('eng-ws', 'first_piece', '10.61.20.50', '10.61.30.11', 'sup0');
    await proc.sees(/10\.61\.20\.50\.50014 > 10\.61\.30\.11\.161: UDP/);
  });

  async function watch(device: string, filter?: string): Promise<WireWatch> {
    const one = await watchWire(bench.network, device, filter);
    watches.push(one);
    return one;
  }

  async function storm(attacker: string, families: string, claims: string, target: string, device: string) {
    const { network } = bench;
    const mac = (await mustRunIn(network.gateway, 'cat', `/sys/class/net/${device}/address`)).trim();
    const command = [Python, Storm, families, claims, target, mac];
    expect(await mustRunIn(network.of(attacker), ...command)).toMatch(/sent \d+/);
  }

  /**
   * Waits until something permitted that was sent after the storm has come out on these wires: what the storm
   * brought through had its chance then.
   */
  async function fence(...devices: readonly string[]): Promise<void> {
    const { network } = bench;
    for (const device of devices) {
      const seen = await watch(device, Fences[device]);
      if (device === 'dmz0') {
        const dial = bench.at('siem', process.execPath, client('peer.ts'), 'tcp', '10.61.15.1', '9464');
        await dial.says(/failed ECONNREFUSED/);
      } else {
        const ping = ['ping', '-c', '2', '-W', '5', network.address('plc-intake')];
        expect((await runIn(network.of('eng-ws'), ping)).status).toBe(0);
      }
      await seen.sees(/^\d\d:.* IP /m);
    }
  }
});

/** The permitted packets the fences are made of, as pcap filters. */
const Fences: Readonly<Record<string, string>> = {
  sup0: 'icmp[0] == 0 and src host 10.61.30.11 and dst host 10.61.20.50 and greater 80',
  proc0: 'icmp[0] == 8 and src host 10.61.20.50 and dst host 10.61.30.11 and greater 80',
  dmz0: 'tcp src port 9464 and dst host 10.61.15.30',
};

/** What was seen but for the fences, and for what the box tells its own neighbours 30 s after lone fragments. */
function strangers(watch: WireWatch): readonly string[] {
  return watch
    .packets()
    .filter((line) => !/ICMP echo (request|reply), id \d+, seq [12], length 64$/.test(line))
    .filter((line) => !/^IP 10\.61\.\d+\.1 > \S+: ICMP ip reassembly time exceeded/.test(line))
    .filter((line) => !/10\.61\.15\.1\.9464 > 10\.61\.15\.30/.test(line));
}
