import { FieldNames } from '../../../rules/evaluate/request-fields.ts';
import { runTests } from '../../../rules/evaluate/run-tests.ts';
import { writtenWord } from '../../../rules/modbus/message/access.ts';
import { firstGroup, groupFile, groupRecord } from '../../../rules/modbus/message/file-groups.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import { readValue, valueCheck } from '../../../rules/modbus/permission/value.ts';
import type { ValueRule } from '../../../rules/modbus/profile.ts';
import type { Policy, VendorRule } from '../../../rules/policy.ts';
import type { AskedRequest, PolicyTestRule, TestGiven } from '../../../rules/policy-test.ts';
import type { EndpointRef, Permission } from '../../model/zone-model.ts';
import { type AccessPiece, witness } from '../access.ts';
import { spansOfEnd } from '../ends.ts';
import { type End, endsOf, type Permitter } from '../permit.ts';
import { exampleRequest } from '../requests/example-request.ts';
import type { RequestBox } from '../requests/request-box.ts';
import { meets, type Spans } from '../sets/spans.ts';

/** A test that passes on the model and fails on what it was changed to. */
export interface Suggestion {
  readonly rule: PolicyTestRule;
  /** As a line of `tests:`. */
  readonly text: string;
}

/**
 * A test for what a changed model permits more or less. Each is tried on both: only one that tells them apart is
 * suggested. It bears the name of what it is against.
 */
export function suggestTest(
  more: readonly AccessPiece[],
  less: readonly AccessPiece[],
  name: string,
  policies: readonly Policy[],
  mutated: readonly Policy[],
  now: number,
): Suggestion | undefined {
  const vendors = [...policies, ...mutated].flatMap((policy) => policy.vendors);
  const rules = [
    ...more.slice(0, MostTried).flatMap((piece) => rulesOf(piece, 'deny', name, vendors)),
    ...less.slice(0, MostTried).flatMap((piece) => rulesOf(piece, 'allow', name, vendors)),
  ];
  const before = passing(rules, policies, now);
  const after = passing(rules, mutated, now);
  const rule = rules.find((each) => before.has(each) && !after.has(each));
  return rule && { rule, text: textOf(rule) };
}

/** The tests that pass on every box that knows both their ends, of which there is one. */
function passing(
  rules: readonly PolicyTestRule[],
  policies: readonly Policy[],
  now: number,
): ReadonlySet<PolicyTestRule> {
  const results = policies.flatMap((policy) => {
    const names = new Set(policy.assets.map(({ name }) => name));
    const tests = rules.filter(({ client, server }) => names.has(client) && names.has(server));
    return runTests({ ...policy, tests }, now);
  });
  const failed = new Set(results.filter(({ ok }) => !ok).map(({ test }) => test));
  return new Set(results.map(({ test }) => test).filter((test) => !failed.has(test)));
}

/** Tests of an example of each part of a piece, in each mode in which it passes; none where an end is no asset. */
function rulesOf(
  piece: AccessPiece,
  expect: 'allow' | 'deny',
  name: string,
  vendors: readonly VendorRule[],
): readonly PolicyTestRule[] {
  const { by, packets, requests, modes } = piece;
  const { sources, destinations } = endsOf(by);
  const client = assetIn(sources, packets.source);
  const server = assetIn(destinations, packets.destination);
  const example = witness(piece);
  if (client === undefined || server === undefined || example === undefined) return [];
  const boxes = typeof requests === 'string' ? [] : requests.slice(0, MostTried);
  const asked = boxes.flatMap((box) => {
    const request = exampleRequest(box);
    return request === undefined
      ? []
      : [{ request: askedOf(request, box.permission), ...knownFor(request, box) }];
  });
  const given = { at: undefined, session: sessionFor(by, vendors) };
  const base = {
    name,
    line: 0,
    client,
    server,
    protocol: packets.protocol,
    port: example.port,
    expect,
  } as const;
  return (asked.length === 0 ? [{ request: undefined, last: [], read: [] }] : asked).flatMap(
    ({ request, last, read }) =>
      modes.map(
        (mode): PolicyTestRule => ({
          ...base,
          request,
          given: { ...given, mode, last, read },
          by: '',
          because: '',
        }),
      ),
  );
}

/** The vendor whose session opens it; empty where none does. */
function sessionFor(by: Permitter, vendors: readonly VendorRule[]): string {
  if (by.kind === 'vendor') return by.vendor.id;
  if (by.kind !== 'flow' || !by.flow.requiresSession) return '';
  return vendors.find(({ opens }) => opens.includes(by.flow.id))?.id ?? '';
}

/** What must be known of the server for its limits to let a write pass: no step to make, interlocks satisfied. */
function knownFor(request: Request, { permission, terms }: RequestBox): Pick<TestGiven, 'last' | 'read'> {
  if (permission === undefined || terms.length === 0) return { last: [], read: [] };
  const { step, interlocks, values } = permission;
  const width = valueCheck(values[0] ?? PlainRegister, undefined).width;
  const written = step === undefined ? [] : valuesOf(request, permission);
  return {
    last: written.map((value, at) => ({ address: request.writeAddress + at * width, value })),
    read: interlocks.map(({ functionCode, address, is }) => ({ functionCode, address, value: is })),
  };
}

function assetIn(ends: readonly End[], addresses: Spans<bigint>): string | undefined {
  const end = ends.find(
    (each): each is Extract<EndpointRef, { kind: 'asset' }> =>
      each.kind === 'asset' && meets(spansOfEnd(each), addresses),
  );
  return end?.asset.name;
}

/** The request as a person states it: values in the type the permission gives them. */
function askedOf(request: Request, permission: Permission | undefined): AskedRequest {
  const { unit, functionCode, subFunction, readAddress, readQuantity, writeAddress, writeQuantity } = request;
  const [isWrite, isRead] = [writeQuantity > 0, readQuantity > 0];
  const group = firstGroup(request);
  const isMask = functionCode === 22;
  const values = isWrite && !isMask ? valuesOf(request, permission) : [];
  const isFifo = functionCode === 24;
  return {
    unit,
    functionCode,
    address: isWrite ? writeAddress : isRead ? readAddress : undefined,
    quantity: isRead && !isWrite && !isFifo && readQuantity > 1 ? readQuantity : undefined,
    values,
    readAddress: isWrite && isRead ? readAddress : undefined,
    readQuantity: isWrite && isRead ? readQuantity : undefined,
    andMask: isMask ? request.andMask : undefined,
    orMask: isMask ? request.orMask : undefined,
    subFunction: functionCode === 8 || functionCode === 90 ? subFunction : undefined,
    mei: functionCode === 43 ? subFunction : undefined,
    file: group >= 0 ? groupFile(request, group) : undefined,
    record: group >= 0 ? groupRecord(request, group) : undefined,
  };
}

function valuesOf(request: Request, permission: Permission | undefined): readonly number[] {
  const { functionCode, writeQuantity } = request;
  const words = Array.from({ length: writeQuantity }, (_, at) => writtenWord(request, at));
  const [rule] = permission?.values ?? [];
  if (rule === undefined || functionCode === 5 || functionCode === 15) return words;
  const check = valueCheck({ ...rule, bits: undefined }, undefined);
  const count = writeQuantity / check.width;
  return Array.from({ length: count }, (_, at) =>
    readValue(check, Uint16Array.from(words.slice(at * check.width, (at + 1) * check.width))),
  );
}

function textOf({ name, client, server, protocol, port, request, given, expect }: PolicyTestRule): string {
  const service = protocol === 'icmp-echo' ? [`proto: ${protocol}`] : [`proto: ${protocol}`, `port: ${port}`];
  const way =
    request === undefined
      ? service
      : [...(port === 502 ? [] : [`port: ${port}`]), `modbus: ${requestText(request)}`];
  const last = given.last.map(({ address, value }) => `${address}: ${value}`).join(', ');
  const read = given.read.map((each) => `${each.functionCode}.${each.address}: ${each.value}`).join(', ');
  const known = [
    ...(given.mode === 'normal' ? [] : [`mode: ${given.mode}`]),
    ...(given.session === '' ? [] : [`session: ${given.session}`]),
    ...(last === '' ? [] : [`last: {${last}}`]),
    ...(read === '' ? [] : [`read: {${read}}`]),
  ];
  const words = known.length === 0 ? way : [...way, `given: {${known.join(', ')}}`];
  return `{name: ${JSON.stringify(name)}, from: ${client}, to: ${server}, ${words.join(', ')}, expect: ${expect}}`;
}

function requestText(asked: AskedRequest): string {
  const words = Object.entries(Words).flatMap(([key, word]) => {
    const value = asked[key as keyof AskedRequest];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    const text = Array.isArray(value) && value.length > 1 ? `[${value.join(', ')}]` : String(value);
    return [`${word}: ${text}`];
  });
  return `{${words.join(', ')}}`;
}

const Words: Record<keyof AskedRequest, string> = { unit: 'unit', functionCode: 'fc', ...FieldNames };
const PlainRegister: ValueRule = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: undefined,
  max: undefined,
  allowed: [],
};
const MostTried = 8;
