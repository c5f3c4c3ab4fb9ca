import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callAtConsole } from '../../../gateway/cli/console-call.ts';
import { createLoopback, type Loopback, readRegisters } from '../inspector/loopback.ts';
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

test('with a segment of its evidence gone, the plant goes on, nobody is let in, until a person answers for it', async () => {
  const first = box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
  expect(await box.apply(box.sealed({ version: 42 }))).toMatchObject({ ok: true });
  await box.status(isReady);
  first.process.kill('SIGTERM');
  await first.ended;
  const evidence = join(box.config.state, 'evidence');
  const [segment = ''] = readdirSync(evidence).filter((name) => name.endsWith('.seg'));
  rmSync(join(evidence, segment));

  box.startEngine();
  const alarmed = await box.status(
    (status) => isReady(status) && codes(status.alarms).includes('EVIDENCE_BROKEN'),
  );
  expect(alarmed.policyVersion).toBe(42);
  expect(alarmed.evidence.failing).toBe('');
  const client = await eventually(async () => {
    const one = await loopback.connect(box.ports.hmi);
    return one.socket.readyState === 'open' ? one : undefined;
  });
  client.socket.write(readRegisters(1, 140, 1));
  await client.read(11);
  const { why } = await box.act('originStarted');
  expect(why).toContain('were signed');

  const options = { config: box.configFile, by: 'erika' };
  const told = await callAtConsole('evidence', {}, options);
  expect(told).toMatchObject({ ok: true, body: { broken: why } });
  const answer = await callAtConsole('evidence-accept', { why: 'the disk was exchanged' }, options);
  expect(answer).toMatchObject({ ok: true, body: { broken: '' } });
  expect(codes((await box.status()).alarms)).not.toContain('EVIDENCE_BROKEN');
  const { sentence } = await box.act('alarmChanged');
  expect(sentence).toContain('erika');
  expect(sentence).toContain(why);
  expect(sentence).toContain('the disk was exchanged');
}, 120_000);

function codes(alarms: readonly { readonly code: string }[]): string[] {
  return alarms.map(({ code }) => code);
}
