import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine } from '../../../gateway/cli/engine-client.ts';
import { MetricsBody } from '../../../gateway/ipc/snapshot.ts';
import { controlSocket } from '../../../gateway/run/processes.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { createLoopback, type Loopback, readRegisters, writeRegister } from '../inspector/loopback.ts';
import { type Box, eventually, isReady, openBox } from './box.ts';

let box: Box;
let loopback: Loopback;
beforeEach(async () => {
  box = await openBox();
  loopback = createLoopback();
});
afterEach(async () => {
  loopback.close();
  await box.close();
});

test('what passed and what was refused until an inspector was killed is all on record, and in the metrics', async () => {
  box.startEngine();
  for (let number = 0; number < 3; number += 1) box.startInspector();
  await box.status();
  expect(await box.apply(box.sealed())).toMatchObject({ ok: true });
  let seen = { connections: 0, requests: 0, refused: 0 };
  for (let round = 0; round < 2; round += 1) {
    const { inspectors } = await box.status((status) => isReady(status));
    // Some connections end before, some are open when it dies, and nobody has been told of the last of them.
    for (let number = 0; number < 10; number += 1) {
      const client = await loopback.connect(box.ports.hmi);
      client.socket.write(readRegisters(1, 140, 1));
      await client.read(11);
      client.socket.write(writeRegister(2, 100, 350));
      await client.read(11 + 9);
      if (number % 2 === 0) client.socket.end();
    }
    process.kill(inspectors.find(({ spare }) => !spare)!.pid, 'SIGKILL');
    seen = { connections: seen.connections + 10, requests: seen.requests + 20, refused: seen.refused + 10 };
    await eventually(box.records, (records) => died(records) === round + 1);
    expect(await counted()).toEqual(seen);
    expect(
      totals(await eventually(box.records, (records) => totals(records).refusals >= seen.refused)),
    ).toEqual({
      ...seen,
      refusals: seen.refused,
    });
  }
});

function died(records: readonly EvidenceRecord[]): number {
  return records.filter((one) => one.kind === 'act' && one.act.kind === 'processDied').length;
}

function totals(records: readonly EvidenceRecord[]) {
  const sum = { connections: 0, requests: 0, refused: 0, refusals: 0 };
  for (const one of records) {
    if (one.kind === 'refusal') sum.refusals += one.count;
    if (one.kind !== 'connection' && one.kind !== 'connections') continue;
    sum.connections += one.kind === 'connection' ? 1 : one.count;
    sum.requests += one.requests;
    sum.refused += one.refused;
  }
  return sum;
}

async function counted() {
  const answer = await askEngine(
    controlSocket(box.config),
    { kind: 'ask', id: 1, what: 'metrics' },
    MetricsBody,
  );
  if (!answer.ok) throw new Error('no answer');
  const sum = { connections: 0, requests: 0, refused: 0 };
  for (const { opened, requests } of answer.body.flows) {
    sum.connections += opened;
    for (const { verdict, count } of requests) {
      sum.requests += count;
      if (verdict === 'refuse') sum.refused += count;
    }
  }
  return sum;
}
