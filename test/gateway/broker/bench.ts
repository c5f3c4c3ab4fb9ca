import type { CallContext } from '../../../gateway/access/caller.ts';
import type { FrontLink } from '../../../gateway/broker/broker.ts';
import { createBroker, type RunningBroker } from '../../../gateway/broker/create-broker.ts';
import { type BrokerParts, DefaultLimits } from '../../../gateway/broker/parts.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import type { CarriersNow } from '../../../gateway/ipc/carriers-body.ts';
import type { ChannelReport, ChannelTerms } from '../../../gateway/ipc/channel-body.ts';
import type { GrantBody } from '../../../gateway/ipc/grant-body.ts';
import { createLog } from '../../../gateway/log.ts';
import type { OpenFlow } from '../../../rules/nft/gates.ts';
import type { Act, EvidenceRecord } from '../../../rules/record/record.ts';
import { memoryLog } from '../engine/memory-log.ts';
import { createAuthority, createEvidence, memoryStore, peopleOf } from './doubles.ts';
import { createWorld, Noon, type World } from './world.ts';

/** A broker among doubles: clocks that are set, people who are who they say, a log in memory, inspectors that obey. */
export interface Bench {
  broker: RunningBroker;
  /** What can be turned from outside. */
  readonly world: World;
  /** What happened, in order: records as they became durable, and effects on the world. */
  readonly story: string[];
  readonly acts: () => readonly Act[];
  readonly records: EvidenceRecord[];
  /** What the kernel and the inspectors were told last. */
  readonly gates: () => readonly OpenFlow[];
  readonly carriers: () => CarriersNow;
  readonly frontLeaves: () => void;
  readonly frontComes: () => void;
  /** Somebody calls. */
  readonly as: (person: string) => CallContext;
  readonly request: (
    more?: Partial<Parameters<RunningBroker['handlers']['grant-request']>[0]>,
  ) => Promise<GrantBody>;
  readonly approve: (grant: GrantBody, by?: string) => Promise<GrantBody>;
  /** Asked for and approved by the shift lead. */
  readonly opened: (
    more?: Partial<Parameters<RunningBroker['handlers']['grant-request']>[0]>,
  ) => Promise<GrantBody>;
  readonly see: (grant: string, by?: string) => Promise<GrantBody>;
  /** A vendor's connection, joined through to the inspector. */
  readonly connect: (grant: GrantBody) => Promise<string>;
  /** The inspector says something of a channel. */
  readonly say: (report: ChannelReport) => void;
  /** Both clocks run on; the broker looks. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** What was begun is done. */
  readonly rest: () => Promise<void>;
  /** The process is gone, without a word, and another one begins. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param instead what stands for a double: a real store, a real log */
export async function openBench(
  change: Partial<World> = {},
  instead: Partial<BrokerParts> = {},
): Promise<Bench> {
  const stored = new Map<string, string>();
  const story: string[] = [];
  const records: EvidenceRecord[] = [];
  const expected = new Map<string, ChannelTerms>();
  let told: readonly OpenFlow[] = [];
  let carriers: CarriersNow = { kind: 'carriers', grants: [] };
  const world: World = { ...createWorld(), ...change };
  /** Of one life of the process: with its end nothing it still does reaches anybody. */
  const partsOf = (life: { dead: boolean }): BrokerParts => ({
    site: 'riverside-wtp',
    gateway: 'cgw-01',
    name: 'penstock.plant.example',
    entry: {
      tls: { address: '127.0.0.1', port: 8443 },
      ssh: { address: '127.0.0.1', port: 2222 },
      targets: [],
    },
    store: memoryStore(stored, life),
    people: peopleOf(world),
    authority: createAuthority(),
    evidence: createEvidence({ world, life, story, records }),
    recorder: {
      begin: async ({ channel }) => {
        if (!world.recording) throw new Error('no room');
        story.push(`recording ${channel.slice(0, 1)}`);
      },
      take: () => undefined,
      end: async () => 1,
    },
    channels: {
      expect: (terms) => {
        expected.set(terms.channel, terms);
        story.push('expect');
        const report: ChannelReport = {
          what: 'expected',
          channel: terms.channel,
          path: '/run/carriers/a.sock',
        };
        queueMicrotask(() => bench.broker.onChannel('epoch', report));
        return 'epoch';
      },
      end: (channels, reason) => {
        if (life.dead) return;
        story.push(`end ${channels.length} ${reason}`);
        if (!world.obedient) return;
        for (const channel of channels) queueMicrotask(() => bench.say(closedReport(channel, reason)));
      },
      recorded: () => undefined,
    },
    policy: () => ({ policy: world.policy, digest: '22'.repeat(32) }),
    mode: () => ({ mode: world.mode, reopened: [] }),
    keySwitch: () => world.keySwitch,
    flowBytes: () => world.flowBytes,
    time: () => ({
      now: world.wall,
      synchronised: world.synchronised,
      newestEvidence: world.newestEvidence,
    }),
    clock: { wall: () => world.wall, monotonic: () => world.mono },
    turnGates: async () => {
      if (life.dead) return;
      told = bench.broker.granted(world.policy);
      story.push(`gates ${told.length}`);
    },
    switchMode: async () => {
      throw new GatewayError('PST_ERR_NO_BUNDLE');
    },
    keepSigning: () => undefined,
    limits: DefaultLimits,
    log: createLog('engine', memoryLog().stream),
    ...instead,
  });

  const front: FrontLink = {
    send: (now) => {
      carriers = now;
      story.push(`carriers ${now.grants.length}`);
    },
  };

  let life = { dead: false };
  const bench: Bench = {
    broker: createBroker(partsOf(life)),
    world,
    story,
    records,
    acts: () => records.flatMap((one) => (one.kind === 'act' ? [one.act] : [])),
    gates: () => told,
    carriers: () => carriers,
    frontComes: () => bench.broker.frontCame(front),
    frontLeaves: () => bench.broker.frontLost(front),
    as: (who) => ({ at: 'front', session: who, source: '198.51.100.7', port: 40_312, attended: true }),
    request: async (more = {}) => {
      const asks: Parameters<RunningBroker['handlers']['grant-request']>[0] = {
        vendor: 'pumpco',
        targets: ['pumpco/plc-dosing.502'],
        carrier: 'tls',
        ...Why,
        ...more,
      } as const;
      return done(await bench.broker.handlers['grant-request'](asks, bench.as('service-1')));
    },
    approve: async (grant, by = 'lena') => {
      const asks = { grant: grant.id, digest: grant.digest, second: Totp };
      return done(await bench.broker.handlers['grant-approve'](asks, bench.as(by)));
    },
    opened: async (more) => bench.approve(await bench.request(more)),
    see: async (grant, by = 'vera') => done(await bench.broker.handlers.grant({ grant }, bench.as(by))),
    connect: async (grant) => {
      const [one] = carriers.grants;
      const asks = {
        carrier: 'tls',
        grant: grant.id,
        target: grant.targets[0]!.id,
        proof: one?.certificate ?? '',
      } as const;
      const { channel } = done(await bench.broker.handlers['carrier-open'](asks, bench.as('')));
      return channel;
    },
    say: (report) => bench.broker.onChannel('epoch', report),
    pass: async (milliseconds) => {
      world.wall += milliseconds;
      world.mono += milliseconds;
      bench.broker.look();
      await bench.rest();
    },
    rest: async () => {
      // Nothing here waits for a disk or a clock: what was begun is done after some turns.
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    restart: async () => {
      life.dead = true;
      const former = bench.broker;
      life = { dead: false };
      bench.broker = createBroker(partsOf(life));
      void former.close();
      world.mono = 5;
      bench.frontComes();
      await bench.broker.begin();
      await bench.rest();
    },
    close: async () => {
      world.evidenceBroken = '';
      await bench.broker.close();
    },
  };
  bench.frontComes();
  await bench.broker.begin();
  return bench;
}

export function done<B>(
  outcome: { ok: true; body: B } | { ok: false; refusal: { code: string; sentence: string } },
): B {
  if (!outcome.ok) throw new Error(`${outcome.refusal.code} ${outcome.refusal.sentence}`);
  return outcome.body;
}

export function closedReport(channel: string, reason: string): Extract<ChannelReport, { what: 'closed' }> {
  const counts = { bytesFromClient: 12, bytesFromServer: 24, requests: 2, writes: 1, refused: 1, pieces: 2 };
  return { what: 'closed', channel, at: Noon, reason: reason as 'grant-ended', ...counts };
}

export const Totp = { kind: 'totp', code: '123456' } as const;
export const Minute = 60_000;

const Why = { reason: 'The dosing pump stops at low flow.', ticket: 'CHG-2001', length: 7_200_000 };
