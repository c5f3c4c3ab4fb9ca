import { expect, test } from 'vitest';
import { compileText } from './compile-text.ts';

/** Two flows of one way; the kernel attributes each packet to one of them. */
const text = (modes: string, second = 'F-02: {src: office, dst: plc, proto: tcp, port: 440-450}') => `
apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: kept, suc: Test, owner: ot@kept.example, policy_version: 1, reviewed: 2026-06-01}
gateways: {gw: {interfaces: {a0: {zone: office, address: 10.1.0.1/24}, b0: {zone: plant, address: 10.2.0.1/24}}}}
zones:
  office:
    kind: control
    networks: [10.1.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {pc: {ip: 10.1.0.10, type: workstation, criticality: low}}
  plant:
    kind: control
    networks: [10.2.0.0/24]
    sl_t: {level: 1, rationale: test}
    assets: {plc: {ip: 10.2.0.30, type: plc, criticality: high}}
conduits:
  C-01:
    from: office
    to: plant
    sl_t: {level: 1, rationale: test}
    purpose: Test
    ticket: T-1
    flows:
      F-01: {src: pc, dst: plc, proto: tcp, port: 443}
      ${second}
modes: {normal: {}, ${modes}}
`;

test.for<[string, string]>([
  ['both', 'island: {keep: [C-01]}'],
  ['neither', 'island: {keep: []}'],
  ['the first', 'island: {keep: [C-01/F-01]}'],
  ['the second', 'island: {keep: [C-01/F-02]}'],
  ['one, and another mode both', 'island: {keep: [C-01/F-01]}, lockdown: {keep: [C-01]}'],
])('flows that permit the same packets may meet where a mode keeps %s', ([, modes]) => {
  expect(compileText(text(modes)).findings).toEqual([]);
});

test('flows that permit the same packets and are kept by different modes are refused', () => {
  const modes = 'island: {keep: [C-01/F-01]}, lockdown: {keep: [C-01/F-02]}';
  expect(compileText(text(modes)).findings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'K-814 C-01/F-02 and C-01/F-01 permit some of the same packets and are kept by different modes.',
  ]);
});

test('so is one that is always open and cut beside one that is not and kept', () => {
  const gated = 'F-02: {src: office, dst: plc, proto: tcp, port: 440-450, requires: session}';
  expect(compileText(text('island: {keep: [C-01/F-02]}', gated)).findings).toMatchObject([{ code: 'K-814' }]);
  expect(compileText(text('island: {keep: [C-01/F-01]}', gated)).findings).toEqual([]);
});
