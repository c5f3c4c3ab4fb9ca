import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { report } from '../../../gateway/cli/report.ts';
import type { Report } from '../../../policy/report/report.ts';
import { type Box, isReady, openBox } from '../engine/box.ts';
import { command } from './command.ts';

const example = fileURLToPath(new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url));

let box: Box;
beforeEach(async () => {
  box = await openBox();
});
afterEach(() => box.close());

function written(out: string): Report {
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report;
}

test('a running gateway is asked how it is and what it saw, and only what it said is reported', async () => {
  box.startEngine();
  box.startInspector();
  box.startInspector();
  await box.status();
  await box.apply(box.sealed());
  const { now, policyDigest } = await box.status(isReady);
  const out = join(dirname(box.configFile), 'report');
  const said = await command(() => report(example, { out, config: box.configFile }));
  expect(said).toMatchObject({ status: 0, err: '' });
  const { live, observed, zones } = written(out);
  const check = (kind: string) => live.find((one) => one.kind === kind);
  expect(check('policy')?.value).toContain(policyDigest.slice(0, 12));
  expect(check('policy')?.at).toBeGreaterThanOrEqual(now);
  // It is no packet filter, so nothing about a boundary can be met by it.
  expect(check('deny-by-default')).toMatchObject({ ok: false });
  expect(check('evidence')?.value).toMatch(/^\d+ records kept, none lost$/);
  expect(observed.map(({ gateway }) => gateway)).toEqual(['cgw-01']);
  expect(zones.flatMap(({ requirements }) => requirements.map(({ status }) => status))).not.toContain('met');
});

test('a gateway that is not there is said so, and nothing is written', async () => {
  const out = join(dirname(box.configFile), 'report');
  const said = await command(() => report(example, { out, config: box.configFile }));
  expect(said).toMatchObject({ status: 3, out: '' });
  expect(said.err).toContain('PST_ERR_ENGINE_GONE');
  expect(() => written(out)).toThrow('ENOENT');
});
