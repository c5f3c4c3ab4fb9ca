import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Config } from '../../../gateway/config.ts';
import { type EvidenceLog, openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { createLog } from '../../../gateway/log.ts';
import { startForwarder } from '../../../gateway/syslog/forwarder.ts';
import { connectionRecord, noon, refusalRecord, stopped } from '../evidence/samples.ts';
import { makeCertificates, makeCollector, type TestCollector } from './tls-collector.ts';

const name = 'collector.plant.example';
const certificates = makeCertificates(name);
const clock = { wall: () => noon, monotonic: () => performance.now() };
const said: string[] = [];
const log = createLog(
  'syslog',
  new Writable({
    write: (line, _, done) => {
      said.push(String(line));
      done();
    },
  }),
);

let state = '';
let evidence: EvidenceLog;
let collector: TestCollector;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'penstock-syslog-'));
  evidence = await openEvidenceLog(join(state, 'evidence'), {
    maxBytes: 64 * 1024 * 1024,
    segmentBytes: 8192,
    owner: { site: 'waterworks', gateway: 'gw-1' },
    clock,
  });
  collector = makeCollector(certificates);
});
afterEach(async () => {
  await evidence.close();
  await collector.stop().catch(() => undefined);
  await rm(state, { recursive: true });
});

test('hands over what is on record and what comes, each with its number, and leaves the routine out', async () => {
  await collector.start();
  await evidence.appendDurable(stopped('one'));
  const forwarder = await startForwarder(config(), clock, log);
  await evidence.appendDurable(connectionRecord('a'));
  await evidence.appendDurable(stopped('two'));
  evidence.append(refusalRecord());
  await arrived('refuse hmi-1');
  expect(collector.messages.map((text) => /seq="(\d+)".*\ufeff(\w+:? \S+)/.exec(text)?.slice(1))).toEqual([
    ['0', 'stopped: one'],
    ['2', 'stopped: two'],
    ['3', 'refuse hmi-1'],
  ]);
  await forwarder.close();
});

test('waits for a collector that is away and leaves nothing out when it comes back', async () => {
  await collector.start();
  const forwarder = await startForwarder(config(), clock, log);
  await evidence.appendDurable(stopped('before'));
  await arrived('before');
  await collector.stop();
  for (let count = 0; count < 20; count += 1) await evidence.appendDurable(stopped(`away ${count}`));
  await collector.start();
  await arrived('away 19');
  const told = collector.messages.map((text) => Number(/seq="(\d+)"/.exec(text)?.[1]));
  expect([...new Set(told)].sort((one, other) => one - other)).toEqual(
    Array.from({ length: 21 }, (_, at) => at),
  );
  await forwarder.close();
});

test('goes on after a restart where it was, and tells nothing twice that had arrived', async () => {
  await collector.start();
  const first = await startForwarder(config(), clock, log);
  await evidence.appendDurable(stopped('first'));
  await arrived('first');
  await vi.waitFor(async () => expect(await readFile(join(state, 'syslog', 'cursor'), 'utf8')).toBe('1\n'), {
    timeout: 20_000,
    interval: 200,
  });
  await first.close();
  await evidence.appendDurable(stopped('meanwhile'));
  const second = await startForwarder(config(), clock, log);
  await arrived('meanwhile');
  expect(collector.messages.filter((text) => text.includes('first'))).toHaveLength(1);
  await second.close();
});

test('shows itself where the collector asks, and hands nothing to one without the right certificate', async () => {
  const strict = makeCollector(certificates, true);
  await strict.start();
  const identity = {
    certificate: join(certificates.folder, 'own.pem'),
    key: join(certificates.folder, 'own.key'),
  };
  const forwarder = await startForwarder(config({ port: strict.port(), identity }), clock, log);
  await evidence.appendDurable(stopped('shown'));
  await vi.waitFor(() => expect(strict.messages.join()).toContain('shown'), { timeout: 20_000 });
  await forwarder.close();
  await strict.stop();

  const stranger = makeCollector(makeCertificates('other.example'));
  await stranger.start();
  said.length = 0;
  const wrong = await startForwarder(config({ port: stranger.port() }), clock, log);
  await evidence.appendDurable(stopped('not for you'));
  await vi.waitFor(() => expect(said.join()).toMatch(/not reached|altnames|certificate/), {
    timeout: 20_000,
  });
  expect(stranger.messages).toEqual([]);
  await wrong.close();
  await stranger.stop();
});

test('without a collector in gateway.yaml there is nothing to start', async () => {
  await expect(startForwarder({ ...config(), syslog: undefined }, clock, log)).rejects.toThrow(
    /names no collector/,
  );
});

function config(changes: { port?: number; identity?: { certificate: string; key: string } } = {}): Config {
  const authority = join(state, 'collector-ca.pem');
  writeFileSync(authority, certificates.authority);
  const { port = collector.port(), identity } = changes;
  const syslog = { to: { address: '127.0.0.1', port }, name, authority, identity };
  return { state, site: 'waterworks', syslog } as Config;
}

function arrived(words: string): Promise<void> {
  return vi.waitFor(() => expect(collector.messages.join('\n')).toContain(words), {
    timeout: 30_000,
    interval: 50,
  });
}
