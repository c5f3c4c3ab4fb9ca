import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { gatherCapture } from '../../../gateway/cli/learn/gather-capture.ts';
import { type LearnOptions, learnFrom } from '../../../gateway/cli/learn.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { compile } from '../../../policy/compile/compile.ts';
import { type Lesson, learn } from '../../../policy/learn/learn.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { createEvaluator, type Evaluator } from '../../../rules/evaluate/evaluator.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { DropRecord, RefusalRecord, RequestSummary } from '../../../rules/record/record.ts';
import type { WrittenPacket } from '../capture/write-capture.ts';
import { command } from './command.ts';
import {
  captureOf,
  float,
  modbusTimes,
  plainTimes,
  read,
  refusedBy,
  writeMany,
  writeOne,
} from './learn-captures.ts';

const home = mkdtempSync(join(tmpdir(), 'penstock-learn-'));
const golden = (name: string) => new URL(`../../golden/learn/${name}`, import.meta.url).pathname;
const example = golden('plant.zones.yaml');
const model = join(home, 'plant.zones.yaml');
copyFileSync(example, model);

const Plc = '10.30.0.12';
const Intake = '10.30.0.11';
const Sis = '10.40.0.2';
const Historian = '10.20.0.12';
const Engineer = '10.20.0.50';
const Hmi = '10.20.0.11';
const Replica = '10.15.0.10';

afterAll(() => rmSync(home, { recursive: true }));

describe('penstock learn', () => {
  test('proposes what can be bounded, and says of the rest why not', async () => {
    const said = await learnedFrom([
      modbusTimes(12, { client: Historian, server: Plc }, () => [
        read(3, 0, 10),
        read(3, 10, 10),
        read(4, 5, 2),
      ]),
      modbusTimes(12, { client: Historian, server: Intake }, () => [read(3, 0, 10), read(3, 100, 10)]),
      modbusTimes(12, { client: Plc, server: Sis }, () => [read(2, 16, 8), ['05 0000 ff00', '05 0000 ff00']]),
      modbusTimes(12, { client: Hmi, server: Plc }, (time) => [
        writeOne(140, 20),
        writeOne(300, 20 + time),
        refusedBy('06 0005 0001', 2),
      ]),
      modbusTimes(3, { client: Historian, server: Intake }, () => [read(4, 200, 10)]),
      modbusTimes(9, { client: '10.10.0.20', server: Plc }, () => [read(3, 0, 10)]),
      modbusTimes(12, { client: Engineer, server: Plc }, (time) => [read(3, 0, 10), writeOne(300, time)]),
      plainTimes(8, { client: Historian, server: Replica, serverPort: 5432 }),
      plainTimes(8, { client: '10.20.0.99', server: Replica, serverPort: 5432 }),
      plainTimes(8, { client: '10.10.0.30', server: '10.20.0.50', serverPort: 443 }),
      plainTimes(50, { client: Replica, server: '10.10.0.20', serverPort: 21 }, false),
      plainTimes(8, { client: Historian, server: Plc, serverPort: 502 + 0xc000 }),
    ]);
    expect(said.status).toBe(0);
    await expect(`${said.out.replaceAll(home, '')}\n`).toMatchFileSnapshot(golden('proposals.patch'));
    await expect(`${said.err.replaceAll(home, '')}\n`).toMatchFileSnapshot(golden('proposals.txt'));
  });

  test('bounds what a new client writes by the values, types and pace that were seen', async () => {
    const said = await learnedFrom(
      [
        modbusTimes(12, { client: Engineer, server: Intake }, (time) => [
          writeOne(300, 20 + time),
          writeOne(301, 20 + time),
          writeOne(305, time % 2 === 0 ? 1 : 0xffff),
          writeMany(310, float(1.5 + time)),
          writeMany(320, [time, 2, 3]),
          writeMany(322, [5, 400]),
        ]),
      ],
      { margin: '10', ticket: 'CHG-7 "x"' },
    );
    await expect(`${said.out.replaceAll(home, '')}\n`).toMatchFileSnapshot(golden('values.patch'));
  });

  test('learns from records, each of which proves the first request it counts', async () => {
    const directory = join(home, 'evidence');
    const log = await openEvidenceLog(directory, {
      maxBytes: 1e8,
      segmentBytes: 1e7,
      clock: systemClock,
      owner: { site: 'water', gateway: 'west' },
    });
    for (let minute = 0; minute < 6; minute++) {
      const at = Date.parse('2026-11-18T12:00:00Z') + minute * 60_000;
      log.append(refused({ functionCode: 3, address: 200, quantity: 4, values: [] }, at, 30));
      log.append(refused({ functionCode: 6, address: 300, quantity: 1, values: [20 + minute] }, at, 9));
      log.append(
        refused({ functionCode: 16, address: 310, quantity: 20, values: [1, 2, 3, 4, 5, 6, 7, 8] }, at, 1),
      );
      log.append(dropped(Historian, Replica, 5432, at));
    }
    await log.close();
    const said = await command(() => learnFrom(model, undefined, { ...Ordinary, evidence: directory }));
    expect(said.status).toBe(0);
    await expect(`${said.out.replaceAll(home, '')}\n`).toMatchFileSnapshot(golden('evidence.patch'));
    await expect(`${said.err.replaceAll(home, '')}\n`).toMatchFileSnapshot(golden('evidence.txt'));
  });

  test('tells a program the same', async () => {
    const reads = modbusTimes(12, { client: Engineer, server: Intake }, () => [read(3, 0, 10)]);
    const said = await learnedFrom([reads], { json: true });
    expect(JSON.parse(said.out)).toMatchObject({
      proposals: [{ kind: 'flow', count: 12, confidence: 'low' }],
      unproposed: [],
      uncounted: 0,
      diff: expect.stringContaining('+  eng-ws-to-plc-intake:'),
    });
  });

  test('says what is wrong with a model before it learns for it', async () => {
    const broken = join(home, 'broken.zones.yaml');
    writeFileSync(broken, readFileSync(model, 'utf8').replace('dst: sis-plc', 'dst: nobody'));
    const said = await learnedFrom([[]], {}, broken);
    expect(said).toMatchObject({ status: 1, out: '' });
    expect(said.err).toContain('nobody');
  });

  test('has nothing to propose for what is permitted', async () => {
    const said = await learnedFrom([modbusTimes(12, { client: Hmi, server: Plc }, () => [read(3, 0, 10)])]);
    expect(said).toMatchObject({ status: 0, out: '', err: 'Nothing is proposed.' });
  });

  test('makes a patch that patch applies, and writes the same as a new file only', async () => {
    const out = join(home, 'proposed.zones.yaml');
    const reads = modbusTimes(12, { client: Engineer, server: Intake }, () => [read(3, 0, 10)]);
    const said = await learnedFrom([reads], { out });
    writeFileSync(join(home, 'a.patch'), `${said.out}\n`);
    const patched = join(home, 'patched.yaml');
    const ran = spawnSync('patch', ['-o', patched, model, join(home, 'a.patch')]);
    if (ran.error === undefined) expect(readFileSync(patched, 'utf8')).toBe(readFileSync(out, 'utf8'));
    expect(readFileSync(model, 'utf8')).toBe(readFileSync(example, 'utf8'));
    const again = await learnedFrom([reads], { out });
    expect(again).toMatchObject({ status: 2, out: '' });
    expect(again.err).toContain('exists already');
  });

  test.for<[string, Partial<LearnOptions>, RegExp]>([
    ['nothing to learn from', {}, /Exactly one thing is learned from/],
    ['a count that is none', { evidence: home, minCount: 'x' }, /--min-count x is not possible/],
    ['a margin beyond reason', { evidence: home, margin: '101' }, /--margin 101/],
  ])('does not take %s', async ([, options, problem]) => {
    const said = await command(() => learnFrom(model, undefined, { ...Ordinary, ...options }));
    expect(said.status).toBe(2);
    expect(said.err).toMatch(problem);
  });
});

describe('what is proposed', () => {
  const place = fc.integer({ min: 500, max: 520 });
  const request = fc.oneof(
    fc.record({
      code: fc.constantFrom(3, 4),
      address: place,
      words: fc.array(fc.constant(0), { minLength: 1, maxLength: 6 }),
    }),
    fc.record({
      code: fc.constant(6),
      address: place,
      words: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 1 }),
    }),
    fc.record({
      code: fc.constant(16),
      address: place,
      words: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 6 }),
    }),
  );

  test('lets pass all that it was learned from, and nothing that was not seen', () => {
    const before = readFileSync(model, 'utf8');
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 8 }),
        fc.array(request, { maxLength: 30 }),
        (seen, asked) => {
          const capture = captureOf(
            modbusTimes(5, { client: Engineer, server: Intake }, () => seen.map(exchangeOf)),
          );
          const lesson = taught(before, capture);
          expect(lesson.unproposed).toEqual([]);
          const lines = before.split('\n');
          expect(withoutAdded(lesson.patched.split('\n'), lines)).toEqual(lines);
          expect(taught(lesson.patched, capture)).toMatchObject({ proposals: [], unproposed: [], diff: '' });
          const evaluator = createEvaluator(policyOf(lesson.patched));
          for (const one of [...asked, ...seen.flatMap(neighbours)])
            if (passes(evaluator, one)) expect(isWithin(one, seen)).toBe(true);
          for (const one of seen) expect(passes(evaluator, one)).toBe(true);
        },
      ),
      { numRuns: 12 },
    );
  });
});

/** The lesson of a capture, without the whole check: what it refuses is left to other tests. */
function taught(text: string, capture: Uint8Array): Lesson {
  const { sightings } = gatherCapture(policyOf(text), bytesInMemory(capture));
  const careful = { minCount: 5, margin: 0, ticket: '' };
  const check = (one: string) => readModel(one, model).findings;
  return learn({ model: modelOf(text), text, check }, sightings, careful);
}

function modelOf(text: string): ZoneModel {
  const read = readModel(text, model);
  if (!read.ok) throw new Error(JSON.stringify(read.findings));
  return read.model;
}

function policyOf(text: string): Policy {
  const terms = {
    gateway: 'cgw-01',
    now: Now,
    notBefore: Now,
    modelDigest: new Uint8Array(32),
    compiler: '',
  };
  const compiled = compile(modelOf(text), terms);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  return compiled.policy;
}

function exchangeOf({ code, address, words }: Asked): readonly [string, string] {
  if (code === 6) return writeOne(address, words[0] ?? 0);
  return code === 16 ? writeMany(address, words) : read(code, address, words.length);
}

function passes(evaluator: Evaluator, { code: functionCode, address, words }: Asked): boolean {
  const values = isWrite(functionCode) ? words : [];
  const answer = evaluator.ask({
    client: Engineer,
    server: Intake,
    protocol: 'tcp',
    port: 502,
    request: {
      ...Unsaid,
      functionCode,
      address,
      quantity: isWrite(functionCode) ? undefined : words.length,
      values,
      form: { type: 'u16', words: 'big', bytes: 'big' },
    },
    given: { mode: 'normal', at: Now, session: '', last: [], read: [] },
  });
  expect(answer.outcome).not.toBe('unanswerable');
  return answer.outcome === 'allow';
}

const Now = Date.parse('2026-11-18T12:00:00Z');
const Ordinary = { config: join(home, 'gateway.yaml'), minCount: '5', margin: '0' } as const;
const Unsaid = {
  unit: 1,
  readAddress: undefined,
  readQuantity: undefined,
  andMask: undefined,
  orMask: undefined,
  subFunction: undefined,
  mei: undefined,
  file: undefined,
  record: undefined,
} as const;

interface Asked {
  readonly code: number;
  readonly address: number;
  readonly words: readonly number[];
}

function isWrite(functionCode: number): boolean {
  return functionCode === 6 || functionCode === 16;
}

/**
 * Every address was seen with this function, no more of them at once, and every value lies among those that were
 * written there or together with what was written there.
 */
function isWithin({ code: functionCode, address, words }: Asked, seen: readonly Asked[]): boolean {
  const alike = seen.filter((one) => one.code === functionCode);
  const covered = words.every((_, index) =>
    alike.some((one) => meets(one, { address: address + index, words: [0] })),
  );
  if (!covered || words.length > Math.max(...alike.map((one) => one.words.length))) return false;
  if (!isWrite(functionCode)) return true;
  let together: readonly Asked[] = alike.filter((one) => meets(one, { address, words }));
  for (let size = 0; size !== together.length; ) {
    size = together.length;
    together = alike.filter((one) => together.some((other) => meets(one, other)));
  }
  const writes = seen.filter((one) => isWrite(one.code) && together.some((other) => meets(one, other)));
  const written = writes.flatMap((one) => one.words);
  const among = (as: (word: number) => number): boolean =>
    words.every(
      (word) => Math.min(...written.map(as)) <= as(word) && as(word) <= Math.max(...written.map(as)),
    );
  return among((word) => word) || among((word) => (word > 0x7fff ? word - 0x1_0000 : word));
}

function meets(one: Pick<Asked, 'address' | 'words'>, other: Pick<Asked, 'address' | 'words'>): boolean {
  return one.address < other.address + other.words.length && other.address < one.address + one.words.length;
}

/** What is nearly the same as something that was seen: where a proposal would be too wide. */
function neighbours({ code, address, words }: Asked): readonly Asked[] {
  const changed = (change: number) => words.map((word) => (word + change) & 0xffff);
  return [
    { code, address: address - 1, words },
    { code, address: address + 1, words },
    { code, address: address + words.length, words: words.slice(0, 1) },
    ...(code === 6 ? [] : [{ code, address, words: [...words, words[0] ?? 0] }]),
    ...(isWrite(code) ? [-3, -1, 1, 3].map((change) => ({ code, address, words: changed(change) })) : []),
  ];
}

/** The lines that were there before, if the others are but added between them. */
function withoutAdded(lines: readonly string[], before: readonly string[]): readonly string[] {
  let next = 0;
  for (const line of lines) if (line === before[next]) next++;
  return next === before.length ? before : lines;
}

/** historian to plc-intake on C-05/F-03, which is in its audit stage. */
function refused(
  request: Pick<RequestSummary, 'functionCode' | 'address' | 'quantity' | 'values'>,
  at: number,
  count: number,
): RefusalRecord {
  return {
    kind: 'refusal',
    firstAt: at,
    lastAt: at + 50_000,
    count,
    conduit: 'C-05',
    flow: 'C-05/F-03',
    client: { asset: 'historian', zone: 'supervisory', address: Historian, port: 40_000 },
    server: { asset: 'plc-intake', zone: 'process', address: Intake, port: 502 },
    connection: 'a-1',
    request: { unit: 1, ...request },
    text: '',
    exceptionCode: 0,
    reason: request.functionCode === 3 ? 'address-out-of-range' : 'fc-not-allowed',
    verdict: 'would-refuse',
    permission: '',
    file: model,
    line: 1,
    policyVersion: 42,
    foldedKinds: 0,
  };
}

function dropped(from: string, to: string, port: number, at: number): DropRecord {
  return {
    kind: 'drop',
    firstAt: at,
    lastAt: at + 50_000,
    packets: 3,
    reason: 'no-flow',
    verdict: 'refuse',
    device: 'sup0',
    source: { asset: '', zone: '', address: from, port: 40_000 },
    destination: { asset: '', zone: '', address: to, port },
    protocol: 'tcp',
    foldedKinds: 0,
  };
}

async function learnedFrom(
  connections: readonly (readonly WrittenPacket[])[],
  options: Partial<LearnOptions> = {},
  file = model,
) {
  const capture = join(home, 'a.pcap');
  writeFileSync(capture, captureOf(...connections));
  return command(() => learnFrom(file, capture, { ...Ordinary, ...options }));
}
