import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Python } from '../../groups.ts';
import { mustRunIn, type Running, run, startIn } from '../../plant/namespaces/exec.ts';
import { startJanitor } from '../../plant/namespaces/janitor.ts';
import { type Enforcer, startEnforcer } from '../enforce/enforcer.ts';
import { addressOf, etherOf, Hosts, Places, Stranger, Zones } from './random-model.ts';

/** A box with the plant of {@link Places} around it, and somebody who can send anything from anywhere. */
export interface Field {
  readonly enforcer: Enforcer;
  /** Sends packets and says what became of each. */
  readonly send: (probes: readonly Probe[]) => Promise<ReadonlyMap<number, Fate>>;
  /** The box's table, as nft lists it. */
  readonly listing: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** One packet, as it is put on a wire. */
export interface Probe {
  /** Unique in a run, above 2^28. */
  readonly id: number;
  readonly device: string;
  readonly etherSource: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The packet it answers, or 0 for a first one. */
  readonly answers: number;
}

/** `out`: it left the box on this device. `taken`: the box took it up itself. */
export type Fate = { readonly kind: 'out'; readonly device: string } | { readonly kind: 'taken' };

/** Lays the namespaces and starts the real enforcement, listeners of the inspectors included. */
export async function layField(): Promise<Field> {
  const tag = `pst-df-${process.pid}-${randomBytes(2).toString('hex')}`;
  const [box, around] = [`${tag}-box`, `${tag}-around`];
  const janitor = startJanitor([box, around], mkdtempSync(join(tmpdir(), `${tag}-`)));
  const running: Running[] = [];
  try {
    await layWires(box, around);
    const start = (namespace: string, program: string, ...args: readonly (string | number)[]) => {
      const path = fileURLToPath(new URL(`../enforce/programs/${program}`, import.meta.url));
      const one = startIn(namespace, [process.execPath, path, ...args.map(String)]);
      running.push(one);
      return one;
    };
    const enforcer = await startEnforcer({ gateway: box, start, startWith: () => start(box, 'enforcer.ts') });
    for (const port of [15502, 15503, 15504, 15505]) await start(box, 'diverter.ts', port).says(/ready/);
    const field = await startField(box, around);
    running.push(field);
    let turn = 0;

    async function send(probes: readonly Probe[]): Promise<ReadonlyMap<number, Fate>> {
      turn += 1;
      field.tell(JSON.stringify(probes.map(wordsOf)));
      const [, seen = '[]'] = await field.says(new RegExp(`^seen ${turn} (.*)\n`, 'm'));
      const fates = new Map<number, Fate>();
      for (const [id, device] of JSON.parse(seen) as readonly (readonly [number, string])[]) {
        if (fates.has(id)) throw new Error(`the packet ${id} came out twice`);
        fates.set(id, device === '' ? { kind: 'taken' } : { kind: 'out', device });
      }
      return fates;
    }

    return {
      enforcer,
      send,
      listing: async () =>
        JSON.parse(await mustRunIn(box, 'nft', '-j', 'list', 'table', 'inet', 'penstock')) as unknown,
      close: async () => {
        for (const one of running) await one.stop();
        await janitor.clean();
      },
    };
  } catch (error) {
    await janitor.clean();
    throw error;
  }
}

async function layWires(box: string, around: string): Promise<void> {
  for (const namespace of [box, around]) {
    await must('netns', 'add', namespace);
    // Nobody announces himself, and no address waits to be tried.
    const quiet = ['accept_ra=0', 'router_solicitations=0', 'accept_dad=0'];
    await mustRunIn(namespace, 'sysctl', '-qw', ...quiet.map((one) => `net.ipv6.conf.default.${one}`));
    await mustRunIn(namespace, 'ip', 'link', 'set', 'lo', 'up');
  }
  // What nobody completes is not sent again: only the first answer counts.
  await mustRunIn(
    box,
    'sysctl',
    '-qw',
    'net.ipv4.tcp_synack_retries=0',
    'net.ipv4.tcp_max_syn_backlog=65535',
  );
  for (const device of new Set(Object.values(Places).map((place) => place.device))) {
    await mustRunIn(
      box,
      'ip',
      'link',
      'add',
      device,
      'type',
      'veth',
      'peer',
      'name',
      device,
      'netns',
      around,
    );
    await mustRunIn(around, 'ip', 'link', 'set', device, 'up');
    await mustRunIn(box, 'ip', 'link', 'set', device, 'up');
  }
  for (const zone of Zones) {
    const { device, net, net6 } = Places[zone];
    await mustRunIn(box, 'ip', 'address', 'add', `${net}.1/24`, 'dev', device);
    await mustRunIn(box, 'ip', 'address', 'add', `${net6}:1/64`, 'dev', device, 'nodad');
    for (const host of [...Hosts, Stranger]) {
      const neighbour = ['lladdr', etherOf(zone, host), 'dev', device, 'nud', 'permanent'];
      for (const ipv6 of [false, true])
        await mustRunIn(box, 'ip', 'neighbour', 'add', addressOf(zone, host, ipv6), ...neighbour);
    }
  }
}

async function startField(box: string, around: string): Promise<Running> {
  const program = fileURLToPath(new URL('field.py', import.meta.url));
  const wires = await Promise.all(
    [...new Map(Object.values(Places).map((place) => [place.device, place]))].map(
      async ([device, { net }]) => {
        const ether = (await mustRunIn(box, 'cat', `/sys/class/net/${device}/address`)).trim();
        return `${ether}=${device}=${net}.1=${net}.250`;
      },
    ),
  );
  const field = startIn(around, [Python, program, ...wires]);
  await field.says(/^ready$/m);
  return field;
}

function wordsOf(probe: Probe): readonly (string | number)[] {
  const { id, device, etherSource, source, destination, protocol, sourcePort, destinationPort, answers } =
    probe;
  return [id, device, etherSource, source, destination, protocol, sourcePort, destinationPort, answers];
}

async function must(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(['ip', ...args]);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
