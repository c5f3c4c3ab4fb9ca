import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runTests, type TestResult } from '../../../rules/evaluate/run-tests.ts';
import { compileText, Today } from '../../policy/compile/compile-text.ts';

const plant = readFileSync(new URL('../../golden/replay/plant.zones.yaml', import.meta.url), 'utf8');

describe('the tests of a policy', () => {
  test('pass where everything is as they say', () => {
    const [result] = run('{name: t, from: scada-1, to: plc-dosing, proto: icmp-echo, expect: allow}');
    expect(result).toMatchObject({ ok: true, depends: 'timeless' });
  });

  test.for<[string, string]>([
    [
      '{name: t, from: scada-1, to: plc-dosing, proto: tcp, port: 80, expect: allow}',
      'scada-1 → plc-dosing tcp 80 is to pass, and is refused: no-flow, the conduit has no flow for these endpoints and this port.',
    ],
    [
      '{name: t, from: eng-ws, to: plc-dosing, proto: tcp, port: 443, expect: deny, because: no-flow}',
      'eng-ws → plc-dosing tcp 443 is to be refused for no-flow, and passes by C-01/F-04 in line 56.',
    ],
    [
      '{name: t, from: scada-1, to: plc-dosing, expect: deny, because: interlock, modbus: {unit: 1, fc: 6, address: 140, value: 99}}',
      'scada-1 → plc-dosing tcp 502 (WRITE holding register 140 (40141) "Cl2 dose" = 99 (limit 35), unit 1) is to be refused for interlock, and is refused by C-01/F-01 in line 53, rule dose/1 in line 34: value-out-of-range, the value is outside the permitted values.',
    ],
    [
      '{name: t, from: scada-1, to: plc-dosing, proto: icmp-echo, expect: allow, by: C-01/F-01}',
      'scada-1 → plc-dosing icmp-echo is to pass by C-01/F-01, and passes by C-01/F-05 in line 57.',
    ],
    [
      '{name: t, from: scada-1, to: plc-dosing, expect: deny, modbus: {unit: 1, fc: 3, value: 7}}',
      'scada-1 → plc-dosing tcp 502 is to be refused, and cannot be asked: Function code 3 has no value.',
    ],
  ])('%s', ([test_, sentence]) => {
    const [result] = run(test_);
    expect(result?.sentence).toBe(sentence);
    expect(result?.ok).toBe(false);
  });

  test('count what an audit stage lets pass as passing', () => {
    const trial = plant.replace(
      'modbus: dose, ticket',
      'modbus: dose, stage: {audit_until: 2099-01-01T00:00:00Z}, ticket',
    );
    const overdose = 'from: scada-1, to: plc-dosing, modbus: {unit: 1, fc: 6, address: 140, value: 99}';
    const results = run(`{name: a, ${overdose}, expect: deny}, {name: b, ${overdose}, expect: allow}`, trial);
    expect(results.map(({ ok, depends }) => [ok, depends])).toEqual([
      [false, 'now'],
      [true, 'now'],
    ]);
    expect(results[0]?.sentence).toContain(
      'only until 2099-01-01 00:00 UTC, in the audit stage: value-out-of-range',
    );
  });
});

describe('a test of a flow with hours', () => {
  const hours = plant.replace(
    /^ {2}C-01:$/m,
    '  C-01:\n    schedule: {days: [mon], hours: "07:00-16:00", tz: Europe/Stockholm}',
  );
  const ping = 'from: scada-1, to: plc-dosing, proto: icmp-echo';

  test('is no matter of the moment once it says when', () => {
    const results = run(
      `{name: a, ${ping}, expect: allow, given: {at: 2026-11-23T09:00:00Z}}, {name: b, ${ping}, expect: deny, because: outside-schedule, given: {at: 2026-11-24T09:00:00Z}}`,
      hours,
    );
    expect(results.map(({ ok, depends }) => [ok, depends])).toEqual([
      [true, 'timeless'],
      [true, 'timeless'],
    ]);
  });

  test('is one of the moment where it does not', () => {
    const asked = `{name: a, ${ping}, expect: allow}`;
    // Half an hour before the shift ends in winter is over in summer's hours.
    expect(run(asked, hours, Date.UTC(2026, 10, 23, 14, 30))[0]).toMatchObject({ ok: true, depends: 'now' });
    expect(run(asked, hours, Date.UTC(2026, 5, 22, 14, 30))[0]).toMatchObject({ ok: false, depends: 'now' });
  });
});

function run(tests: string, model = plant, now = Today): readonly TestResult[] {
  const [policy] = compileText(`${model}\ntests: [${tests}]\n`).policies.values();
  if (policy === undefined) throw new Error('no policy');
  return runTests(policy, now);
}
