import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readModel } from '../../../policy/model/read-model.ts';
import type { Asset, Permission, Profile, ZoneModel } from '../../../policy/model/zone-model.ts';

const minimal = readFileSync(new URL('../../golden/lint/ok/minimal.yaml', import.meta.url), 'utf8');
const permissionText = '{fc: [3], units: [1], address: 0-99}';
const flowText = 'proto: tcp, port: 502, modbus: read}';
const assetText = 'plc: {ip: 10.30.0.11, criticality: high}';

test('the texts of these tests stand in the model they change', () => {
  for (const text of [permissionText, flowText, assetText]) expect(minimal).toContain(text);
});

test('one value, step and condition mean what a list of one means', () => {
  const one = permission('{fc: 6, units: 1, address: 0, value: {max: 9}, max_step: 5, when: WHEN}');
  const list = permission(
    '{fc: [6], units: [1], address: [0], value: [{max: 9}], max_step: {max: 5}, when: [WHEN]}',
  );
  expect({ ...one, at: 0 }).toEqual({ ...list, at: 0 });
  expect(one.step).toEqual({ max: 5, maxPerMinute: undefined, noOlderThan: 0 });
});

test('every field of a permission is read', () => {
  const read = permission(
    `{fc: [8, 16, 20, 43, 90], units: [1-3, 255], address: [0-3, 4-7], sub: [0, 11-13], mei: [14, 13],
         files: [{file: 4, records: 0-99}, {file: 5-6, records: 7}], quantity: {max: 4}, max_bytes: 1480,
         value: [{type: u32, words: little, bytes: little, bits: 4-7, min: 1, max: 15}, {type: s32, words: little, allowed: [3, -1, 3]}],
         max_step: {max: 2.5, per_minute: 10, no_older_than: PT10S}, min_interval: PT2S, writes_per_minute: 6,
         when: [WHEN, {read: {fc: 4, unit: 2, address: 7}, is: 500, no_older_than: PT1M}],
         unknown: allow, on_refuse: {action: exception-close, codes: {interlock: 6, value-out-of-range: 2}}, name: all}`,
  );
  expect(read).toMatchObject({
    id: 'read/1',
    functions: [8, 16, 20, 43, 90],
    subFunctions: [0, 11, 12, 13],
    mei: [13, 14],
    units: [1, 2, 3, 255],
    // Not joined: a value of two registers begins with each range.
    addresses: [
      { first: 0, last: 3 },
      { first: 4, last: 7 },
    ],
    files: [
      { firstFile: 4, lastFile: 4, firstRecord: 0, lastRecord: 99 },
      { firstFile: 5, lastFile: 6, firstRecord: 7, lastRecord: 7 },
    ],
    maxQuantity: 4,
    maxBytes: 1480,
    values: [
      { type: 'u32', words: 'little', bytes: 'little', bits: { first: 4, last: 7 }, min: 1, max: 15 },
      { type: 's32', words: 'little', bytes: 'big', bits: undefined, allowed: [-1, 3] },
    ],
    step: { max: 2.5, maxPerMinute: 10, noOlderThan: 10_000 },
    minInterval: 2000,
    writesPerMinute: 6,
    interlocks: [
      { functionCode: 2, unit: 1, address: 12, is: 1, noOlderThan: 10_000 },
      { functionCode: 4, unit: 2, address: 7, is: 500, noOlderThan: 60_000 },
    ],
    unknown: 'allow',
    refusal: {
      action: 'exception-close',
      exceptionCodes: [
        { reason: 'value-out-of-range', code: 2 },
        { reason: 'interlock', code: 6 },
      ],
    },
  });
});

test('limits and refusal of a profile are read, and what it extends fills in the rest', () => {
  const model = read(
    minimal.replace(
      `      - ${permissionText}`,
      `      - ${permissionText}
    limits: {adu_per_second: 5, outstanding: 8, outstanding_per_unit: 1, request_timeout: PT0.05S,
             connections_per_source: 2, exceptions_per_minute: 30, read_addresses_per_minute: 100,
             read_words_per_minute: 900}
    on_refuse: drop
  more:
    extends: read
    allow: [{fc: 6, units: 1, address: 5, value: {max: 1}}]
    limits: {outstanding: 2}`,
    ),
  );
  const [base, more] = model.profiles as [Profile, Profile];
  expect(base.limits).toEqual({
    aduPerSecond: 5,
    outstanding: 8,
    outstandingPerUnit: 1,
    requestTimeout: 50,
    connectionsPerSource: 2,
    exceptionsPerMinute: 30,
    readAddressesPerMinute: 100,
    readWordsPerMinute: 900,
  });
  expect(more.limits).toEqual({ ...base.limits, outstanding: 2 });
  expect(more.refusal).toEqual({ action: 'drop', exceptionCodes: [] });
  expect(more.stated.outstanding?.line).toBeGreaterThan(base.stated.outstanding?.line ?? Infinity);
  expect(more.permissions.map(({ id }) => id)).toEqual(['read/1', 'more/1']);
});

test('a preset reads, writes and asks, and never more than its name says', () => {
  const preset = (word: string) => permission(`{fc: ${word}, units: [1], address: 0-9}`);
  const reads = [1, 2, 3, 4];
  const writes = [5, 6, 15, 16];
  expect(preset('read-only')).toMatchObject({ functions: reads, subFunctions: [], mei: [] });
  expect(preset('operator')).toMatchObject({ functions: [...reads, ...writes], subFunctions: [], mei: [] });
  const engineering = preset('engineering');
  expect(new Set(engineering.functions)).toEqual(
    new Set([...reads, ...writes, 7, 8, 11, 12, 17, 22, 23, 24, 43]),
  );
  expect(engineering.subFunctions).toEqual([0, 2, 11, 12, 13, 14, 15, 16, 17, 18]);
  expect(engineering.mei).toEqual([14]);
  expect(engineering.readAddresses).toEqual([{ first: 0, last: 9 }]);
  expect(engineering.maxBytes).toBe(0);
});

test('a preset reads files only where files are named', () => {
  const named = permission('{fc: engineering, units: [1], address: 0-9, files: [{file: 1, records: 0-9}]}');
  expect(named.functions).toContain(20);
  expect(named.functions).not.toContain(21);
});

test('a preset on a flow is a profile of its own, for the units its device has', () => {
  const direct = flowProfile('modbus: read-only}', assetText);
  expect(direct).toMatchObject({
    name: 'read-only',
    preset: 'read-only',
    permissions: [{ id: 'read-only/1' }],
  });
  expect(direct.permissions[0]).toMatchObject({
    functions: [1, 2, 3, 4],
    units: [0, 1, 255],
    addresses: [{ first: 0, last: 65_535 }],
    files: [],
  });
  const gateway = flowProfile(
    'modbus: engineering}',
    'plc: {ip: 10.30.0.11, criticality: high, modbus: {device: serial-gateway}}',
  );
  expect(gateway.name).toBe('engineering-serial');
  const [all] = gateway.permissions;
  expect(all?.units).toEqual(Array.from({ length: 247 }, (_, index) => index + 1));
  expect(all?.functions).toContain(20);
  expect(all?.files).toEqual([{ firstFile: 1, lastFile: 65_535, firstRecord: 0, lastRecord: 9999 }]);
});

test('an asset is a device of its own unless it says otherwise', () => {
  expect(asset(assetText).modbus).toEqual({ kind: 'direct', framing: 'mbap', line: undefined });
  expect(
    asset('plc: {ip: 10.30.0.11, criticality: high, modbus: {device: serial-gateway, framing: rtu}}').modbus,
  ).toEqual({ kind: 'serial-gateway', framing: 'rtu', line: undefined });
});

test('a serial line has the defaults of the specification', () => {
  const line = (text: string) =>
    asset(`plc: {ip: 10.30.0.11, criticality: high, serial: {port: rs485-1${text}}}`).modbus.line;
  expect(line('')).toMatchObject({
    port: 'rs485-1',
    baud: 19_200,
    parity: 'even',
    stopBits: 1,
    timeout: 1000,
    units: [],
  });
  expect(line(', parity: none')).toMatchObject({ parity: 'none', stopBits: 2 });
  expect(line(', baud: 9600, parity: odd, stop_bits: 2, timeout: PT0.3S, units: {7: PT3S}')).toMatchObject({
    baud: 9600,
    parity: 'odd',
    stopBits: 2,
    timeout: 300,
    units: [{ unit: 7, timeout: 3000 }],
  });
});

test('a conduit tolerates what it names and stands in audit as a whole, but for flows with a stage', () => {
  const staged = minimal
    .replace(
      '    flows:\n',
      '    tolerate: [late-response, coil-echo-0001]\n    stage: {audit_until: 2027-01-01T00:00:00Z, malformed: pass}\n    flows:\n',
    )
    .concat(
      '      F-02: {src: hmi, dst: plc, proto: tcp, port: 503, modbus: read, stage: {audit_until: 2027-02-01T00:00:00Z}}\n',
      '      F-03: {src: hmi, dst: plc, proto: tcp, port: 22}\n',
    );
  const model = read(staged);
  expect(model.conduits[0]?.tolerances).toEqual(['coil-echo-0001', 'late-response']);
  expect(model.flows.map(({ audit }) => audit && [audit.until, audit.malformed])).toEqual([
    [Date.UTC(2027, 0, 1), true],
    [Date.UTC(2027, 1, 1), false],
    undefined,
  ]);
});

const condition = '{read: {fc: 2, unit: 1, address: 12}, is: 1, no_older_than: PT10S}';

function read(text: string): ZoneModel {
  const result = readModel(text, 'a.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.findings, null, 1));
  return result.model;
}

function permission(text: string): Permission {
  const model = read(minimal.replace(permissionText, text.replaceAll('WHEN', condition)));
  return model.profiles[0]!.permissions[0]!;
}

function flowProfile(modbus: string, device: string): Profile {
  const text = minimal.replace('modbus: read}', modbus).replace(assetText, device);
  return read(text).flows[0]!.profile!;
}

function asset(text: string): Asset {
  return read(minimal.replace(assetText, text)).assets.find(({ name }) => name === 'plc')!;
}
