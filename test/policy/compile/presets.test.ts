import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Presets } from '../../../policy/model/presets.ts';
import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import { parseRequest } from '../../../rules/modbus/message/parse-request.ts';
import { createRequest } from '../../../rules/modbus/message/request.ts';
import { decide } from '../../../rules/modbus/permission/decide.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText } from './compile-text.ts';

const minimal = readFileSync(new URL('../../golden/lint/ok/minimal.yaml', import.meta.url), 'utf8');

const read = ['1', '2', '3', '4'];
const write = ['5', '6', '15', '16'];
const diagnose = [0, 2, 11, 12, 13, 14, 15, 16, 17, 18].map((sub) => `8/${sub}`);
const engineer = ['7', ...diagnose, '11', '12', '17', '20', '22', '23', '24', '43/14'];

/** Everything a preset lets pass, written out: what is not here is refused. */
const expected: Record<(typeof Presets)[number], readonly string[]> = {
  'read-only': read,
  operator: [...read, ...write],
  engineering: [...read, ...write, ...engineer],
};

test.for(Presets)('%s lets exactly its functions pass, whatever is asked', (preset) => {
  const policy = compiled(preset, 'direct');
  expect(
    new Set(
      messages()
        .filter(({ pdu }) => passes(policy, 1, pdu))
        .map(({ name }) => name),
    ),
  ).toEqual(new Set(expected[preset]));
});

test.for(Presets)('%s lets no other function pass behind a serial gateway', (preset) => {
  const policy = compiled(preset, 'serial-gateway');
  expect(
    new Set(
      messages()
        .filter(({ pdu }) => passes(policy, 7, pdu))
        .map(({ name }) => name),
    ),
  ).toEqual(new Set(expected[preset]));
});

test.for(Presets)('%s reaches the one device, or every unit but the broadcast', (preset) => {
  const units = (kind: 'direct' | 'serial-gateway', pdu: readonly number[]) =>
    Array.from({ length: 256 }, (_, unit) => unit).filter((unit) =>
      passes(compiled(preset, kind), unit, pdu),
    );
  const readOne = [3, 0xff, 0xff, 0, 1];
  const writeOne = [6, 0, 0, 0, 1];
  expect(units('direct', readOne)).toEqual([0, 1, 255]);
  const behind = Array.from({ length: 247 }, (_, index) => index + 1);
  expect(units('serial-gateway', readOne)).toEqual(behind);
  expect(units('serial-gateway', writeOne)).toEqual(preset === 'read-only' ? [] : behind);
});

test('a preset that only a mode names is compiled as well', () => {
  const mode = 'modes:\n  normal: {}\n  lockdown: {keep: [C-01/F-01], modbus: {C-01/F-01: read-only}}\n';
  const [policy] = compileText(`${minimal.trimEnd()}\n${mode}`).policies.values();
  expect(policy?.profiles.map(({ name }) => name)).toEqual(['read', 'read-only']);
});

/** A well-formed message of every function, sub-function and MEI type there could be. */
function messages(): readonly { readonly name: string; readonly pdu: readonly number[] }[] {
  const bare = Array.from({ length: 127 }, (_, index) => index + 1).filter(
    (code) => code !== 8 && code !== 43,
  );
  return [
    ...bare.map((code) => ({ name: String(code), pdu: [code, ...(Bodies[code] ?? [0, 0])] })),
    ...Array.from({ length: 30 }, (_, sub) => ({ name: `8/${sub}`, pdu: [8, 0, sub, 0, 0] })),
    ...Array.from({ length: 30 }, (_, mei) => ({
      name: `43/${mei}`,
      pdu: mei === 14 ? [43, 14, 1, 0] : [43, mei, 0],
    })),
  ];
}

/** MAP V1.1b3 §6: what follows the function code in the shortest request. */
const Bodies: Readonly<Record<number, readonly number[]>> = {
  1: [0, 0, 0, 1],
  2: [0, 0, 0, 1],
  3: [0, 0, 0, 1],
  4: [0, 0, 0, 1],
  5: [0, 0, 0xff, 0],
  6: [0, 0, 0, 1],
  7: [],
  11: [],
  12: [],
  15: [0, 0, 0, 1, 1, 1],
  16: [0, 0, 0, 1, 2, 0, 1],
  17: [],
  20: [7, 6, 0, 1, 0, 0, 0, 1],
  21: [9, 6, 0, 1, 0, 0, 0, 1, 0, 1],
  22: [0, 0, 0, 0, 0, 1],
  23: [0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1],
  24: [0, 0],
};

function passes(policy: Policy, unit: number, pdu: readonly number[]): boolean {
  const [profile] = policy.profiles;
  const device = policy.assets.find(({ name }) => name === 'plc');
  if (profile === undefined || device === undefined) throw new Error('the model has both');
  const adu = Uint8Array.of(0, 1, 0, 0, 0, pdu.length + 1, unit, ...pdu);
  const request = createRequest();
  if (parseRequest(adu, 0, adu.length, request) !== 'request') return false;
  const state = createDeviceState(device.modbus.kind);
  state.watch(profile, Number.NEGATIVE_INFINITY);
  return decide(profile, request, state, 0).kind === 'allow';
}

const policies = new Map<string, Policy>();

function compiled(preset: string, kind: string): Policy {
  const key = `${preset} ${kind}`;
  const known = policies.get(key);
  if (known !== undefined) return known;
  const text = minimal
    .replace('criticality: high}\nmodbus', `criticality: high, modbus: {device: ${kind}}}\nmodbus`)
    .replace('modbus: read}', `modbus: ${preset}}`);
  const [policy] = compileText(text).policies.values();
  if (policy === undefined) throw new Error('it compiles');
  policies.set(key, policy);
  return policy;
}
