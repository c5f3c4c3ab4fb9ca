import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChannelsAtOnce } from '../../../gateway/broker/channel-pace.ts';
import type { Asks } from '../../../gateway/ipc/calls.ts';
import { type Bench, closedReport, openBench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

type Wish = Asks<'carrier-open'>;

async function tries(wish: Partial<Wish> & Pick<Wish, 'grant'>): Promise<string> {
  const proof = bench.carriers().grants[0]?.certificate || 'ff'.repeat(32);
  const asks = { carrier: 'tls', target: 'pumpco/plc-dosing.502', proof, ...wish } as const;
  const outcome = await bench.broker.handlers['carrier-open'](asks, bench.as(''));
  return outcome.ok ? 'open' : outcome.refusal.code;
}

function refusals() {
  return bench.acts().flatMap((act) => (act.kind === 'channelRefused' ? [act.why] : []));
}

describe('a channel', () => {
  test('is on record before an inspector is told to expect it, with who comes from where', async () => {
    const open = await bench.opened();
    const channel = await bench.connect(open);
    expect(bench.story.slice(-3)).toEqual(['channelOpened', 'recording C', 'expect']);
    expect(bench.acts().at(-1)).toEqual({
      ...{ kind: 'channelOpened', grant: open.id, channel, target: 'pumpco/plc-dosing.502' },
      ...{ carrier: 'tls', source: '198.51.100.7:40312', profile: open.targets[0]?.profile },
    });
    expect(await bench.see(open.id)).toMatchObject({ channels: [{ id: channel, carrier: 'tls' }] });
  });

  test('opened before the approval is refused, on record, and never queued', async () => {
    const asked = await bench.request();
    expect(await tries({ grant: asked.id })).toBe('PST_NOT_HERE');
    await bench.approve(asked);
    expect(bench.story).not.toContain('expect');
    expect(refusals()).toEqual(['not proved to be theirs']);
  });

  test('with the certificate of a grant that has ended is refused', async () => {
    const open = await bench.opened();
    const proof = bench.carriers().grants[0]?.certificate ?? '';
    expect(await tries({ grant: open.id, proof })).toBe('open');
    await bench.broker.handlers['grant-end']({ grant: open.id, why: '' }, bench.as('lena'));
    await bench.rest();
    expect(await tries({ grant: open.id, proof })).toBe('PST_NOT_NOW');
    expect(refusals()).toEqual(['the grant is closed']);
  });

  test.for([
    ['with no certificate of the grant', { proof: 'ab'.repeat(32) }, 'PST_NOT_HERE'],
    ['of no grant at all', { grant: 'G-ZZZZZZZZZZ' }, 'PST_NOT_HERE'],
    ['to a target that is not granted', { target: 'pumpco/sis.502' }, 'PST_NOT_NOW'],
    ['over another carrier', { carrier: 'ssh', proof: 'ssh-service-1-secret-secret' }, 'PST_NOT_NOW'],
    ['over SSH by somebody else', { carrier: 'ssh', proof: 'ssh-service-2-secret-secret' }, 'PST_NOT_HERE'],
    ['through a pinhole', { carrier: 'pinhole' }, 'PST_NOT_HERE'],
  ] as const)('%s is refused', async ([, change, code]) => {
    const { id: grant } = await bench.opened();
    expect(await tries({ grant, ...change })).toBe(code);
    expect(bench.story).not.toContain('expect');
    expect(refusals()).toHaveLength(1);
  });

  test('after channel without end is refused for a while, for each goes on record for good', async () => {
    const { id: grant } = await bench.opened();
    const { certificate: proof = '' } = bench.carriers().grants[0] ?? {};
    const openOnce = async (): Promise<string> => {
      const code = await tries({ grant, proof });
      const channel = bench.acts().findLast((act) => act.kind === 'channelOpened')?.channel ?? '';
      bench.say(closedReport(channel, 'client-closed'));
      await bench.rest();
      return code;
    };
    for (let one = 0; one < ChannelsAtOnce; one += 1) expect(await openOnce()).toBe('open');
    expect(await openOnce()).toBe('PST_SLOW_DOWN');
    expect(refusals()).toEqual(['too many channels in a short time']);
    await bench.pass(250);
    expect(await openOnce()).toBe('open');
  });

  test('over SSH is for the person who signed in there', async () => {
    const { id: grant } = await bench.opened({ carrier: 'ssh' });
    const wish = { grant, carrier: 'ssh' } as const;
    expect(await tries({ ...wish, proof: 'ssh-service-2-secret-secret' })).toBe('PST_NOT_HERE');
    expect(await tries({ ...wish, proof: 'ssh-service-1-secret-secret' })).toBe('open');
    const { handlers } = bench.broker;
    const reachable = await handlers['carrier-grants']({ carrier: 'ssh' }, bench.as('service-1'));
    expect(reachable).toMatchObject({
      ok: true,
      body: [{ grant, targets: [{ asset: 'plc-dosing', port: 502 }] }],
    });
    expect(await handlers['carrier-grants']({ carrier: 'ssh' }, bench.as('service-2'))).toEqual({
      ok: true,
      body: [],
    });
  });

  test('that cannot be recorded is not opened', async () => {
    const { id: grant } = await bench.opened();
    bench.world.recording = false;
    expect(await tries({ grant })).toBe('PST_NO_RECORD');
    expect(bench.story).not.toContain('expect');
    expect(bench.acts().at(-1)).toMatchObject({ kind: 'channelClosed', cause: 'recording-lost' });
  });

  test('whose record waits while the grant ends leads nowhere', async () => {
    const { id: grant } = await bench.opened();
    const disk = Promise.withResolvers<void>();
    bench.world.disk = () => disk.promise;
    const trying = tries({ grant });
    await bench.rest();
    await bench.broker.handlers['grant-end']({ grant, why: '' }, bench.as('lena'));
    disk.resolve();
    expect(await trying).toBe('PST_NOT_NOW');
    expect(bench.story).not.toContain('expect');
  });

  test('refused again and again fills no log', async () => {
    const { id: grant } = await bench.opened();
    for (let time = 0; time < 500; time += 1) await tries({ grant, proof: 'ab'.repeat(32) });
    expect(refusals()).toHaveLength(1);
    await bench.pass(60_001);
    await tries({ grant, proof: 'ab'.repeat(32) });
    expect(refusals()).toHaveLength(2);
  });

  test('of a tool that connects anew for each question is counted, and the latest are kept', async () => {
    const open = await bench.opened();
    for (let time = 0; time < 600; time += 1) {
      bench.say(closedReport(await bench.connect(open), 'client-closed'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await bench.broker.handlers['grant-end']({ grant: open.id, why: '' }, bench.as('lena'));
    await bench.rest();
    expect(bench.acts().find(({ kind }) => kind === 'grantClosed')).toMatchObject({
      channels: 600,
      writes: 600,
      bytesFromServer: 600 * 24,
    });
  });
});

describe('what is done over a channel', () => {
  test('is shown as it happens; writes and refusals are on record as well', async () => {
    const open = await bench.opened();
    const channel = await bench.connect(open);
    const about = {
      what: 'operation',
      channel,
      at: bench.world.wall,
      exceptionCode: 0,
      permission: 'p/1',
    } as const;
    const request = { unit: 1, functionCode: 6, address: 140, values: [25], before: [20] };
    bench.say({
      ...about,
      request: { ...request, functionCode: 3, values: [] },
      write: false,
      outcome: 'passed',
      text: 'READ',
    });
    bench.say({ ...about, request, write: true, outcome: 'passed', text: 'WRITE 20 → 25' });
    bench.say({
      ...about,
      request,
      write: true,
      outcome: 'refused',
      reason: 'too-soon',
      text: 'WRITE 20 → 25',
    });
    const shown = await bench.broker.handlers.operations({ after: 0 }, bench.as('vera'));
    expect(shown).toMatchObject({ body: [{ text: 'READ' }, { write: true }, { reason: 'too-soon' }] });
    const later = await bench.broker.handlers.operations({ after: 2 }, bench.as('vera'));
    expect(later).toMatchObject({ body: [{ number: 3 }] });
    const kept = bench.records.flatMap((one) => (one.kind === 'operation' ? [one] : []));
    expect(kept).toMatchObject([
      { grant: open.id, channel, person: 'service-1', outcome: 'passed', request: { before: [20] } },
      { outcome: 'refused', reason: 'too-soon' },
    ]);
    expect(await bench.see(open.id)).toMatchObject({ writes: 1, refused: 1 });
  });
});
