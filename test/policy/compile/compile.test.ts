import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../../policy/compile/compile.ts';
import { CompileCodes } from '../../../policy/compile/findings.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import { isNftBatch } from '../../../rules/nft/schema.ts';
import { compileText, modelOf, options, Today } from './compile-text.ts';

/** A site of two zones; each test changes what it is about. */
const site = `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: small, suc: Test, owner: ot@small.example, policy_version: 3, reviewed: 2026-06-01}
gateways:
  gw:
    interfaces:
      a0: {zone: office, address: 10.1.0.1/24}
      b0: {zone: plant, address: 10.2.0.1/24}
    services:
      ssh: {from: pc, port: 22}
    egress:
      ntp: {to: plc, port: 123, proto: udp}
zones:
  office:
    kind: control
    networks: [10.1.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets:
      pc: {ip: 10.1.0.10, type: workstation, criticality: low}
      bare: {type: workstation, criticality: low}
  plant:
    kind: control
    networks: [10.2.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets:
      plc: {ip: 10.2.0.30, type: plc, criticality: high}
modbus_profiles:
  read:
    allow:
      - {fc: [3], units: [1], address: 0-9}
  other:
    allow:
      - {fc: [4], units: [1], address: 0-9}
conduits:
  C-01:
    from: office
    to: plant
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-1
    flows:
      F-01: {src: pc, dst: plc, proto: tcp, port: 502, modbus: read}
`;
const conduit = (id: string, lines: string) => `  ${id}:
    from: office
    to: plant
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-9
${lines}`;

test('the site of these tests has no finding', () => {
  expect(compileText(site).findings).toEqual([]);
});

test('the same model gives the same bytes, in whichever directory it lies and on whichever day', () => {
  const bytes = (file: string, now: number) => {
    const result = compile(modelOf(site, file), { ...options('gw'), now });
    return result.ok ? encodePolicy(result.policy) : undefined;
  };
  const first = bytes('zones.yaml', Today);
  expect(first).toBeDefined();
  expect(bytes('/srv/plants/north/zones.yaml', Today + 86_400_000)).toEqual(first);
  expect(bytes('C:\\plants\\zones.yaml', Today)).toEqual(first);
});

test('the validity begins with the review unless it is said otherwise, and lasts as the model says', () => {
  const [policy] = compileText(site).policies.values();
  expect(policy).toMatchObject({ notBefore: Date.UTC(2026, 5, 1), notAfter: Date.UTC(2027, 5, 1) });
  const later = compile(modelOf(site), { ...options('gw'), notBefore: Date.UTC(2026, 10, 1) });
  expect(later.ok && later.policy.notAfter).toBe(Date.UTC(2027, 10, 1));
});

test('a permission that has ended is not in the policy; before its end it is', () => {
  const ended =
    site +
    conduit(
      'C-02',
      '    temporary: {opened: 2026-11-01, expires: 2026-11-19T00:00:00Z, approver: me}\n    flows: {F-01: {src: pc, dst: plc, proto: tcp, port: 22}}\n',
    );
  const ids = (now: number) => {
    const result = compile(modelOf(ended), { ...options('gw'), now });
    return result.ok ? result.policy.flows.map(({ id }) => id) : [];
  };
  expect(ids(Date.UTC(2026, 10, 19))).toEqual(['C-01/F-01']);
  expect(ids(Date.UTC(2026, 10, 19) - 1)).toEqual(['C-01/F-01', 'C-02/F-01']);
});

test('only profiles that something uses are in the policy', () => {
  const [policy] = compileText(site).policies.values();
  expect(policy?.profiles.map(({ name }) => name)).toEqual(['read']);
});

test('a thousand flows make elements and no rules', () => {
  const rules = (text: string) => {
    const [policy] = compileText(text).policies.values();
    return (policy?.nft.match(/"rule":/g) ?? []).length;
  };
  const flows = Array.from(
    { length: 1000 },
    (_, index) => `      F-${index}: {src: pc, dst: plc, proto: udp, port: ${2000 + index}}\n`,
  );
  const many = site + conduit('C-02', `    flows:\n${flows.join('')}`);
  const few = site + conduit('C-02', `    flows:\n${flows[0]}`);
  expect(rules(many)).toBe(rules(few));
});

test('what is compiled is of the form the gateway takes', () => {
  for (const policy of compileText(site).policies.values()) {
    expect(isNftBatch(JSON.parse(policy.nft))).toBe(true);
  }
});

const staged = (lines: string) =>
  conduit(
    'C-02',
    `${lines}    stage: {audit_until: 2026-12-24T12:00:00Z, undeclared: pass}
    flows: {F-01: {src: pc, dst: plc, proto: udp, port: 22}}
`,
  );
const vendor = (lines: string) => `vendor_access:
  maker:
    company: Maker
    people: [{id: ann@maker.example}]
    entry: {zone: office, asset: pc}
    contract_ends: 2027-03-31
${lines}`;
const otherGateway = '  gx:\n    interfaces:\n      c0: {zone: office, address: 10.1.0.2/24}\nzones:';

test.for<[keyof typeof CompileCodes, string, (text: string) => string]>([
  [
    'K-811',
    'a flow between zones no box joins',
    (text) =>
      text.replace('      b0: {zone: plant, address: 10.2.0.1/24}\n', '').replace(/ {4}egress:\n.*\n/, ''),
  ],
  [
    'K-813',
    'an inspected flow to a whole zone',
    (text) => text.replace('dst: plc, proto: tcp, port: 502', 'dst: plant, proto: tcp, port: 502'),
  ],
  [
    'K-814',
    'the same packets inspected and not',
    (text) => text + conduit('C-02', '    flows: {F-01: {src: pc, dst: plc, proto: tcp, port: 500-600}}\n'),
  ],
  [
    'K-814',
    'the same packets under two profiles',
    (text) =>
      text +
      conduit('C-02', '    flows: {F-01: {src: pc, dst: plc, proto: tcp, port: 502, modbus: other}}\n'),
  ],
  [
    'K-814',
    'the same packets at different hours',
    (text) =>
      text +
      conduit(
        'C-02',
        '    schedule: {days: [mon], hours: "07:00-16:00", tz: UTC}\n    flows: {F-01: {src: pc, dst: plc, proto: tcp, port: 22}}\n',
      ) +
      conduit(
        'C-03',
        '    schedule: {days: [tue], hours: "07:00-16:00", tz: UTC}\n    flows: {F-01: {src: office, dst: plc, proto: tcp, port: 22}}\n',
      ),
  ],
  [
    'K-815',
    'a service where the box has no address',
    (text) => text.replace('a0: {zone: office, address: 10.1.0.1/24}', 'a0: {zone: office}'),
  ],
  [
    'K-816',
    'a service for a zone the box has no leg in',
    (text) =>
      text.replace(
        'zones:',
        `${otherGateway.replace('zones:', '    services: {page: {from: plc, port: 443}}\nzones:')}`,
      ),
  ],
  [
    'K-817',
    'two zones on one wire without ranges',
    (text) =>
      text.replace(
        'b0: {zone: plant, address: 10.2.0.1/24}',
        'x: {source: 10.2.0.0/24, on: a0, zone: plant}',
      ),
  ],
  ['K-818', 'a model that was never reviewed', (text) => text.replace(', reviewed: 2026-06-01', '')],
  [
    'K-818',
    'a validity that has ended',
    (text) => text.replace('reviewed: 2026-06-01', 'reviewed: 2025-06-01'),
  ],
  ['K-819', 'an asset without address as an end', (text) => text.replace('{src: pc,', '{src: [pc, bare],')],
  [
    'K-820',
    'a zone name too long for a log line',
    (text) => text.replaceAll('office', 'office-of-the-production-manager'),
  ],
  [
    'K-814',
    'the same packets under different limits',
    (text) =>
      text +
      conduit(
        'C-02',
        `    flows:
      F-01: {src: pc, dst: plc, proto: tcp, port: 22, limits: {packets_per_second: 5}}
      F-02: {src: office, dst: plc, proto: tcp, port: 22, limits: {packets_per_second: 9}}
`,
      ),
  ],
  [
    'K-814',
    'the same packets kept by different modes',
    (text) =>
      `${text}${conduit(
        'C-02',
        `    flows:
      F-01: {src: pc, dst: plc, proto: tcp, port: 22}
      F-02: {src: office, dst: plc, proto: tcp, port: 22}
`,
      )}modes: {island: {keep: [C-02/F-01]}, lockdown: {keep: [C-02/F-02]}}
`,
  ],
  [
    'K-824',
    'undeclared traffic into a safety zone',
    (text) => `${text.replace('  plant:\n    kind: control', '  plant:\n    kind: safety')}${staged('')}`,
  ],
  [
    'K-824',
    'undeclared traffic into a zone where a safety system has a leg',
    (text) =>
      text.replace(
        'modbus_profiles:',
        `  sis:
    kind: safety
    sl_t: {level: 3, rationale: test}
    assets:
      sis-plc: {ip: 10.4.0.2, criticality: critical, also_in: plant}
modbus_profiles:`,
      ) + staged(''),
  ],
  ['K-824', 'undeclared traffic on a one-way conduit', (text) => text + staged('    one_way: true\n')],
  [
    'K-824',
    'undeclared traffic on a conduit that ends',
    (text) =>
      text + staged('    temporary: {opened: 2026-11-01, expires: 2026-12-19T00:00:00Z, approver: me}\n'),
  ],
  [
    'K-825',
    'a limit the kernel cannot hold an inspected flow to',
    (text) =>
      text.replace('modbus: read}', 'modbus: read, limits: {connections_per_source: 3, new_per_second: 2}}'),
  ],
  [
    'K-825',
    'new connections of UDP, which is new until it is answered',
    (text) =>
      text +
      conduit(
        'C-02',
        '    flows: {F-01: {src: pc, dst: plc, proto: udp, port: 514, limits: {new_per_second: 10}}}\n',
      ),
  ],
  [
    'K-814',
    'a target of a vendor that stands twice',
    (text) => text + vendor('    targets: [{asset: plc, port: 22}, {asset: plc, port: 22, modbus: read}]\n'),
  ],
  [
    'K-812',
    'a target of a vendor that has an IPv6 address as well',
    (text) =>
      text.replace('ip: 10.2.0.30', 'ip: [10.2.0.30, "fd00::30"]') +
      vendor('    targets: [{asset: plc, port: 22}]\n'),
  ],
  [
    'K-819',
    'a target of a vendor without an address',
    (text) => text + vendor('    targets: [{asset: bare, port: 22}]\n'),
  ],
  [
    'K-826',
    'a target of a vendor no box leads to',
    (text) =>
      text.replace('      b0: {zone: plant, address: 10.2.0.1/24}\n', '').replace(/ {4}egress:\n.*\n/, '') +
      vendor('    targets: [{asset: plc, port: 22}]\n'),
  ],
  [
    'K-826',
    'a flow no box with the entry of its vendor carries',
    (text) =>
      text.replace(
        'zones:\n  office:',
        `  gx:
    interfaces:
      d0: {zone: outside, address: 10.3.0.1/24}
zones:
  outside:
    kind: dmz
    sl_t: {level: 1, rationale: test}
    assets:
      jump: {ip: 10.3.0.10, criticality: low}
  office:`,
      ) +
      conduit('C-02', '    flows: {F-01: {src: pc, dst: plc, proto: tcp, port: 22, requires: session}}\n') +
      vendor('    opens: [C-02/F-01]\n').replace('{zone: office, asset: pc}', '{zone: outside, asset: jump}'),
  ],
  [
    'K-820',
    'a gated flow too long for a log line',
    (text) =>
      text +
      conduit(
        'C-02'.padEnd(32, 'x'),
        '    schedule: {days: [mon], hours: "07:00-16:00", tz: UTC}\n    flows: {F-01-for-the-night-shift: {src: pc, dst: plc, proto: tcp, port: 22}}\n',
      ),
  ],
])('%s: %s', ([code, , change]) => {
  const text = change(site);
  expect(text).not.toBe(site);
  const model = modelOf(text);
  const findings = model.gateways.flatMap(({ name }) => compile(model, options(name)).findings);
  expect(findings.map((finding) => finding.code)).toContain(code);
  for (const finding of findings) {
    expect(finding).toMatchObject({
      file: 'zones.yaml',
      severity: CompileCodes[finding.code as typeof code].severity,
    });
    expect(finding.line).toBeGreaterThan(0);
    expect(finding.message).toMatch(/\.$/);
    expect(finding.hint).toMatch(/\.$/);
  }
});

test('a model with an error gives no policy', () => {
  const result = compile(modelOf(site.replace(', reviewed: 2026-06-01', '')), options('gw'));
  expect(result.ok).toBe(false);
});

test('names as long as a model may have them fit into policy and ruleset', () => {
  const long = (name: string) => name.padEnd(63, 'x');
  const text = site
    .replaceAll(/\b(pc|plc|ssh|ntp|read|small|gw)\b/g, (name) => long(name))
    .replace('C-01', 'C-01'.padEnd(32, 'x'))
    .replace('F-01', 'F-01'.padEnd(32, 'x'));
  const { findings, policies } = compileText(text);
  expect(findings).toEqual([]);
  expect(policies.size).toBe(1);
});

test('every code of the compiler is shown here or in a golden file', () => {
  const own = readFileSync(new URL('compile.test.ts', import.meta.url), 'utf8');
  const ipv6 = readFileSync(new URL('../../golden/compile/ipv6/findings.txt', import.meta.url), 'utf8');
  for (const code of Object.keys(CompileCodes)) {
    // K-823 stands for what the reader should have refused.
    if (code !== 'K-823') expect(`${own}${ipv6}`).toContain(code);
  }
});

test('an unknown gateway is a defect of the caller', () => {
  expect(() => compile(modelOf(site), options('nobody'))).toThrow('no gateway nobody');
});
