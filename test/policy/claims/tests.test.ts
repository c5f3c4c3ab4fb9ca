import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testFindings } from '../../../policy/claims/tests.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText, modelOf, Today } from '../compile/compile-text.ts';

const plant = readFileSync(new URL('../../golden/replay/plant.zones.yaml', import.meta.url), 'utf8');
const dose = 'from: scada-1, to: plc-dosing, modbus: {unit: 1, fc: 6, address: 140, value: 99}';

describe('a test of the site', () => {
  test('that holds is nothing to speak of', () => {
    expect(
      said(`{name: no overdose, ${dose}, expect: deny, because: value-out-of-range, by: C-01/F-01}`),
    ).toEqual([]);
  });

  test('that fails is an error at its place, with what happens and what to do', () => {
    const text = model(`{name: an overdose, ${dose}, expect: allow}`);
    const [finding, ...rest] = testFindings(modelOf(text, 'plant.yaml'), policiesOf(text), Today);
    expect(rest).toEqual([]);
    expect(finding).toEqual({
      code: 'T-603',
      severity: 'error',
      about: 'an overdose',
      clause: '62443-3-3 SR 3.3',
      message:
        'Test "an overdose" fails: scada-1 → plc-dosing tcp 502 (WRITE holding register 140 (40141) "Cl2 dose" = 99 (limit 35), unit 1) is to pass, and is refused by C-01/F-01 in line 53, rule dose/1 in line 34: value-out-of-range, the value is outside the permitted values.',
      hint: 'Permitted at holding register 140 (40141): 0 to 35.',
      file: 'plant.yaml',
      line: text.split('\n').findIndex((line) => line.includes('an overdose')) + 1,
      col: 5,
    });
  });

  test.for<[string, RegExp]>([
    [
      `{name: t, ${dose}, expect: deny, because: interlock}`,
      /is to be refused for interlock, .*Correct `because`, or what refuses it\.$/,
    ],
    [
      `{name: t, ${dose}, expect: deny, by: C-01/F-02}`,
      /is to be refused by C-01\/F-02, .*Correct `by`, or C-01\/F-01\.$/,
    ],
    [
      '{name: t, from: scada-1, to: plc-dosing, proto: icmp-echo, expect: deny}',
      /and passes by C-01\/F-05 .*Narrow C-01\/F-05, or expect it to pass\.$/,
    ],
    [
      '{name: t, from: scada-1, to: plc-dosing, proto: tcp, port: 80, expect: allow}',
      /no-flow, .*Let the conduit permit it, or expect it to be refused\.$/,
    ],
    [
      '{name: t, from: scada-1, to: plc-dosing, expect: deny, modbus: {unit: 1, fc: 17, value: 3}}',
      /cannot be asked: Function code 17 has no value\. It has nothing but its unit\.$/,
    ],
  ])('%s', ([written, words]) => {
    expect(said(written)).toEqual([expect.stringMatching(words)]);
  });

  test('is asked in the mode and at the time it gives', () => {
    const modes = 'modes: {normal: {}, island: {keep: [C-01/F-05]}}';
    const ping = 'from: scada-1, to: plc-dosing, proto: icmp-echo';
    const kept = `{name: a, ${ping}, expect: allow, given: {mode: island}}`;
    const cut = `{name: b, ${dose}, expect: deny, because: mode-cut, given: {mode: island}}`;
    expect(said(`${kept}, ${cut}`, `${plant}\n${modes}`)).toEqual([]);
  });
});

test('the session of a vendor opens nothing of another vendor', () => {
  const example = readFileSync(
    new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url),
    'utf8',
  );
  const vendor = (name: string, opens: string) =>
    `\n  ${name}:\n    company: C\n    people: [{id: a@b.example, mfa: required}]\n    entry: {zone: idmz, asset: jump-host}\n    opens: [${opens}]`;
  const [before = '', after = ''] = example.split('\nnon_ip_paths:');
  const given = (name: string) =>
    `\n  - {name: ${name} comes in, from: jump-host, to: eng-ws, proto: tcp, port: 3389, expect: allow, given: {session: ${name}}}`;
  const tests = `\ntests:${['pumpco', 'calco', 'idleco'].map(given).join('')}`;
  const text = `${before.trimEnd()}${vendor('calco', 'C-04/F-01')}${vendor('idleco', '')}\nnon_ip_paths:${after}`;
  const model = text.replace('\ntests:', tests);
  const said = testFindings(modelOf(model), policiesOf(model), Today);
  expect(said.map(({ code, about }) => [code, about])).toEqual([['T-603', 'idleco comes in']]);
  expect(said[0]?.message).toContain('no-session');
});

describe('between zones that no one box joins', () => {
  const apart = `${readFileSync(new URL('../../golden/compile/two-gateways/zones.yaml', import.meta.url), 'utf8')}`;

  test('something to be allowed fails, and something to be refused is told to be asked of nobody', () => {
    const ends = endsApart(apart);
    const tests = `{name: a, ${ends}, proto: tcp, port: 1, expect: allow}, {name: b, ${ends}, proto: tcp, port: 1, expect: deny}`;
    const text = `${apart.trimEnd()}\ntests: [${tests}]\n`;
    const findings = testFindings(modelOf(text), policiesOf(text), Today);
    expect(
      findings.map(({ code, severity, message }) => [
        code,
        severity,
        message.replace(/both .* and .*?([,.])/, 'both$1'),
      ]),
    ).toEqual([
      ['T-603', 'error', 'Test "a" fails: no gateway has legs in both, so nothing carries it.'],
      ['T-606', 'warning', 'Test "b" is asked of nobody: no gateway has legs in both.'],
    ]);
  });

  test('nothing is said as long as not all boxes have been asked', () => {
    const text = `${apart.trimEnd()}\ntests: [{name: a, ${endsApart(apart)}, proto: tcp, port: 1, expect: deny}]\n`;
    expect(testFindings(modelOf(text), policiesOf(text).slice(0, 1), Today)).toEqual([]);
  });
});

/** Two assets of the model in whose zones no gateway has both legs. */
function endsApart(text: string): string {
  const { assets, gateways } = modelOf(text);
  for (const from of assets) {
    for (const to of assets) {
      const joined = gateways.some(({ interfaces }) =>
        [from, to].every(({ zone }) => interfaces.some((leg) => leg.zone === zone)),
      );
      if (!joined) return `from: ${from.name}, to: ${to.name}`;
    }
  }
  throw new Error('every two zones are joined');
}

function said(tests: string, text = plant): readonly string[] {
  const whole = model(tests, text);
  return testFindings(modelOf(whole), policiesOf(whole), Today).map(
    ({ message, hint }) => `${message} ${hint}`,
  );
}

function model(tests: string, text = plant): string {
  return `${text}\ntests:\n  - ${tests.replaceAll('}, {', '}\n  - {')}\n`;
}

function policiesOf(text: string): readonly Policy[] {
  return [...compileText(text).policies.values()];
}
