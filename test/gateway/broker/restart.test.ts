import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Bench, done, openBench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

function acts(kind: string) {
  return bench.acts().filter((one) => one.kind === kind);
}

test('a restart ends every grant on record, and none comes back', async () => {
  const { id } = await bench.opened();
  await bench.connect(await bench.see(id));
  await bench.pass(60_000);
  await bench.restart();
  await vi.waitFor(() => expect(acts('grantClosed')).toMatchObject([{ grant: id, cause: 'box-restarted' }]));
  expect(bench.broker.granted(bench.world.policy)).toEqual([]);
  expect(bench.carriers().grants).toEqual([]);
  await bench.pass(250);
  expect(await bench.see(id)).toMatchObject({ state: 'closed', cause: 'box-restarted' });
  const { text } = done(await bench.broker.handlers['grant-receipt']({ grant: id }, bench.as('vera')));
  expect(JSON.parse(text)).toMatchObject({ cause: 'box-restarted', channels: [{ cause: 'box-restarted' }] });
});

test('a request does not outlive the process that took it', async () => {
  const asked = await bench.request();
  await bench.restart();
  await vi.waitFor(() => expect(acts('grantRefused')).toMatchObject([{ grant: asked.id, by: '' }]));
  await expect(bench.approve(asked)).rejects.toThrow('PST_NOT_NOW');
});

test('a stop between the wish to open and its record leaves no end without an opening', async () => {
  const asked = await bench.request();
  let writes = 0;
  bench.world.disk = () => {
    writes += 1;
    return writes === 2 ? new Promise(() => undefined) : Promise.resolve();
  };
  void bench.approve(asked).catch(() => undefined);
  await vi.waitFor(() => expect(writes).toBe(2));
  await bench.restart();
  await vi.waitFor(() => expect(acts('grantRefused')).toHaveLength(1));
  expect([acts('grantOpened'), acts('grantClosed')]).toEqual([[], []]);
});

test('a stop between the record of the opening and anything else leaves an end on record', async () => {
  const asked = await bench.request();
  const { id } = asked;
  let writes = 0;
  bench.world.disk = async () => {
    writes += 1;
    if (writes === 2) {
      // The record has reached the disk, and nobody was told of it any more.
      bench.records.push({ kind: 'act', at: bench.world.wall, act: openedAct(id) });
      await new Promise(() => undefined);
    }
  };
  void bench.approve(asked).catch(() => undefined);
  await vi.waitFor(() => expect(writes).toBe(2));
  await bench.restart();
  await vi.waitFor(() => expect(acts('grantClosed')).toMatchObject([{ grant: id, cause: 'box-restarted' }]));
});

test('a log that cannot be read keeps nothing from starting, and what was open is closed', async () => {
  const { id } = await bench.opened();
  bench.world.logReads = false;
  await bench.restart();
  await vi.waitFor(() => expect(acts('grantClosed')).toMatchObject([{ grant: id, cause: 'box-restarted' }]));
});

test('an end that could not be put on record is, by the next start', async () => {
  const { id } = await bench.opened();
  bench.world.evidenceBroken = 'the disk is full';
  bench.broker.look();
  await bench.rest();
  expect(acts('grantClosed')).toEqual([]);
  bench.world.evidenceBroken = '';
  await bench.restart();
  await vi.waitFor(() => expect(acts('grantClosed')).toMatchObject([{ grant: id, cause: 'evidence-lost' }]));
});

function openedAct(grant: string) {
  return {
    kind: 'grantOpened',
    grant,
    until: 0,
    policyVersion: 42,
    policyDigest: new Uint8Array(),
    certificate: new Uint8Array(),
    weak: false,
  } as const;
}

test('a stop between the record of an end and anything else leaves no second end, and a receipt', async () => {
  const { id } = await bench.opened();
  const { disk } = bench.world;
  bench.world.disk = async () => {
    // The end has reached the disk, and nobody was told of it any more.
    bench.records.push({ kind: 'act', at: bench.world.wall, act: closedAct(id) });
    await new Promise(() => undefined);
  };
  done(await bench.broker.handlers['grant-end']({ grant: id, why: 'enough' }, bench.as('lena')));
  await vi.waitFor(() => expect(acts('grantClosed')).toHaveLength(1));
  bench.world.disk = disk;
  await bench.restart();
  await vi.waitFor(async () => expect(await bench.see(id)).toMatchObject({ state: 'closed', receipt: true }));
  expect(await bench.see(id)).toMatchObject({ cause: 'grant-stopped', closedBy: 'lena' });
  expect(acts('grantClosed')).toHaveLength(1);
});

function closedAct(grant: string) {
  const counts = { bytesFromClient: 0, bytesFromServer: 0, channels: 0, writes: 0, refused: 0 };
  return {
    kind: 'grantClosed',
    grant,
    cause: 'grant-stopped',
    by: 'lena',
    why: 'enough',
    ...counts,
  } as const;
}
