import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine } from '../../../gateway/cli/engine-client.ts';
import { learnFrom } from '../../../gateway/cli/learn.ts';
import { ObservationBody } from '../../../gateway/ipc/snapshot.ts';
import { controlSocket } from '../../../gateway/run/processes.ts';
import { command } from '../cli/command.ts';
import {
  type Client,
  createLoopback,
  type Loopback,
  readRegisters,
  writeRegister,
} from '../inspector/loopback.ts';
import { type Box, eventually, isReady, openBox } from './box.ts';

const Example = new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url).pathname;

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

test('what permissions were used is counted, over a change of policy and a restart of the engine', async () => {
  const former = box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
  expect(await box.apply(box.sealed({ version: 42 }))).toMatchObject({ ok: true });
  await box.status(isReady);
  const client = await connected(box.ports.hmi);
  for (let count = 1; count <= 3; count++) await reads(client, count);
  client.socket.write(writeRegister(4, 100, 350));
  await client.read(3 * 11 + 9);

  // FC 3 at 140 is the second line of read-telemetry; the refused write is a use of nothing.
  expect(await useWhen('read-telemetry/2', 3)).toMatchObject({ hits: 3 });
  expect(await useWhen('C-05/F-02', 3)).toMatchObject({ hits: 3 });
  expect(await useWhen('scada-setpoints/1', 0)).toMatchObject({ hits: 0, last: 0 });

  expect(await box.apply(box.sealed({ version: 43 }))).toMatchObject({ ok: true });
  client.socket.write(readRegisters(5, 140, 1));
  await client.read(4 * 11 + 9);
  const before = await useWhen('read-telemetry/2', 4);
  // What was refused can be learned from, address by address.
  const learned = await command(() =>
    learnFrom(Example, undefined, { minCount: '5', margin: '0', live: true, config: box.configFile }),
  );
  expect(learned.status).toBe(0);
  expect(learned.err).toContain('hmi-1 → plc-dosing FC 6 Write Single Register 100, unit 1: 1 time');

  former.process.kill('SIGTERM');
  await former.ended;
  box.startEngine();
  await box.status(isReady);
  client.socket.write(readRegisters(6, 140, 1));
  await client.read(5 * 11 + 9);
  const after = await useWhen('read-telemetry/2', 5);
  expect(after).toMatchObject({ hits: 5, since: before.since });
});

async function useWhen(id: string, hits: number) {
  const message = { kind: 'ask', id: 1, what: 'observation' } as const;
  return eventually(async () => {
    const answer = await askEngine(controlSocket(box.config), message, ObservationBody).catch(
      () => undefined,
    );
    if (answer?.ok !== true) return undefined;
    const use = [...answer.body.flows, ...answer.body.permissions].find((one) => one.id === id);
    return use !== undefined && use.hits >= hits ? use : undefined;
  });
}

async function connected(port: number): Promise<Client> {
  return eventually(async () => {
    const client = await loopback.connect(port);
    return client.socket.readyState === 'open' ? client : undefined;
  });
}

/** One request and its answer, the `count`th of this client. */
async function reads(client: Client, count: number): Promise<void> {
  client.socket.write(readRegisters(count, 140, 1));
  await client.read(count * 11);
}
