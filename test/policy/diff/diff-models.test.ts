import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../policy/compile/compile.ts';
import { diffModels } from '../../../policy/diff/diff-models.ts';
import { diffPolicies } from '../../../policy/diff/diff-policies.ts';
import { type AccessChange, isSame } from '../../../policy/diff/difference.ts';
import { differenceJson, differenceMarkdown, differenceText } from '../../../policy/diff/difference-text.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { type AccessPiece, witness } from '../../../policy/prove/access.ts';
import { addressText } from '../../../policy/prove/packet-box.ts';
import { createEvaluator, type Evaluator } from '../../../rules/evaluate/evaluator.ts';
import { writtenWord } from '../../../rules/modbus/message/access.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import type { Policy } from '../../../rules/policy.ts';

const golden = (name: string) => fileURLToPath(new URL(`../../golden/diff/${name}`, import.meta.url));
const Example = fileURLToPath(new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url));
const Now = Date.parse('2026-11-18T12:00:00Z');
const old = modelOf(readFileSync(golden('old.zones.yaml'), 'utf8'), 'old.zones.yaml');
const next = modelOf(readFileSync(golden('new.zones.yaml'), 'utf8'), 'new.zones.yaml');

describe('a difference of two models', () => {
  test('is told by conduit, with owner, ticket and line, and names what is weaker now', async () => {
    await expect(`${differenceText(diffModels(old, next, Now))}\n`).toMatchFileSnapshot(golden('diff.txt'));
  });

  test('stands in a review as Markdown', async () => {
    const text = differenceMarkdown(diffModels(old, next, Now), 'old.zones.yaml', 'new.zones.yaml');
    await expect(`${text}\n`).toMatchFileSnapshot(golden('diff.md'));
  });

  test('is what a program reads', () => {
    const json = JSON.parse(differenceJson(diffModels(old, next, Now))) as Record<string, object[]>;
    expect(json['gained']?.[0]).toMatchObject({
      by: 'C-05/F-01',
      ticket: 'CHG-1005',
      file: 'new.zones.yaml',
    });
    expect(json['changes']).toContainEqual(
      expect.objectContaining({ about: 'invariant I-3', needsLook: true }),
    );
  });

  test('read backwards, gains what was lost', () => {
    const [there, back] = [diffModels(old, next, Now), diffModels(next, old, Now)];
    const sentences = (changes: readonly AccessChange[]) =>
      changes.map(({ by, sentence }) => `${by} ${sentence}`);
    expect(sentences(back.gained)).toEqual(sentences(there.lost));
    expect(sentences(back.lost)).toEqual(sentences(there.gained));
  });

  test('with itself is none, for any model', () => {
    const files = [
      Example,
      ...globSync(fileURLToPath(new URL('../../golden/lint/{ok,err}/*.yaml', import.meta.url))),
    ];
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const read = readModel(readFileSync(file, 'utf8'), file);
      if (!read.ok) continue;
      const difference = diffModels(read.model, read.model, Now);
      expect(isSame(difference), file).toBe(true);
      expect(differenceText(difference)).toMatch(/nothing else has changed/);
    }
  });

  test('is none where the same is only written otherwise', () => {
    const text = readFileSync(Example, 'utf8');
    const otherwise = text
      .replace(
        '- {fc: [3, 4], units: [1], address: 0-399}',
        '- {fc: [4, 3], units: 1, address: [200-399, 0-199]}',
      )
      .replace(
        'src: [scada-1, eng-ws], dst: [plc-intake, plc-dosing]',
        'src: [eng-ws, scada-1], dst: [plc-dosing, plc-intake]',
      );
    expect(otherwise).not.toBe(text);
    const { gained, changes } = diffModels(modelOf(text, 'a'), modelOf(otherwise, 'a'), Now);
    // Reads across the border of the two ranges are gone: one range has to cover all of a request.
    expect({ gained, changes }).toEqual({ gained: [], changes: [] });
  });

  test('makes no Markdown of names', () => {
    const hostile = readFileSync(golden('new.zones.yaml'), 'utf8').replace(
      'name: Supervision of controllers',
      'name: "](http://x) <img src=x> # `C` *now*"',
    );
    const text = differenceMarkdown(diffModels(old, modelOf(hostile, 'a'), Now), 'a', '<b>');
    expect(text).not.toMatch(/(^|[^\\])<img|(^|[^\\])\]\(http|(^|[^\\])<b>/);
  });
});

describe('a difference of two compiled policies', () => {
  const compiled = (model: ZoneModel) => ({ file: model.file, policy: policyOf(model) });

  test('is told sentence by sentence', async () => {
    const text = differenceText(diffPolicies(compiled(old), compiled(next)));
    await expect(`${text}\n`).toMatchFileSnapshot(golden('policies.txt'));
  });

  test('with itself is none', () => {
    expect(isSame(diffPolicies(compiled(old), compiled(old)))).toBe(true);
  });
});

describe('a difference of two compiled policies is told', () => {
  const text = readFileSync(Example, 'utf8').replace(
    'src: bi-server, dst: hist',
    'src: enterprise, dst: hist',
  );
  const policy = (from: string) => ({ file: 'a', policy: policyOf(modelOf(from, 'a')) });

  test.for([
    ['of an address', /10\.30\.0\.11/g, '10.30.0.15', /scada-1 may send plc-intake \(10\.30\.0\.15\/32\)/],
    ['of a network', /10\.10\.0\.0\/24/g, '10.10.0.0/23', /10\.10\.0\.0\/23/],
    ['of a MAC address', /mac: "\S+:11"/, 'mac: "02:00:5e:ff:ff:ff"', /MAC address was/],
    ['of a pace', /adu_per_second: \d+/, 'adu_per_second: 777', /777/],
    ['of an order of words', /words: big, min: 0.0/, 'words: little, min: 0.0', /f32 low word first 0/],
    ['of a refusal', /deny_action: \{tcp: \w+/, 'deny_action: {tcp: drop', /kernel ruleset is another one/],
    ['of what a test asks', /address: 140, value: 20\}/, 'address: 140, value: 21}', /values=\[21\]/],
  ] as const)('%s', ([, before, after, words]) => {
    const other = text.replace(before, after);
    expect(other).not.toBe(text);
    expect(differenceText(diffPolicies(policy(text), policy(other)))).toMatch(words);
  });

  test('of the profile of a mode', () => {
    const old = policyOf(modelOf(text, 'a'));
    const profiles = [{ flow: old.flows.find(({ profile }) => profile !== '')!.id, profile: 'sis-status' }];
    const modes = old.modes.map((mode) => ({ ...mode, profiles: mode.keepsAll ? [] : profiles }));
    const difference = diffPolicies({ file: 'a', policy: old }, { file: 'a', policy: { ...old, modes } });
    expect(difference.gained.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/while the mode is/),
    );
  });
});

test('a vendor who comes to be allowed by a statement is told', () => {
  const text = readFileSync(Example, 'utf8');
  const less = text.replace('C-06/F-01, pumpco]', 'C-06/F-01]');
  expect(less).not.toBe(text);
  expect(differenceText(diffModels(modelOf(less, 'a'), modelOf(text, 'a'), Now))).toMatch(
    /invariant I-7 was/,
  );
});

describe('whatever is gained', () => {
  /** Changes a person makes: each a text and what comes in its place. */
  const edits: readonly (readonly [RegExp, string])[] = [
    [/address: 0-399\}/, 'address: 0-420}'],
    [/address: 0-399\}/, 'address: 0-300}'],
    [/address: 100-119, value: \{min: 0, max: 1000\}/, 'address: 100-125, value: {min: 0, max: 2000}'],
    [/quantity: \{max: 10\}/, 'quantity: {max: 12}'],
    [/fc: \[1, 2\], units: \[1\]/, 'fc: [1, 2], units: [1, 2]'],
    [/modbus: read-telemetry, ticket/, 'modbus: operator, ticket'],
    [/modbus: sis-status, ticket/, 'modbus: read-only, ticket'],
    [/src: hmi-1, dst: \[plc-intake, plc-dosing\]/, 'src: [hmi-1, eng-ws], dst: [plc-intake, plc-dosing]'],
    [/dst: hist-replica, proto: tcp, port: 8443/, 'dst: hist-replica, proto: tcp, port: 8443-8450'],
    [/src: bi-server, dst: hist-replica/, 'src: enterprise, dst: hist-replica'],
    [/F-04: \{src: jump-host/, 'F-04: {src: idmz'],
    [/type: f32, words: big, min: 0.0, max: 12.5/, 'type: f32, words: big, min: 0.0, max: 20.5'],
  ];

  test('passes under the new model and was refused under the old one', () => {
    fc.assert(
      fc.property(fc.subarray([...edits], { minLength: 1 }), fc.subarray([...edits]), (first, second) => {
        const [before, after] = [edited(first), edited(second)];
        const { gained, lost } = diffModels(before, after, Now);
        const [asBefore, asAfter] = [createEvaluator(policyOf(before)), createEvaluator(policyOf(after))];
        for (const change of gained) expectOnly(change, asAfter, asBefore);
        for (const change of lost) expectOnly(change, asBefore, asAfter);
      }),
      { numRuns: 12 },
    );
  });

  function edited(chosen: typeof edits): ZoneModel {
    const text = readFileSync(Example, 'utf8');
    return modelOf(
      chosen.reduce((all, [from, to]) => all.replace(from, to), text),
      'a',
    );
  }

  /** The example of a piece without doubts, as the evaluators of both sides see it. */
  function expectOnly({ piece, sentence, notes }: AccessChange, one: Evaluator, other: Evaluator): void {
    if (piece === undefined || notes.length > 0) return;
    const way = wayOf(piece);
    if (way === undefined) return;
    expect(passes(one, way), sentence).toBe(true);
    expect(passes(other, way), sentence).toBe(false);
  }
});

type Way = Parameters<Evaluator['ask']>[0];

function wayOf(piece: AccessPiece): Way | undefined {
  const example = witness(piece);
  if (example === undefined || piece.by.kind !== 'flow') return undefined;
  const { source, destination, port, request } = example;
  return {
    client: addressText(source),
    server: addressText(destination),
    protocol: piece.packets.protocol,
    port,
    request: request === undefined ? undefined : statedOf(request),
    given: { mode: piece.modes[0] ?? 'normal', at: Now, session: 'pumpco', last: [], read: [] },
  };
}

/** What depends on what is known of the server may be let through. */
function passes(evaluator: Evaluator, way: Way): boolean {
  const { outcome, reason } = evaluator.ask(way);
  return outcome !== 'refuse' || reason === 'state-unknown' || reason === 'interlock';
}

function statedOf(request: Request): NonNullable<Way['request']> {
  const { unit, functionCode, subFunction, readAddress, readQuantity, writeAddress, writeQuantity } = request;
  const isWrite = writeQuantity > 0;
  const isBoth = isWrite && readQuantity > 0;
  const values = Array.from({ length: writeQuantity }, (_, index) => writtenWord(request, index));
  const isMask = functionCode === 22;
  return {
    unit,
    functionCode,
    address: isWrite ? writeAddress : readQuantity > 0 ? readAddress : undefined,
    quantity: isWrite || readQuantity === 0 || functionCode === 24 ? undefined : readQuantity,
    values: isMask ? [] : values,
    form: { type: 'u16', words: 'big', bytes: 'big' },
    readAddress: isBoth ? readAddress : undefined,
    readQuantity: isBoth ? readQuantity : undefined,
    andMask: isMask ? request.andMask : undefined,
    orMask: isMask ? request.orMask : undefined,
    subFunction: functionCode === 8 || functionCode === 90 ? subFunction : undefined,
    mei: functionCode === 43 ? subFunction : undefined,
    file: undefined,
    record: undefined,
  } as NonNullable<Way['request']>;
}

function modelOf(text: string, file: string): ZoneModel {
  const read = readModel(text, file);
  if (!read.ok) throw new Error(JSON.stringify(read.findings));
  return read.model;
}

function policyOf(model: ZoneModel): Policy {
  const terms = {
    gateway: 'cgw-01',
    now: Now,
    notBefore: Now,
    modelDigest: new Uint8Array(32),
    compiler: '',
  };
  const compiled = compile(model, terms);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  return compiled.policy;
}
