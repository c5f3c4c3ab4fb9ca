import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatInstant } from '../../../policy/model/instant.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';

const waterworks = read('waterworks');
const flat = read('flat-network');

test('the waterworks read without a finding', () => {
  expect(waterworks.metadata).toMatchObject({ site: 'riverside-wtp', policyVersion: 42 });
  expect(waterworks.zones.map(({ id }) => id)).toEqual([
    'enterprise',
    'idmz',
    'supervisory',
    'process',
    'safety',
  ]);
  expect(waterworks.flows).toHaveLength(11);
  expect(waterworks.waivers).toHaveLength(6);
});

test('a flow has its ends, profile, owner and ticket resolved, and knows its line', () => {
  const flow = flowOf(waterworks, 'C-05/F-01');
  expect(flow.sources.map((end) => end.kind === 'asset' && end.asset.name)).toEqual(['scada-1']);
  expect(flow.destinations.map((end) => end.kind === 'asset' && end.asset.zone.id)).toEqual([
    'process',
    'process',
  ]);
  expect(flow.profile?.name).toBe('scada-setpoints');
  expect(flow).toMatchObject({ owner: 'ot.eng@riverside.example', ticket: 'CHG-1005', essential: true });
  expect(lineOf('waterworks', flow.at.line)).toContain('F-01: {src: scada-1');
});

test('a profile holds what it extends, inherited permissions first, at the lines they were written', () => {
  const profile = waterworks.profiles.find(({ name }) => name === 'scada-setpoints');
  expect(profile?.permissions.map(({ functions }) => functions)).toEqual([
    [1, 2],
    [3, 4],
    [6],
    [16],
    [6],
    [16],
  ]);
  expect(profile?.permissions.map(({ id }) => id)).toEqual([
    'read-telemetry/1',
    'read-telemetry/2',
    'scada-setpoints/1',
    'scada-setpoints/2',
    'scada-setpoints/3',
    'scada-setpoints/4',
  ]);
  expect(profile?.limits).toMatchObject({ aduPerSecond: 50, outstanding: 4, requestTimeout: 3_000 });
  expect(lineOf('waterworks', profile?.permissions[0]?.at.line ?? 0)).toContain('fc: [1, 2]');
  expect(profile?.aliases).toMatchObject([{ coil: 64, register: 140, bit: 15, name: 'dose inhibit' }]);
});

test('a guarded write carries limits, step, interval and interlock', () => {
  const profile = waterworks.profiles.find(({ name }) => name === 'scada-setpoints');
  expect(profile?.permissions.find(({ name }) => name === 'Cl2 dose, 0.1 mg/l')).toMatchObject({
    units: [1],
    addresses: [{ first: 140, last: 140 }],
    values: [{ type: 'u16', words: 'big', bytes: 'big', bits: undefined, min: 0, max: 35, allowed: [] }],
    step: { max: 5, maxPerMinute: undefined, noOlderThan: 0 },
    minInterval: 5_000,
    interlocks: [{ functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 10_000 }],
    unknown: 'refuse',
  });
});

test('a profile without limits has the defaults', () => {
  const model = readText(minimal());
  expect(model.profiles[0]).toMatchObject({
    limits: {
      aduPerSecond: 0,
      outstanding: 16,
      outstandingPerUnit: 0,
      requestTimeout: 5_000,
      connectionsPerSource: 0,
      exceptionsPerMinute: 0,
      readAddressesPerMinute: 0,
      readWordsPerMinute: 0,
    },
    stated: {},
    refusal: { action: 'exception', exceptionCodes: [] },
  });
});

test('times are instants', () => {
  const conduit = waterworks.conduits.find(({ id }) => id === 'C-06');
  expect(formatInstant(conduit?.temporary?.expires ?? 0)).toBe('2026-11-30T16:00Z');
  expect(conduit?.schedule).toMatchObject({
    days: [1, 2, 3, 4, 5],
    from: 420,
    to: 960,
    timeZone: 'Europe/Stockholm',
  });
  expect(formatInstant(flowOf(waterworks, 'C-05/F-03').audit?.until ?? 0)).toBe('2027-03-31T00:00Z');
});

test('modes keep flows; a conduit stands for all of its flows', () => {
  const [normal, island, lockdown] = waterworks.modes;
  expect(normal).toMatchObject({ name: 'normal', keepsAll: true });
  expect(island?.keep.map(({ id }) => id)).toEqual([
    ...['C-05/F-01', 'C-05/F-02', 'C-05/F-03', 'C-05/F-04', 'C-07/F-01', 'C-08/F-01'],
  ]);
  expect(lockdown?.profiles.map(({ flow, profile }) => [flow.id, profile.name])).toEqual([
    ['C-05/F-01', 'read-telemetry'],
  ]);
});

test('tests are resolved with what is given', () => {
  const dose = waterworks.tests.find(({ name }) => name === 'no dose with the pump stopped');
  expect(dose).toMatchObject({
    protocol: 'tcp',
    port: 502,
    modbus: { unit: 1, functionCode: 6, address: 140, values: [20] },
    given: { last: [{ address: 140, value: 18 }], read: [{ functionCode: 2, address: 12, value: 0 }] },
    because: 'interlock',
  });
});

test('a vendor access is resolved to its entry, flows and targets', () => {
  const [pumpco] = waterworks.vendors;
  expect(pumpco?.entry.asset?.name).toBe('jump-host');
  expect(pumpco?.opens.map(({ flow }) => flow.id)).toEqual(['C-04/F-01']);
  expect(pumpco?.targets.map(({ asset, profile }) => [asset.name, profile?.name])).toEqual([
    ['plc-dosing', 'vendor-diagnosis'],
  ]);
  expect(pumpco?.limits).toMatchObject({ maxDuration: 4 * 3_600_000, idle: 900_000, concurrent: 1 });
});

test('an interface is a whole device, a VLAN, or a source range on a shared wire', () => {
  expect(flat.gateways[0]?.interfaces.map(({ at: _, zone, ...leg }) => ({ zone: zone.id, ...leg }))).toEqual([
    leg('office', { name: 'offices', device: 'lan0', sources: ['192.168.10.128/25'] }),
    leg('supervision', {
      name: 'operators',
      device: 'lan0',
      sources: ['192.168.10.0/26'],
      address: '192.168.10.2/24',
    }),
    leg('reporting', {
      name: 'lan0.30',
      device: 'lan0.30',
      address: '192.168.30.1/24',
      vlan: 30,
      lowerDevice: 'lan0',
    }),
    leg('controllers', { name: 'plc0', device: 'plc0', attach: 'inline' }),
  ]);
});

test('a zone without networks is exactly its assets', () => {
  expect(flat.zones.find(({ id }) => id === 'controllers')).toMatchObject({
    networks: [],
    prefixes: ['192.168.10.71/32', '192.168.10.72/32'],
  });
});

test('an audit-free, ungated flow says so', () => {
  expect(flowOf(flat, 'C-01/F-01')).toMatchObject({
    audit: undefined,
    requiresSession: false,
    ticket: 'PW-101',
  });
});

test('the same text gives the same model', () => {
  expect(read('waterworks')).toEqual(waterworks);
});

test('every problem is reported, not only the first, and none twice', () => {
  const text = minimal()
    .replace('fc: [3]', 'fc: [300]')
    .replace('level: 2', 'level: two')
    .replace('proto: tcp', 'proto: tpc');
  const result = readModel(text, 'a.yaml');
  expect(result.ok).toBe(false);
  expect(result.findings.map(({ line, code }) => [line, code])).toEqual([
    [15, 'S-006'],
    [27, 'S-006'],
    [36, 'S-006'],
  ]);
});

test('a misspelt key does not hide what is wrong with names', () => {
  const text = minimal().replace('ticket: CHG-1', 'tikcet: CHG-1').replace('dst: plc', 'dst: plcc');
  expect(readModel(text, 'a.yaml').findings.map(({ code, hint }) => [code, hint])).toEqual([
    ['S-004', 'Did you mean `ticket`?'],
    ['N-001', 'Did you mean `plc`?'],
  ]);
});

test('names that every object has are ordinary names', () => {
  const text = minimal()
    .replaceAll('plc', 'constructor')
    .replaceAll('hmi', 'toString')
    .replaceAll('F-01', 'valueOf');
  expect(readText(text).flows.map(({ id }) => id)).toEqual(['C-01/valueOf']);
});

function flowOf(model: ZoneModel, id: string) {
  return model.flows.find((flow) => flow.id === id)!;
}

function leg(zone: string, parts: object): object {
  return { zone, address: '', shared: '', sources: [], vlan: 0, lowerDevice: '', attach: 'routed', ...parts };
}

function read(name: string): ZoneModel {
  return readText(textOf(name));
}

function readText(text: string): ZoneModel {
  const result = readModel(text, 'a.yaml');
  expect(result.findings).toEqual([]);
  if (!result.ok) throw new Error('the model does not read');
  return result.model;
}

function textOf(name: string): string {
  return readFileSync(new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url), 'utf8');
}

function lineOf(name: string, line: number): string {
  return textOf(name).split('\n')[line - 1] ?? '';
}

function minimal(): string {
  return readFileSync(new URL('../../golden/lint/ok/minimal.yaml', import.meta.url), 'utf8');
}
