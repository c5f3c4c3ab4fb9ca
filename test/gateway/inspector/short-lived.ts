/**
 * Lets connections come and go at once, as an inspector carries them, on legs without a network, and says how many bytes
 * of each V8 has put where its quick collections do not look. A program, since that counts all that a process holds.
 */
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { systemClock } from '../../../gateway/clock.ts';
import { createCarriages } from '../../../gateway/inspector/carriage.ts';
import type { Arrival } from '../../../gateway/inspector/carrier.ts';
import { createConnections } from '../../../gateway/inspector/connections.ts';
import { createCounters } from '../../../gateway/inspector/counters.ts';
import { Deaf, type Leg, type LegEvents } from '../../../gateway/inspector/leg.ts';
import { createOutbox } from '../../../gateway/inspector/outbox.ts';
import { createPolicySlot } from '../../../gateway/inspector/policy-slot.ts';
import { createRefusalWindow } from '../../../gateway/inspector/refusal-window.ts';
import { createLines } from '../../../gateway/inspector/serial/lines.ts';
import { createGates } from '../../../rules/admission/gates.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import { samplePolicy } from './sample.ts';

const Ask = Uint8Array.of(0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1);
const Answer = Uint8Array.of(0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7);
const Warm = 2_000;
const Counted = 8_000;

class FakeLeg implements Leg {
  events: LegEvents = Deaf;
  isFull = false;
  isFinished = false;
  isGone = false;

  follow(events: LegEvents): void {
    this.events = events;
  }
  read(): void {}
  add(): void {}
  send(): void {}
  flush(): void {
    this.events.sent();
  }
  segments(): number {
    return 1;
  }
  withdraw(): boolean {
    return true;
  }
  finish(): void {
    this.isFinished = true;
  }
  reset(): void {
    this.drop();
  }
  drop(): void {
    if (this.isGone) return;
    this.isGone = true;
    process.nextTick(() => this.events.gone(false));
  }
}

function arrival(open: (readonly [FakeLeg, FakeLeg])[]): Arrival {
  const leg = new FakeLeg();
  const client = { address: '10.10.0.10', port: 40_000 };
  const server = { address: '10.20.0.20', port: 502 };
  return {
    leg,
    client,
    server,
    locate: () => ({ client: client.address, server: server.address, port: server.port }),
    dial: async () => {
      const other = new FakeLeg();
      open.push([leg, other]);
      return other;
    },
  };
}

/** Bytes of what V8 does not look at in its quick collections. */
function oldSpace(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size;
}

const gates = createGates();
const policy = createPolicySlot();
const payload = encodePolicy(samplePolicy());
const digest = createHash('sha256').update(payload).digest('hex');
policy.prepare(digest, payload);
policy.activate(digest);
const never = () => Promise.reject(new Error('no serial ports'));
const lines = createLines({ open: never, now: systemClock.monotonic, onPort: () => undefined });
const outbox = createOutbox(() => true);
const connections = createConnections({
  epoch: '0123456789abcdef',
  clock: systemClock,
  table: policy.table,
  mode: policy.mode,
  gates,
  counters: createCounters(),
  refusals: createRefusalWindow(),
  limits: { perPair: 64, total: 64 },
  carriages: createCarriages({ clock: systemClock, gates, lines }),
  onOpened: outbox.opened,
  onClosed: outbox.closed,
});
const open: (readonly [FakeLeg, FakeLeg])[] = [];
let kept = 0;
let before = oldSpace();
for (let count = 0; count < Warm + Counted; count += 1) {
  if (count % 50 === 0) {
    const now = oldSpace();
    // Less is where all of the memory was searched.
    if (count > Warm) kept += Math.max(0, now - before);
    before = now;
  }
  connections.arrive(arrival(open));
  await turn();
  if (open.length < 16) continue;
  const [client, server] = open.shift()!;
  client.events.data(Ask);
  server.events.data(Answer);
  for (const leg of [client, server]) leg.drop();
  await turn();
}
console.log(JSON.stringify({ open: connections.open().length, kept: kept / Counted }));
process.exit();
