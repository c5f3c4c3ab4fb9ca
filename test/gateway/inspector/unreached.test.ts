import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { createCarriages } from '../../../gateway/inspector/carriage.ts';
import { createConnections } from '../../../gateway/inspector/connections.ts';
import { createCounters } from '../../../gateway/inspector/counters.ts';
import { createOutbox } from '../../../gateway/inspector/outbox.ts';
import { createPolicySlot } from '../../../gateway/inspector/policy-slot.ts';
import { BurstOfKind } from '../../../gateway/inspector/record-budget.ts';
import { createRefusalWindow } from '../../../gateway/inspector/refusal-window.ts';
import { createLines } from '../../../gateway/inspector/serial/lines.ts';
import { createStreamLeg } from '../../../gateway/inspector/stream-leg.ts';
import type { RecordMessage } from '../../../gateway/ipc/told-book.ts';
import { createGates } from '../../../rules/admission/gates.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import { samplePolicy } from './sample.ts';

test('clients that keep trying a dead server leave no names behind while no engine is there', async () => {
  const told: RecordMessage[] = [];
  const outbox = createOutbox((message) => isHere && told.push(message) > 0);
  let isHere = false;
  let ended = 0;
  const gates = createGates();
  const never = () => Promise.reject(new Error('no serial ports'));
  const connections = createConnections({
    epoch: '0123456789abcdef',
    clock: systemClock,
    ...inForce(),
    gates,
    counters: createCounters(),
    refusals: createRefusalWindow(),
    limits: { perPair: 1_000, total: 1_000 },
    carriages: createCarriages({
      clock: systemClock,
      gates,
      lines: createLines({ open: never, now: systemClock.monotonic, onPort: () => undefined }),
    }),
    onOpened: outbox.opened,
    onClosed: (connection, wasOpened) => {
      ended += 1;
      outbox.closed(connection, wasOpened);
    },
  });
  const client = { address: '10.10.0.10', port: 40_000 };
  const server = { address: '10.20.0.20', port: 502 };
  for (let tries = 0; tries < Tries; tries += 1) {
    connections.arrive({
      leg: createStreamLeg(new Socket()),
      client,
      server,
      locate: () => ({ client: client.address, server: server.address, port: server.port }),
      dial: () => Promise.reject(new Error('connection refused')),
    });
  }
  await vi.waitFor(() => expect(ended).toBe(Tries));
  isHere = true;
  outbox.flush();
  expect(told).toMatchObject([
    { summed: [], sums: [{ count: Tries - BurstOfKind, reason: 'server-unreachable' }] },
  ]);
});

function inForce() {
  const policy = createPolicySlot();
  const payload = encodePolicy(samplePolicy());
  const digest = createHash('sha256').update(payload).digest('hex');
  policy.prepare(digest, payload);
  policy.activate(digest);
  return policy;
}

const Tries = 2 * BurstOfKind;
