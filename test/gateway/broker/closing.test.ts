import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Reason } from '../../../rules/reason.ts';
import { type Bench, closedReport, done, Minute, openBench } from './bench.ts';
import { vendorPolicy, withVendor } from './vendor-policy.ts';
import type { World } from './world.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

/** What turns something in the world, and who brings about what. */
type Bring = (bench: Bench, grant: string) => unknown;

const turned =
  (change: Partial<World>): Bring =>
  ({ world, broker }) => {
    Object.assign(world, change);
    broker.look();
  };

/** Every way a grant ends, and who is named for it. */
const Causes: readonly (readonly [Reason, string, Bring])[] = [
  ['grant-ended', '', (one) => keepBusy(one, 120)],
  ['grant-idle', '', ({ pass }) => pass(15 * Minute)],
  [
    'grant-stopped',
    'lena',
    ({ broker, as }, grant) => broker.handlers['grant-end']({ grant, why: 'enough' }, as('lena')),
  ],
  [
    'vendor-ended',
    'service-1',
    ({ broker, as }, grant) => broker.handlers['grant-end']({ grant, why: 'done' }, as('service-1')),
  ],
  [
    'account-revoked',
    '',
    ({ world, pass }) => {
      Object.assign(world.people.get('service-1')!, { usable: false });
      return pass(250);
    },
  ],
  ['account-revoked', '', ({ broker }) => broker.revoked('service-1', 'account-revoked')],
  ['factor-lost', '', ({ broker }) => broker.revoked('service-1', 'factor-lost')],
  [
    'approval-lost',
    '',
    ({ world, broker }) => {
      Object.assign(world.people.get('lena')!, { mayApprove: false });
      broker.revoked('lena', 'approval-lost');
    },
  ],
  ['key-switch', '', turned({ keySwitch: 'open' })],
  ['evidence-lost', '', turned({ evidenceBroken: 'the disk is full' })],
  ['mode-cut', '', turned({ mode: 'lockdown' })],
  ['policy-changed', '', turned({ policy: { ...vendorPolicy, vendors: [] } })],
  ['clock-untrusted', '', turned({ synchronised: false })],
  ['carrier-lost', '', ({ frontLeaves }) => frontLeaves()],
  ['shutdown', '', ({ broker }) => broker.close()],
];

/** Payload in every minute, for so many minutes. */
async function keepBusy(one: Pick<Bench, 'pass' | 'say' | 'world'>, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    say(one, bench.story.length);
    await one.pass(Minute);
  }
}

function say({ say: tell, world }: Pick<Bench, 'say' | 'world'>, bytes: number): void {
  tell({
    what: 'progress',
    channel,
    bytesFromClient: bytes,
    bytesFromServer: bytes,
    lastActivity: world.wall,
  });
}

let channel = '';

describe('whatever ends a grant', () => {
  test.for(Causes)(
    '%s: cuts inspectors, gates and carrier, then says so once on record',
    async ([cause, by, bring]) => {
      const { id } = await bench.opened();
      const given = bench.carriers().grants[0]?.certificate;
      channel = await bench.connect(await bench.see(id));
      const from = bench.story.length;
      await bring(bench, id);
      await bench.rest();
      const after = bench.story.slice(from).filter((one) => !one.startsWith('gates 1'));
      const cut = after.indexOf(`end 1 ${cause}`);
      expect(cut).toBeGreaterThanOrEqual(0);
      expect(after.indexOf('gates 0')).toBeGreaterThan(cut);
      // A front that is gone is told nothing.
      if (cause !== 'carrier-lost') expect(after.indexOf('carriers 0')).toBeGreaterThan(cut);
      expect(bench.gates()).toEqual([]);
      if (cause === 'evidence-lost') {
        bench.world.evidenceBroken = '';
        await bench.pass(1_000);
        await bench.rest();
      }
      const closed = bench.acts().filter(({ kind }) => kind === 'grantClosed');
      expect(closed).toMatchObject([{ cause, by, channels: 1, writes: 1, refused: 1, bytesFromClient: 12 }]);
      expect(bench.story.lastIndexOf('grantClosed')).toBeGreaterThan(
        bench.story.lastIndexOf('channelClosed'),
      );
      expect(bench.story.at(-1)).toBe('checkpoint');
      // CIP-005 R3.2: what was ended cannot come back.
      const asks = {
        carrier: 'tls',
        grant: id,
        target: 'pumpco/plc-dosing.502',
        proof: given ?? '',
      } as const;
      expect((await bench.broker.handlers['carrier-open'](asks, bench.as(''))).ok).toBe(false);
      await bench.pass(250);
      expect(bench.acts().filter(({ kind }) => kind === 'grantOpened')).toHaveLength(1);
    },
  );

  test('is told a minute before, where time brings it', async () => {
    const { id } = await bench.opened();
    await bench.pass(14 * Minute);
    expect(await bench.see(id)).toMatchObject({
      warning: 'Nothing is sent: it ends in 60 s unless something is.',
    });
  });
});

describe('closing', () => {
  test('waits for no inspector that does not answer', async () => {
    bench.world.obedient = false;
    const { id } = await bench.opened();
    await bench.connect(await bench.see(id));
    const began = performance.now();
    done(await bench.broker.handlers['grant-end']({ grant: id, why: '' }, bench.as('lena')));
    expect(bench.gates()).toEqual([]);
    await vi.waitFor(() => expect(bench.story).toContain('grantClosed'), { timeout: 5_000 });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(bench.acts().find(({ kind }) => kind === 'channelClosed')).toMatchObject({
      cause: 'grant-stopped',
    });
  });

  test('ends a thousand channels as it ends one', async () => {
    const open = await bench.opened();
    for (let one = 0; one < 1_000; one += 1) await bench.connect(open);
    const began = performance.now();
    done(await bench.broker.handlers['grant-end-all']({ why: 'leak' }, bench.as('lena')));
    expect(bench.story).toContain('end 1000 grant-stopped');
    await vi.waitFor(() => expect(bench.story).toContain('grantClosed'), { timeout: 5_000 });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(bench.acts().find(({ kind }) => kind === 'grantClosed')).toMatchObject({
      channels: 1_000,
      writes: 1_000,
    });
  });

  test('does not wait for a disk that takes its time', async () => {
    const { id } = await bench.opened();
    await bench.connect(await bench.see(id));
    const disk = Promise.withResolvers<void>();
    bench.world.disk = () => disk.promise;
    done(await bench.broker.handlers['grant-end']({ grant: id, why: '' }, bench.as('lena')));
    expect(bench.story).toContain('end 1 grant-stopped');
    expect(bench.gates()).toEqual([]);
    expect(await bench.see(id)).toMatchObject({ state: 'closed', cause: 'grant-stopped' });
    disk.resolve();
    await bench.rest();
    expect(bench.story).toContain('grantClosed');
  });

  test('of what is being opened leaves nothing open, and both on record', async () => {
    const asked = await bench.request();
    const disk = Promise.withResolvers<void>();
    let waiting = false;
    const approving = bench.approve(asked);
    bench.world.disk = () => {
      waiting = true;
      return disk.promise;
    };
    await vi.waitFor(() => expect(waiting).toBe(true));
    done(await bench.broker.handlers['grant-end']({ grant: asked.id, why: 'stop' }, bench.as('lena')));
    disk.resolve();
    await approving.catch(() => undefined);
    await bench.rest();
    expect(bench.story.filter((one) => one === 'gates 1')).toEqual([]);
    expect(await bench.see(asked.id)).not.toMatchObject({ state: 'open' });
    const kinds = bench.acts().map(({ kind }) => kind);
    expect(kinds.filter((one) => one === 'grantOpened')).toHaveLength(
      kinds.filter((one) => one === 'grantClosed').length,
    );
  });

  test('comes before the opening when a condition goes while the record is written', async () => {
    const asked = await bench.request();
    const { handlers } = bench.broker;
    let writes = 0;
    bench.world.disk = async () => {
      writes += 1;
      // The approval is on record; now the opening is written, and somebody turns the key.
      if (writes === 2) bench.world.keySwitch = 'open';
    };
    const second = { kind: 'totp', code: '123456' } as const;
    done(
      await handlers['grant-approve']({ grant: asked.id, digest: asked.digest, second }, bench.as('lena')),
    );
    await bench.rest();
    expect(bench.story).toContain('grantOpened');
    expect(bench.story).not.toContain('gates 1');
    expect(bench.acts().find(({ kind }) => kind === 'grantClosed')).toMatchObject({ cause: 'key-switch' });
  });
});

describe('when nothing can be put on record', () => {
  test('nothing opens, and nothing is asked for', async () => {
    const asked = await bench.request();
    bench.world.evidenceBroken = 'the disk is full';
    await expect(bench.approve(asked)).rejects.toThrow('the disk is full');
    await expect(bench.request()).rejects.toThrow('the disk is full');
    await bench.pass(250);
    expect(await bench.see(asked.id)).toMatchObject({ state: 'requested' });
    expect(bench.gates()).toEqual([]);
  });

  test('an approved one opens when something can again', async () => {
    bench.world.keySwitch = 'open';
    const approved = await bench.opened();
    bench.world.keySwitch = 'closed';
    bench.world.evidenceBroken = 'the disk is full';
    await bench.pass(250);
    expect(await bench.see(approved.id)).toMatchObject({ state: 'approved' });
    bench.world.evidenceBroken = '';
    await bench.pass(2_000);
    await vi.waitFor(async () => expect(await bench.see(approved.id)).toMatchObject({ state: 'open' }));
  });
});

test('a target with another profile ends what was approved for the former', async () => {
  const { id } = await bench.opened();
  const [flow] = withVendor({}).vendors[0]!.targets;
  bench.world.policy = withVendor({ targets: [{ ...flow!, profile: '' }] });
  await bench.pass(250);
  expect(await bench.see(id)).toMatchObject({ state: 'closed', cause: 'policy-changed' });
});

test('under a policy that permits something else by the same name nothing is open and nobody is led, looked at or not', async () => {
  const open = await bench.opened();
  const [flow] = withVendor({}).vendors[0]!.targets;
  const other = withVendor({ targets: [{ ...flow!, profile: '' }], record: [] });
  expect(bench.broker.granted(vendorPolicy)).toHaveLength(1);
  expect(bench.broker.granted(other)).toEqual([]);
  bench.world.policy = other;
  await expect(bench.connect(open)).rejects.toThrow('PST_NOT_NOW');
  expect(bench.story).not.toContain('expect');
});

test('what an inspector says of a channel that has ended changes no count', async () => {
  const open = await bench.opened();
  const one = await bench.connect(open);
  bench.say(closedReport(one, 'client-closed'));
  await bench.rest();
  bench.say({ ...closedReport(one, 'client-closed'), bytesFromClient: 999 });
  expect(await bench.see(open.id)).toMatchObject({ state: 'open', bytesFromClient: 12, channels: [] });
});
