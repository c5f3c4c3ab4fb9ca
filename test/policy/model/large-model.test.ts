import { expect, test } from 'vitest';
import { hasErrors } from '../../../policy/finding.ts';
import { lint } from '../../../policy/lint/lint.ts';
import { readModel } from '../../../policy/model/read-model.ts';

const zones = 100;
const assetsPerZone = 100;
const flowsPerConduit = 50;

test('ten thousand assets and five thousand flows are read and checked', () => {
  const result = readModel(largeModel('a'), 'large.yaml');
  if (!result.ok) throw new Error('the large model does not read');
  expect(result.model.assets).toHaveLength(zones * assetsPerZone);
  expect(result.model.flows).toHaveLength(zones * flowsPerConduit);
  expect(hasErrors(lint(result.model, { now: 0, observed: [] }))).toBe(false);
});

test('five thousand unknown names are all reported, and only the first come with a guess', () => {
  const { findings } = readModel(largeModel('b'), 'large.yaml');
  expect(findings).toHaveLength(zones * flowsPerConduit);
  expect(findings.filter(({ hint }) => hint.startsWith('Did you mean'))).toHaveLength(100);
});

/** A ring of zones; the second destination of each flow is named with `letter`, the assets with `a`. */
function largeModel(letter: string): string {
  return [
    'apiVersion: penstock/v1',
    'kind: ZoneModel',
    'metadata: {site: large, owner: ops@plant.example, policy_version: 1}',
    'gateways:',
    '  box:',
    '    interfaces:',
    ...times(zones, (zone) => [`      leg${zone}: {zone: z${zone}, address: 10.${zone}.0.1/16}`]),
    '    services: {ssh: {from: a0-0, port: 22}}',
    'zones:',
    ...times(zones, zoneLines),
    'modbus_profiles: {read: {allow: [{fc: [3], units: [1], address: 0-99}]}}',
    'conduits:',
    ...times(zones, (zone) => conduitLines(zone, (zone + 1) % zones, letter)),
  ].join('\n');
}

function zoneLines(zone: number): string[] {
  return [
    `  z${zone}:`,
    '    kind: control',
    `    networks: [10.${zone}.0.0/16]`,
    '    sl_t: {level: 2, rationale: "reasons"}',
    '    assets:',
    ...times(assetsPerZone, (asset) => [
      `      a${zone}-${asset}: {ip: 10.${zone}.0.${asset + 10}, criticality: high}`,
    ]),
  ];
}

function conduitLines(from: number, to: number, letter: string): string[] {
  return [
    `  C-${from}:`,
    `    from: z${from}`,
    `    to: z${to}`,
    '    sl_t: {level: 2, rationale: "same"}',
    '    purpose: polling',
    '    ticket: CHG-1',
    '    flows:',
    ...times(flowsPerConduit, (flow) => [
      `      F-${flow}: {src: a${from}-${flow}, dst: [a${to}-${flow}, ${letter}${to}-${flow + 1}], proto: tcp, port: 502, modbus: read}`,
    ]),
  ];
}

function times(count: number, lines: (index: number) => string[]): string[] {
  return Array.from({ length: count }, (_, index) => lines(index)).flat();
}
