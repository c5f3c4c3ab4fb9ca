import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGrantStore } from '../../../gateway/broker/grant-store.ts';
import { DefaultLimits } from '../../../gateway/broker/parts.ts';
import { evidencePort } from '../../../gateway/engine/evidence-port.ts';
import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { type Bench, closedReport, done, openBench } from './bench.ts';
import { withVendor } from './vendor-policy.ts';

/*
 * Grants sessions as fast as it can until it is killed: real log, real store, and a file instead of kernel and
 * inspectors. What takes effect is written there at once and waits for nothing: `open ID` when a gate opens, `expect
 * ID` when an inspector is told of a channel. Each step is named on standard output.
 */
const [directory = '', last = ''] = process.argv.slice(2);
const owner = { site: 'riverside-wtp', gateway: 'cgw-01' };
const clock = { wall: Date.now, monotonic: () => performance.now() };
const evidenceDirectory = join(directory, 'evidence');
const log = await openEvidenceLog(evidenceDirectory, {
  ...{ maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024, clock, owner },
});
// As every engine begins: a digest is of the box that says so.
const begun = { kind: 'started', release: '0.1.0', ...owner, backEnd: 'proxy' } as const;
await log.appendDurable({ kind: 'act', at: Date.now(), act: begun } satisfies EvidenceRecord);

/** What passed over a channel that nobody used. */
const Nothing = { bytesFromClient: 0, bytesFromServer: 0, requests: 0, writes: 0, refused: 0, pieces: 0 };
const effects = join(directory, 'effects');
const said = new Set<string>();
const policy = withVendor({ limits: { maxDuration: 0, idle: 0, concurrent: 3 } });
const bench: Bench = await openBench(
  { policy: { ...policy, vendors: policy.vendors.map(anyTime) } },
  {
    clock,
    limits: { ...DefaultLimits, requestsPerHour: Number.POSITIVE_INFINITY },
    store: openGrantStore(directory),
    evidence: evidencePort(log, evidenceDirectory, owner),
    time: () => ({ now: Date.now(), synchronised: true, newestEvidence: 0 }),
    turnGates: async () => {
      for (const { grant } of bench.broker.summary().open) say('open', grant);
    },
    recorder: { begin: async () => undefined, take: () => undefined, end: async () => 0 },
    channels: {
      expect: ({ channel }) => {
        say('expect', channel);
        queueMicrotask(() => bench.say({ what: 'expected', channel, path: '/run/a.sock' }));
        return 'epoch';
      },
      end: (channels, reason) => {
        for (const channel of channels) {
          queueMicrotask(() => bench.say({ ...closedReport(channel, reason), ...Nothing }));
        }
      },
      recorded: () => undefined,
    },
  },
);

function say(what: string, id: string): void {
  const line = `${what} ${id}\n`;
  if (said.has(line)) return;
  said.add(line);
  appendFileSync(effects, line);
}

function step(what: string): void {
  process.stdout.write(`${what}\n`);
}

async function session(): Promise<void> {
  const open = await bench.opened({ length: 3_600_000 });
  step('opened');
  if (open.state === 'open') {
    await bench.connect(open).catch(() => undefined);
    step('connected');
  }
  done(await bench.broker.handlers['grant-end']({ grant: open.id, why: '' }, bench.as('lena')));
  step('ended');
}

step('began');
if (last === '') for (;;) await Promise.all([session(), session()]).catch(() => step('refused'));
// The last life closes what the others left, and ends in order.
for (;;) {
  const alive = done(await bench.broker.handlers.grants({}, bench.as('vera')));
  if (alive.every(({ state, receipt }) => state === 'refused' || receipt)) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await bench.broker.close();
await log.close();

function anyTime(one: (typeof policy.vendors)[number]): (typeof policy.vendors)[number] {
  const gate = { opensAt: 0, closesAt: 0, schedule: undefined, session: true };
  return { ...one, targets: one.targets.map((flow) => ({ ...flow, gate })) };
}
