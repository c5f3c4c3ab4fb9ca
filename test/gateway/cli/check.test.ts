import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../../gateway/cli/check.ts';
import { codes } from '../../../gateway/cli/codes.ts';
import { compileFile, readPolicy } from '../../../gateway/cli/policy-source.ts';
import { command } from './command.ts';

const home = mkdtempSync(join(tmpdir(), 'penstock-check-'));
const golden = new URL('../../golden/lint/', import.meta.url);
const minimal = readFileSync(new URL('ok/minimal.yaml', golden), 'utf8');
const at = '2026-11-21T12:00:00Z';
const file = (name: string) => join(home, name);

const telnet = minimal.replace(
  'modbus: read}\n',
  'modbus: read}\n      F-02: {src: hmi, dst: plc, proto: tcp, port: 23}\n',
);
const waived = `${telnet}waivers:
  - {code: C-213, on: C-01, reason: "the switch has nothing else", owner: ops@plant.example, until: 2026-12-24}
`;

beforeAll(() => {
  writeFileSync(file('telnet.zones.yaml'), telnet);
  writeFileSync(file('waived.zones.yaml'), waived);
  writeFileSync(
    file('broken.zones.yaml'),
    minimal.replace('level: 2, rationale: "control', 'level: 0, rationale: "control'),
  );
  writeFileSync(
    file('untrue.zones.yaml'),
    `${minimal}tests:\n  - {name: writing, expect: allow, from: hmi, to: plc, modbus: {unit: 1, fc: 6, address: 0, value: 1}}\n`,
  );
  writeFileSync(
    file('disproved.zones.yaml'),
    `${minimal}invariants:\n  - {id: I-1, never: {from: supervisory, to: process}}\n`,
  );
  writeFileSync(file('noise.json'), '{"site": 1}');
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('text', () => {
  test('has a line for each finding, and the summary counts what is waived', async () => {
    const open = await command(() => check(file('telnet.zones.yaml'), { at }));
    const accepted = await command(() => check(file('waived.zones.yaml'), { at }));
    expect(open.err).toContain('C-213 warning: C-01/F-02 opens tcp 23 into process');
    expect(accepted.err).not.toContain('C-213');
    expect(accepted.out).toMatch(/\d findings, none an error, 1 waived$/);
    expect([open.status, accepted.status]).toEqual([0, 0]);
  });
});

describe('JSON', () => {
  test('keeps what is waived, with reason, owner and end', async () => {
    const said = await command(() => check(file('waived.zones.yaml'), { at, json: true }));
    const body = JSON.parse(said.out) as Record<string, unknown>;
    expect(body).toMatchObject({
      errors: 0,
      waived: 1,
      suppressed: [
        {
          code: 'C-213',
          about: 'C-01/F-02',
          clause: '62443-3-3 SR 4.1',
          waiver: { reason: 'the switch has nothing else', owner: 'ops@plant.example' },
        },
      ],
    });
    expect(said.err).toBe('');
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly partialFingerprints: Readonly<Record<string, string>>;
        readonly suppressions?: readonly { readonly status: string; readonly justification: string }[];
      }[];
    },
  ];
}

describe('SARIF', () => {
  const sarifOf = async (name: string) =>
    JSON.parse((await command(() => check(file(name), { at, sarif: true }))).out) as Sarif;

  test('gives every result its rule, level and place', async () => {
    const { version, runs } = await sarifOf('broken.zones.yaml');
    expect(version).toBe('2.1.0');
    const [{ tool, results }] = runs;
    const result = results.find(({ ruleId }) => ruleId === 'Z-110');
    expect(result).toMatchObject({
      level: 'error',
      locations: [
        {
          physicalLocation: { region: { startLine: 21, startColumn: 5 } },
          logicalLocations: [{ name: 'process' }],
        },
      ],
      properties: { clause: '62443-3-2 ZCR 5.6' },
    });
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('suppresses what is waived, and says why', async () => {
    const [{ results }] = (await sarifOf('waived.zones.yaml')).runs;
    const suppressed = results.filter(({ suppressions }) => suppressions !== undefined);
    expect(suppressed).toMatchObject([{ ruleId: 'C-213', level: 'warning' }]);
    expect(suppressed[0]?.suppressions).toEqual([
      {
        kind: 'inSource',
        status: 'accepted',
        justification: 'the switch has nothing else (ops@plant.example, until 2026-12-24T00:00Z)',
      },
    ]);
  });

  test('knows a finding again when lines move', async () => {
    writeFileSync(file('moved.zones.yaml'), `# one line more\n${telnet}`);
    const [before, after] = [await sarifOf('telnet.zones.yaml'), await sarifOf('moved.zones.yaml')];
    const prints = ({ runs: [{ results }] }: Sarif) =>
      results.map(({ ruleId, partialFingerprints }) => [ruleId, partialFingerprints]).sort();
    expect(prints(after)).toEqual(prints(before));
  });

  test('and JSON at once are a usage error', async () => {
    const said = await command(() => check(file('telnet.zones.yaml'), { json: true, sarif: true }));
    expect(said.status).toBe(2);
  });
});

describe('what was observed', () => {
  test('is taken as penstock observed prints it, from each gateway', async () => {
    const path = new URL('err/R-709-never-used.observed.json', golden).pathname;
    const model = new URL('err/R-709-never-used.yaml', golden).pathname;
    const said = await command(() => check(model, { at, observed: [path] }));
    expect(said.err).toContain('R-709 warning: Nothing has used C-01/F-02 in the 45 days');
    expect((await command(() => check(model, { at }))).err).not.toContain('R-709 warning');
  });

  test('is a usage error where the file is something else', async () => {
    for (const name of ['noise.json', 'telnet.zones.yaml', 'nowhere.json']) {
      const said = await command(() => check(file('telnet.zones.yaml'), { at, observed: [file(name)] }));
      expect(said.status).toBe(2);
    }
  });
});

describe('check and compile', () => {
  test.for(['telnet', 'waived', 'broken', 'untrue', 'disproved'])('agree about %s', async (name) => {
    const model = file(`${name}.zones.yaml`);
    const now = Date.parse(at);
    const compiled = compileFile(model, { gateway: undefined, notBefore: 'unimportant', now });
    const said = await command(() => check(model, { at }));
    expect(compiled.ok).toBe(said.status === 0);
  });

  test('neither takes a model whose test or invariant fails', async () => {
    const untrue = await command(() => check(file('untrue.zones.yaml'), { at }));
    const disproved = await command(() => check(file('disproved.zones.yaml'), { at }));
    expect(untrue.err).toContain('T-603');
    expect(disproved.err).toContain('T-603');
    expect([untrue.status, disproved.status]).toEqual([1, 1]);
  });
});

test('a model whose test fails can still be asked why', () => {
  const read = readPolicy(file('untrue.zones.yaml'), undefined, Date.parse(at));
  expect(read.ok).toBe(true);
  expect(read.findings.map(({ code }) => code)).toContain('T-603');
});

describe('codes', () => {
  test('are listed with severity, clause and what a clean model has', async () => {
    const said = await command(() => codes(undefined, {}));
    expect(said.out).toMatch(/C-213 +warning +62443-3-3 SR 4\.1 +Nothing is administered in clear text\./);
    expect(said.out.split('\n').length).toBeGreaterThan(90);
  });

  test('one code gives everything looked for under it', async () => {
    expect((await command(() => codes('z-108', {}))).out.split('\n')).toHaveLength(2);
    const { out } = await command(() => codes('z-108', { json: true }));
    expect(JSON.parse(out)).toHaveLength(2);
  });

  test('a code there is not is a usage error', async () => {
    expect((await command(() => codes('Q-000', {}))).status).toBe(2);
  });
});
