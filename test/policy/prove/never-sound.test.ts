import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Invariant, RequestSelection, Selection } from '../../../policy/model/claims.ts';
import type { EndpointRef, ZoneModel } from '../../../policy/model/zone-model.ts';
import { proveInvariants } from '../../../policy/prove/invariants.ts';
import { writtenWord } from '../../../rules/modbus/message/access.ts';
import { functionCode } from '../../../rules/modbus/message/function-code.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import { anyDataRequest, anyOtherRequest } from '../../rules/modbus/arbitrary-requests.ts';
import { judge } from '../../rules/modbus/judging.ts';
import { Now, plant } from './plants.ts';

const Codes = [1, 2, 3, 4, 5, 6, 15, 16, 22, 23];

/** One client, one server, and what it may say there. */
function site(allow: readonly string[]): ZoneModel {
  const zone = (name: string, at: number) =>
    `  ${name}: {kind: control, networks: [10.${at}.0.0/24], sl_t: {level: 2, rationale: r}, assets: {${name}-1: {ip: 10.${at}.0.5, criticality: low}}}`;
  return plant(
    ['a', 'b'],
    [
      'zones:',
      zone('a', 1),
      zone('b', 2),
      'modbus_profiles:',
      '  p:',
      '    allow:',
      ...allow.map((each) => `      - ${each}`),
      'conduits:',
      '  C-1: {from: a, to: b, sl_t: {level: 2, rationale: r}, purpose: p, ticket: t, flows: {F-1: {src: a-1, dst: b-1, proto: tcp, port: 502, modbus: p}}}',
    ].join('\n'),
  );
}

const range = fc.tuple(fc.nat(20), fc.nat(6)).map(([first, more]) => `${first}-${first + more}`);
const value = fc.constantFrom(
  '',
  ', value: {min: 3, max: 40}',
  ', value: {allowed: [0, 7, 300]}',
  ', value: {type: s16, min: -4, max: 4}',
  ', value: {bytes: little, max: 900}',
  ', value: {bits: 0-3, max: 5}',
  ', value: {type: u32, max: 70000}',
  ', value: {type: f32, words: little, min: -1, max: 2}',
);
const permission = fc
  .record({
    codes: fc.subarray(Codes, { minLength: 1 }),
    units: fc.subarray([0, 1, 255], { minLength: 1 }),
    range,
    read: range,
    value,
  })
  .map(
    ({ codes, units, range: address, read, value: limits }) =>
      `{fc: [${codes.join(', ')}], units: [${units.join(', ')}], address: ${address}, read_address: ${read}${limits}}`,
  );

const selection: fc.Arbitrary<RequestSelection> = fc.record({
  class: fc.constantFrom(undefined, 'read', 'write' as const),
  functions: fc.oneof(fc.constant([]), fc.subarray(Codes)),
  units: fc.oneof(fc.constant([]), fc.subarray([0, 1, 2, 255])),
  addresses: fc.oneof(
    fc.constant([]),
    fc.array(
      fc.tuple(fc.nat(24), fc.nat(4)).map(([first, more]) => ({ first, last: first + more })),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  values: fc.option(
    fc
      .tuple(fc.constantFrom(0, 1, 4, 8, 41, 256, 1024, 16_000, 32_768, 65_530), fc.constantFrom(0, 3, 500))
      .map(([min, more]) => ({ min, max: Math.min(65_535, min + more) })),
    { nil: undefined },
  ),
});

const units = fc.constantFrom(0, 1, 2, 255);
const request = fc.oneof(
  { arbitrary: anyDataRequest(units, 31), weight: 9 },
  { arbitrary: anyOtherRequest(units), weight: 1 },
);

describe('a statement about requests', () => {
  test('that holds is met by no request that the decision permits; one that does not, by its example', () => {
    let [held, broke] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(permission, { minLength: 1, maxLength: 3 }),
        selection,
        fc.array(request, { minLength: 60 }),
        (allow, modbus, asked) => {
          const model = site(allow);
          const everyone: readonly EndpointRef[] = model.zones.map((zone) => ({
            kind: 'zone',
            zone,
            at: zone.at,
          }));
          const what = { protocol: undefined, ports: [], modbus };
          const invariant: Invariant = {
            at: { line: 1, column: 1 },
            id: 'I',
            kind: 'never',
            from: everyone as Selection,
            to: '*',
            what,
          };
          const [result] = proveInvariants({ ...model, invariants: [invariant] }, Now);
          const { name, limits, refusal, permissions } = model.profiles[0]!;
          const profile = {
            name,
            limits,
            refusal,
            aliases: [],
            permissions: permissions.map((each) => ({ ...each, line: 1 })),
          };
          if (result?.outcome === 'broken') {
            const example = result.examples[0]?.request;
            expect(example && judge(profile, example).kind).toBe('allow');
            expect(example && isMeant(modbus, example)).toBe(true);
            broke++;
            return;
          }
          if (result?.outcome === 'holds') held++;
          for (const each of asked) {
            if (judge(profile, each).kind !== 'allow') continue;
            if (result?.outcome === 'holds') expect(isMeant(modbus, each)).toBe(false);
          }
          // What can be told apart is told: nothing here is opaque, aliased or a bit field of two registers.
          expect(result?.outcome).not.toBe('unproved');
        },
      ),
      { numRuns: 250 },
    );
    expect(Math.min(held, broke)).toBeGreaterThan(30);
  });
});

/** Found by the property above: the registers beside a value, and the other word of it, are not what is meant. */
test.for([
  ['a register that no whole value reaches', '0-2', { first: 1, last: 2 }, 'holds'],
  ['the first word of the next value', '0-3', { first: 1, last: 2 }, 'broken'],
] as const)('a value of two words is looked for at its own place: %s', ([, address, range, outcome]) => {
  const model = site([
    `{fc: [16], units: [255], address: ${address}, value: {type: f32, words: little, min: -1, max: 2}}`,
  ]);
  const everyone = model.zones.map((zone) => ({ kind: 'zone', zone, at: zone.at }) as const);
  const modbus = {
    class: undefined,
    functions: [],
    units: [],
    addresses: [range],
    values: { min: 65_530, max: 65_530 },
  };
  const what = { protocol: undefined, ports: [], modbus };
  const at = { line: 1, column: 1 };
  const invariant: Invariant = { at, id: 'I', kind: 'never', from: everyone, to: '*', what };
  const [result] = proveInvariants({ ...model, invariants: [invariant] }, Now);
  expect(result?.outcome).toBe(outcome);
  const example = result?.outcome === 'broken' ? result.examples[0]?.request : undefined;
  expect(example === undefined || isMeant(modbus, example)).toBe(true);
});

/** The meaning of a selection, one request at a time, at a direct device. */
function isMeant(what: RequestSelection, asked: Request): boolean {
  const access = functionCode(asked.functionCode)?.access;
  const [writes, reads] = [access !== 'read', access !== 'write'];
  if (what.class === 'write' && !writes) return false;
  if (what.class === 'read' && !reads) return false;
  if (what.functions.length > 0 && !what.functions.includes(asked.functionCode)) return false;
  const unitsMeant = what.units.some((unit) => unit === 0 || unit === 255)
    ? [0, 255, ...what.units]
    : what.units;
  if (what.units.length > 0 && !unitsMeant.includes(asked.unit)) return false;
  if (what.addresses.length === 0 && what.values === undefined) return true;
  const places = what.addresses.length === 0 ? [{ first: 0, last: 0xffff }] : what.addresses;
  const isThere = (address: number) => places.some(({ first, last }) => first <= address && address <= last);
  const written = Array.from({ length: asked.writeQuantity }, (_, at) => at).filter((at) =>
    isThere(asked.writeAddress + at),
  );
  const read = Array.from({ length: asked.readQuantity }, (_, at) => at).filter((at) =>
    isThere(asked.readAddress + at),
  );
  const { values } = what;
  if (values === undefined)
    return (what.class !== 'read' && written.length > 0) || (what.class !== 'write' && read.length > 0);
  const isValue = (word: number) => values.min <= word && word <= values.max;
  return what.class !== 'read' && written.some((at) => wordsLeft(asked, at).some(isValue));
}

/** What a write leaves in one place: one word, or of a mask write any of several. */
function wordsLeft(asked: Request, at: number): readonly number[] {
  if (asked.functionCode !== 22) return [writtenWord(asked, at)];
  const words: number[] = [];
  for (let free = asked.andMask; ; free = (free - 1) & asked.andMask) {
    words.push(free | (asked.orMask & ~asked.andMask & 0xffff));
    if (free === 0) return words;
  }
}
