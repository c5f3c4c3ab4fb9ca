import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { decodePolicy, findProblem } from '../../../rules/bundle/codec.ts';
import { encodePolicy, peekPolicy } from '../../../rules/bundle/payload.ts';
import type { Policy } from '../../../rules/policy.ts';
import { bundleDescriptor } from './descriptor-source.ts';
import { samplePolicy } from './sample-policy.ts';

test('bundle.json is what bundle.proto says (npm run schema writes it)', () => {
  const shipped = readFileSync(new URL('../../../rules/bundle/bundle.json', import.meta.url), 'utf8');
  expect(shipped).toBe(bundleDescriptor());
});

test('a policy comes back as it was', () => {
  expect(decodePolicy(encodePolicy(samplePolicy))).toEqual({ ok: true, policy: samplePolicy });
});

test('the same policy gives the same bytes', () => {
  expect(encodePolicy(structuredClone(samplePolicy))).toEqual(encodePolicy(samplePolicy));
});

test('format and minimum gateway can be read by any release', () => {
  expect(peekPolicy(encodePolicy(samplePolicy))).toEqual({ format: 4, minGateway: '0.1.0' });
  expect(peekPolicy(new Uint8Array())).toBeUndefined();
});

test('a field this release does not know is refused, not passed over', () => {
  const unknown = Uint8Array.of(0x98, 0x06, 0x01); // field 99, varint 1
  expect(decode(concat(encodePolicy(samplePolicy), unknown))).toBe('BUNDLE_NOT_CANONICAL');
});

test('a field written twice is refused', () => {
  const again = Uint8Array.of(0x08, 0x04); // field 1, format 4
  expect(decode(concat(encodePolicy(samplePolicy), again))).toBe('BUNDLE_NOT_CANONICAL');
});

test('a number written longer than needed is refused', () => {
  const [, , ...rest] = encodePolicy(samplePolicy);
  expect(decode(Uint8Array.of(0x08, 0x84, 0x00, ...rest))).toBe('BUNDLE_NOT_CANONICAL');
});

test('a payload that lacks any one required field, at any depth, is refused', () => {
  const proto = readFileSync(new URL('../../../rules/bundle/bundle.proto', import.meta.url), 'utf8');
  const strict = protobuf.parse(proto).root.resolveAll().lookupType(PolicyName);
  const loose = protobuf.parse(proto.replaceAll('required', 'optional')).root.lookupType(PolicyName);
  let refused = 0;
  for (const path of requiredOf(strict, samplePolicy)) {
    const bytes = Uint8Array.from(loose.encode(without(samplePolicy, path)).finish());
    expect(decode(bytes), path.join('/')).toBe('BUNDLE_MALFORMED');
    refused += 1;
  }
  expect(refused).toBeGreaterThan(200);
});

const flow = samplePolicy.flows[0]!;
const permission = samplePolicy.profiles[0]!.permissions[0]!;
const profile = samplePolicy.profiles[0]!;
const withFlow = (change: object): Policy => ({
  ...samplePolicy,
  flows: [{ ...flow, ...change }, ...samplePolicy.flows.slice(1)],
});
const withProfile = (change: object): Policy => ({
  ...samplePolicy,
  profiles: [{ ...profile, ...change }],
});
const withPermission = (change: object): Policy => ({
  ...samplePolicy,
  profiles: [{ ...profile, permissions: [{ ...permission, ...change }] }],
});

const value = permission.values[0]!;
const file = samplePolicy.profiles[0]!.permissions[3]!.files[0]!;
const withValue = (change: object) => withPermission({ values: [{ ...value, ...change }] });
const withLimits = (change: object) => withProfile({ limits: { ...profile.limits, ...change } });
const withCodes = (...exceptionCodes: readonly object[]) =>
  withProfile({ refusal: { action: 'exception', exceptionCodes } });
const withConduit = (change: object) => ({
  ...samplePolicy,
  conduits: [{ ...samplePolicy.conduits[0]!, ...change }, ...samplePolicy.conduits.slice(1)],
});
const lineAsset = samplePolicy.assets[2]!;
const line = lineAsset.modbus.line!;
const withAssets = (...assets: readonly Policy['assets'][number][]) => ({ ...samplePolicy, assets });
const withDevice = (change: object) =>
  withAssets({ ...lineAsset, modbus: { ...lineAsset.modbus, ...change } });
const withLine = (change: object) => withDevice({ line: { ...line, ...change } });

test.for<[string, Policy]>([
  ['format of the past', { ...samplePolicy, format: 1 }],
  ['format of the future', { ...samplePolicy, format: 5 }],
  ['version 0', { ...samplePolicy, version: 0 }],
  ['a validity that ends before it begins', { ...samplePolicy, notAfter: samplePolicy.notBefore }],
  ['a digest of another length', { ...samplePolicy, modelDigest: new Uint8Array(20) }],
  ['a minimum release that is none', { ...samplePolicy, minGateway: 'latest' }],
  ['a site name with a blank', { ...samplePolicy, site: 'a b' }],
  ['a control character in a name', { ...samplePolicy, compiler: 'a\u001b[2J' }],
  ['flow number 0', withFlow({ number: 0 })],
  ['a flow number beyond the mark', withFlow({ number: 0x1000000 })],
  ['two flows of one number', withFlow({ number: 2 })],
  ['two flows of one id', withFlow({ id: 'C-08/F-01', conduit: 'C-08' })],
  ['a flow of no conduit', withFlow({ conduit: 'C-99' })],
  ['a flow without sources', withFlow({ sources: [] })],
  ['a source without prefixes', withFlow({ sources: [{ ...flow.sources[0], prefixes: [] }] })],
  ['a source of another zone', withFlow({ sources: flow.destinations })],
  ['a prefix with host bits', withFlow({ sources: [{ ...flow.sources[0], prefixes: ['10.20.0.10/24'] }] })],
  ['a prefix that is none', withFlow({ sources: [{ ...flow.sources[0], prefixes: ['999.0.0.1/32'] }] })],
  ['port 0', withFlow({ ports: [{ first: 0, last: 0 }] })],
  ['port 65536', withFlow({ ports: [{ first: 1, last: 65_536 }] })],
  ['ports that run backwards', withFlow({ ports: [{ first: 503, last: 502 }] })],
  ['a TCP flow without ports', withFlow({ ports: [] })],
  ['an echo flow with ports', withFlow({ protocol: 'icmp-echo', profile: '' })],
  ['inspected UDP', withFlow({ protocol: 'udp' })],
  ['an unknown protocol', withFlow({ protocol: 'sctp' })],
  ['an unknown profile', withFlow({ profile: 'nothing' })],
  ['a one-way flow of a two-way conduit', withFlow({ oneWay: true })],
  [
    'a gate that states nothing',
    withFlow({ gate: { opensAt: 0, closesAt: 0, schedule: undefined, session: false } }),
  ],
  ['a gate that closes first', withFlow({ gate: { ...flow.gate, opensAt: 10, closesAt: 5 } })],
  [
    'hours that end first',
    withFlow({ gate: { ...flow.gate, schedule: { ...flow.gate!.schedule, to: 100 } } }),
  ],
  ['weekday 0', withFlow({ gate: { ...flow.gate, schedule: { ...flow.gate!.schedule, days: [0] } } })],
  ['function code 0', withPermission({ functions: [0] })],
  ['function code 128', withPermission({ functions: [128] })],
  ['unit 256', withPermission({ units: [256] })],
  ['no unit', withPermission({ units: [] })],
  ['address 65536', withPermission({ addresses: [{ first: 0, last: 65_536 }] })],
  ['addresses that run backwards', withPermission({ addresses: [{ first: 9, last: 1 }] })],
  ['a value that is no number', withValue({ max: Number.NaN })],
  ['an endless value', withValue({ max: Number.POSITIVE_INFINITY })],
  ['a least value above the greatest', withValue({ min: 36 })],
  ['bits of a signed value', withValue({ type: 's16', bits: { first: 0, last: 3 } })],
  ['bits a register does not have', withValue({ bits: { first: 8, last: 16 } })],
  ['bits that run backwards', withValue({ bits: { first: 3, last: 0 } })],
  ['values of different width', withPermission({ values: [value, { ...value, type: 'u32' }] })],
  ['values of different word order', withPermission({ values: [value, { ...value, words: 'little' }] })],
  ['an unknown value type', withValue({ type: 'u128' })],
  ['a negative step', withPermission({ step: { ...permission.step, max: -1 } })],
  [
    'a step that limits nothing',
    withPermission({ step: { max: undefined, maxPerMinute: undefined, noOlderThan: 0 } }),
  ],
  [
    'an interlock on a write',
    withPermission({ interlocks: [{ ...permission.interlocks[0], functionCode: 6 }] }),
  ],
  [
    'an interlock that never gets old',
    withPermission({ interlocks: [{ ...permission.interlocks[0], noOlderThan: 0 }] }),
  ],
  ['a permission without an id', withPermission({ id: '' })],
  ['a permission counted from 0', withPermission({ id: 'scada-setpoints/0' })],
  ['two permissions of one id', withProfile({ permissions: [permission, permission] })],
  [
    'one id for different permissions of two profiles',
    {
      ...samplePolicy,
      profiles: [profile, { ...profile, name: 'other', permissions: [{ ...permission, line: 78 }] }],
    },
  ],
  ['an ADU of 7 bytes', withPermission({ maxBytes: 7 })],
  ['an ADU of 4097 bytes', withPermission({ maxBytes: 4097 })],
  ['a sub-function beyond 16 bits', withPermission({ subFunctions: [65_536] })],
  ['file 0', withPermission({ files: [{ ...file, firstFile: 0 }] })],
  ['record 10000', withPermission({ files: [{ ...file, lastRecord: 10_000 }] })],
  ['files that run backwards', withPermission({ files: [{ ...file, firstFile: 5 }] })],
  ['records that run backwards', withPermission({ files: [{ ...file, firstRecord: 100 }] })],
  ['an answer that is none', withPermission({ refusal: { action: 'ignore', exceptionCodes: [] } })],
  ['anything else for the unknown', withPermission({ unknown: 'guess' })],
  ['exception code 12', withCodes({ reason: 'interlock', code: 12 })],
  ['an exception for a reason there is not', withCodes({ reason: 'bad-mood', code: 1 })],
  [
    'two exceptions for one reason',
    withCodes({ reason: 'interlock', code: 1 }, { reason: 'interlock', code: 2 }),
  ],
  ['no outstanding request', withLimits({ outstanding: 0 })],
  ['more outstanding requests of a unit than any has', withLimits({ outstandingPerUnit: 513 })],
  ['a time-out no server can keep', withLimits({ requestTimeout: 49 })],
  ['a tolerance there is not', withConduit({ tolerances: ['anything'] })],
  ['a tolerance named twice', withConduit({ tolerances: ['unit-echo', 'unit-echo'] })],
  ['malformed requests that pass without an audit stage', withFlow({ auditUntil: 0 })],
  ['a device of no kind', withDevice({ kind: 'both' })],
  ['a framing there is not', withDevice({ framing: 'ascii' })],
  ['a serial line that is no gateway', withDevice({ kind: 'direct' })],
  ['a serial line reached by RTU over TCP', withDevice({ framing: 'rtu' })],
  ['a serial line without an address', withAssets({ ...lineAsset, addresses: [] })],
  ['two lines on one port', withAssets(lineAsset, { ...lineAsset, name: 'other' })],
  ['a line with 3 stop bits', withLine({ stopBits: 3 })],
  ['a line unit beyond 247', withLine({ units: [{ unit: 248, timeout: 10 }] })],
  ['a line unit twice', withLine({ units: [...line.units, ...line.units] })],
  [
    'a mode that keeps an unknown flow',
    {
      ...samplePolicy,
      modes: [{ name: 'x', keep: ['C-1/F-1'], keepsAll: false, recover: [], profiles: [] }],
    },
  ],
  ['a leg in no zone', { ...samplePolicy, interfaces: [{ ...samplePolicy.interfaces[0]!, zone: 'moon' }] }],
  [
    'a leg whose address is none',
    { ...samplePolicy, interfaces: [{ ...samplePolicy.interfaces[0]!, address: '10.0.0.0/99' }] },
  ],
  ['an asset in no zone', { ...samplePolicy, assets: [{ ...samplePolicy.assets[0]!, zone: 'moon' }] }],
  [
    'a MAC address in capitals',
    { ...samplePolicy, assets: [{ ...samplePolicy.assets[0]!, mac: '02:00:5E:10:20:10' }] },
  ],
  ['a conduit to no zone', { ...samplePolicy, conduits: [{ ...samplePolicy.conduits[0]!, to: 'moon' }] }],
])('%s is refused', ([, policy]) => {
  expect(decode(encodePolicy(policy))).toBe('BUNDLE_MALFORMED');
  expect(findProblem(policy)).toBeTypeOf('string');
});

test('the sample itself has no problem', () => {
  expect(findProblem(samplePolicy)).toBeUndefined();
});

test('no bytes make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decodePolicy(bytes).ok).toBe(false);
    }),
  );
});

test('every changed byte is refused or gives a policy that encodes to exactly those bytes', () => {
  const bytes = encodePolicy(samplePolicy);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ flip : byte));
      const decoded = decodePolicy(changed);
      if (decoded.ok) expect(encodePolicy(decoded.policy)).toEqual(changed);
    }),
    { numRuns: 500 },
  );
});

function decode(bytes: Uint8Array): string {
  const decoded = decodePolicy(bytes);
  return decoded.ok ? 'ok' : decoded.code;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const PolicyName = 'penstock.bundle.v1.Policy';

/** The path of every required field in a value of a message type, at any depth. */
function requiredOf(type: protobuf.Type, value: object, path: readonly string[] = []): readonly string[][] {
  return type.fieldsArray.flatMap((field) => {
    const here = [...path, field.name];
    const content: unknown = (value as Record<string, unknown>)[field.name];
    const { resolvedType } = field;
    const inner = resolvedType instanceof protobuf.Type ? resolvedType : undefined;
    const parts = Array.isArray(content) ? content : content === undefined ? [] : [content];
    return [
      ...(field.required ? [here] : []),
      ...parts.flatMap((part: object, index) =>
        inner === undefined ? [] : requiredOf(inner, part, field.repeated ? [...here, String(index)] : here),
      ),
    ];
  });
}

function without(value: object, path: readonly string[]): object {
  const copy = structuredClone(value) as Record<string, unknown>;
  let node = copy;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
  delete node[path.at(-1)!];
  return copy;
}
