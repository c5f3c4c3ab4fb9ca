import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InspectorOptions } from '../../../../gateway/inspector/inspector.ts';
import type { ChannelReport, ChannelTerms } from '../../../../gateway/ipc/channel-body.ts';
import type { FlowRule, Policy, VendorRule } from '../../../../rules/policy.ts';
import type { InspectorLink } from '../engine-double.ts';
import { type Bench, openBench } from '../inspector-bench.ts';
import { type Client, watch } from '../loopback.ts';
import { sampleFlow, samplePolicy, sampleProfile } from '../sample.ts';

/** A vendor's target that is held to the profile `operate`, and one whose bytes pass as they are. */
export const Target = 'pumpco/plc-1.502';
export const OpaqueTarget = 'pumpco/plc-2.4000';

/** An inspector with vendors, its engine and the front both played by the test. */
export interface ChannelBench extends Bench {
  readonly link: InspectorLink;
  /** Lets a channel be expected. */
  readonly expect: (change?: Partial<ChannelTerms>) => Promise<Expected>;
  /** A channel that is connected on both sides. */
  readonly open: (change?: Partial<ChannelTerms>) => Promise<Channel>;
  readonly openGates: (until?: number, targets?: readonly string[]) => void;
  /** Says that everything is on the medium as soon as it is handed over. */
  readonly recordAll: () => void;
  readonly said: <W extends ChannelReport['what']>(what: W, channel?: string) => readonly Report<W>[];
  readonly says: <W extends ChannelReport['what']>(
    what: W,
    channel: string,
    fits?: (report: Report<W>) => boolean,
  ) => Promise<Report<W>>;
}

type Report<W extends ChannelReport['what']> = Extract<ChannelReport, { readonly what: W }>;

export interface Expected {
  readonly id: string;
  readonly path: string;
  readonly token: string;
}

export interface Channel extends Expected {
  readonly client: Client;
}

export async function openChannelBench(
  change: Partial<InspectorOptions> = {},
  policy: Policy = vendorPolicy(),
): Promise<ChannelBench> {
  const carriers = mkdtempSync(join(tmpdir(), 'pst-c-'));
  const bench = await openBench({ carriers, limits: { perPair: 4, total: 2_000 }, ...change });
  const link = await bench.engine.inspector(0);
  await link.enforce(policy);
  link.send({ kind: 'listeners', listeners: [] });
  openGates();

  function openGates(until = Date.now() + 60_000, targets: readonly string[] = [Target, OpaqueTarget]): void {
    link.send({ kind: 'gates', open: targets.map((flow) => ({ flow, until })), tellsTime: true });
  }

  async function expect(terms: Partial<ChannelTerms> = {}): Promise<Expected> {
    const token = randomBytes(32).toString('base64url');
    const id = terms.channel ?? `C-${randomBytes(4).toString('hex')}`;
    link.send({
      kind: 'expect-channel',
      terms: {
        channel: id,
        grant: 'G-1',
        person: 'anna',
        target: Target,
        token: tokenDigest(token),
        patience: 10_000,
        client: { address: '198.51.100.7', port: 40_312 },
        dial: { address: '127.0.0.1', port: bench.plc.port },
        recordBytes: false,
        reportReads: false,
        ...terms,
      },
    });
    const { path } = await says('expected', id);
    return { id, path, token };
  }

  const all: ChannelReport[] = [];
  const byChannel = new Map<string, { readonly reports: ChannelReport[]; look: () => void }>();
  link.listen((message) => {
    if (message.kind !== 'channel') return;
    const one = of(message.report.channel);
    all.push(message.report);
    one.reports.push(message.report);
    one.look();
  });

  function of(channel: string) {
    const known = byChannel.get(channel) ?? { reports: [], look: () => undefined };
    byChannel.set(channel, known);
    return known;
  }

  const said: ChannelBench['said'] = (what, channel) =>
    (channel === undefined ? all : of(channel).reports).filter(
      (report): report is Report<typeof what> => report.what === what,
    );
  const says: ChannelBench['says'] = (what, channel, fits = () => true) =>
    new Promise((resolve) => {
      const one = of(channel);
      const look = (): void => {
        const found = said(what, channel).find(fits);
        if (found !== undefined) resolve(found);
      };
      const before = one.look;
      one.look = () => {
        before();
        look();
      };
      look();
    });

  return {
    ...bench,
    link,
    expect,
    open: async (terms) => {
      const expected = await expect(terms);
      const client = await enter(expected.path, expected.token);
      return { ...expected, client };
    },
    openGates,
    recordAll: () =>
      link.listen((message) => {
        if (message.kind !== 'channel' || message.report.what !== 'bytes') return;
        const { channel, piece } = message.report;
        link.send({ kind: 'recorded', channel, upTo: piece });
      }),
    said,
    says,
    close: async () => {
      await bench.close();
      rmSync(carriers, { recursive: true, force: true });
    },
  };
}

/** Goes in as the front does, and is let in. The plus sign is not among what the client remembers. */
export async function enter(path: string, token: string): Promise<Client> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.write(`${token}\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once('data', (chunk: Buffer) => {
      if (chunk[0] !== 0x2b) return reject(new Error('something else than a plus sign'));
      socket.pause();
      if (chunk.length > 1) socket.unshift(chunk.subarray(1));
      resolve();
    });
    for (const end of ['end', 'close', 'error']) socket.once(end, () => reject(new Error('not let in')));
  });
  const client = watch(socket);
  socket.resume();
  return client;
}

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

const Entry = { asset: '', zone: 'control', prefixes: ['198.51.100.0/24'] };

/** The sample policy, and a vendor. */
export function vendorPolicy(change: Partial<Policy> = {}): Policy {
  return samplePolicy({ vendors: [vendor()], profiles: [sampleProfile()], ...change });
}

export function vendor(change: Partial<VendorRule> = {}): VendorRule {
  return {
    id: 'pumpco',
    company: 'PumpCo',
    people: [{ id: 'anna', mfa: true }],
    entry: Entry,
    opens: [],
    targets: [
      target(Target, 101, '10.20.0.20/32', 'plc-1', 502, 'operate'),
      target(OpaqueTarget, 102, '10.20.0.21/32', 'plc-2', 4000, ''),
    ],
    approval: { role: 'shift-lead', second: '' },
    limits: { maxDuration: 0, idle: 0, concurrent: 0 },
    record: ['bytes', 'modbus'],
    source: { file: 'zones.yaml', line: 9, column: 1, owner: 'process', ticket: 'OT-1', sr: [] },
    ...change,
  };
}

function target(
  id: string,
  number: number,
  prefix: string,
  asset: string,
  port: number,
  profile: string,
): FlowRule {
  return sampleFlow({
    id,
    number,
    conduit: 'pumpco',
    sources: [Entry],
    destinations: [{ asset, zone: 'process', prefixes: [prefix] }],
    ports: [{ first: port, last: port }],
    profile,
    gate: { opensAt: 0, closesAt: 0, schedule: undefined, session: true },
  });
}
