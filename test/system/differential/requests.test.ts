import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { RefusalReport } from '../../../gateway/ipc/reports.ts';
import { type Answer, createEvaluator } from '../../../rules/evaluate/evaluator.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { AskedRequest } from '../../../rules/policy-test.ts';
import type { InspectorLink } from '../../gateway/inspector/engine-double.ts';
import { type Bench, openBench } from '../../gateway/inspector/inspector-bench.ts';
import { sampleFlow, samplePolicy } from '../../gateway/inspector/sample.ts';
import { createRandom } from '../../rules/modbus/fuzz/random.ts';
import { createKnowledge } from './knowledge.ts';
import { createAsker, startRecordingServer, type Told } from './modbus-line.ts';
import { type RandomProfiles, randomProfiles } from './random-profile.ts';
import { pduOf, randomAsked, typedBy } from './random-request.ts';

/**
 * One request, two answers: what a running inspector does with it in front of a server, and what the evaluator says it
 * does. Whatever a random profile permits, they are one answer, for one reason.
 */
const Profiles = 24;
const Requests = 250;
const seed = Number(process.env['PENSTOCK_SEED'] ?? randomInt(2 ** 31));

const benches: Bench[] = [];
/** What each inspector has to report, which it does after a second. */
const awaited: (() => Promise<readonly string[]>)[] = [];
let compared = 0;
let permitted = 0;

afterAll(async () => {
  for (const bench of benches) await bench.close();
});

test('the inspector does with every request what the evaluator says', async () => {
  await fc.assert(
    fc.asyncProperty(randomProfiles, fc.nat(), fc.boolean(), async (profiles, requestSeed, isLocked) => {
      const differences = await compare(profiles, requestSeed, isLocked ? 'lockdown' : 'normal');
      if (differences.length > 0) throw new Error(differences.slice(0, 5).join('\n'));
    }),
    { seed, numRuns: Profiles, interruptAfterTimeLimit: 240_000 },
  );
  for (const look of awaited) expect(await look(), `refusals for other reasons (seed ${seed})`).toEqual([]);
  console.log(`requests compared: ${compared}, of them forwarded ${permitted} (seed ${seed})`);
  expect(compared, `requests compared (seed ${seed})`).toBeGreaterThan(3_000);
});

/** One refusal as the evaluator has it, and how to tell the request from others. */
interface Refused {
  readonly reason: string;
  readonly request: string;
  readonly text: string;
}

async function compare(
  profiles: RandomProfiles,
  requestSeed: number,
  mode: string,
): Promise<readonly string[]> {
  const random = createRandom(requestSeed);
  const policy = policyOf(profiles);
  const profile = profiles[mode === 'normal' ? 'normal' : 'lockdown'];
  const evaluator = createEvaluator(policy);
  const bench = await openBench();
  benches.push(bench);
  const upstream = await startRecordingServer(bench.loopback);
  const link = await bench.engine.inspector(0);
  await link.enforce(policy);
  link.send({ kind: 'gates', open: [], tellsTime: true });
  link.send({ kind: 'mode', mode, reopened: [], generation: 1 });
  await link.hears('mode-set');
  const [port = 0] = await link.serve([
    bench.listener({ server: { address: '127.0.0.1', port: upstream.port } }),
  ]);
  const asker = createAsker(bench.loopback, port);
  const knowledge = createKnowledge();
  const refused: Refused[] = [];
  const differences: string[] = [];
  for (let turn = 0; turn < Requests && !knowledge.isUnsure(); turn++) {
    const asked = randomAsked(random, profile);
    const typed = typedBy(profile, asked);
    const pdu = pduOf(asked, typed);
    const known = knowledge.given(asked.unit, typed(asked.address ?? 0));
    const answer = evaluator.ask({
      protocol: 'tcp',
      client: '10.10.0.10',
      server: '10.20.0.20',
      port: 502,
      request: asked,
      given: { mode, at: Date.now(), session: '', ...known },
    });
    if (pdu === undefined || pdu.length > 253 || answer.outcome === 'unanswerable') {
      if ((pdu === undefined) !== (answer.outcome === 'unanswerable') && (pdu?.length ?? 0) <= 253)
        differences.push(
          `${textOf(asked)}: ${answer.flaw?.message ?? 'is answered'}, and it can be sent: ${pdu !== undefined}`,
        );
      continue;
    }
    const told = await asker.ask(asked.unit, pdu);
    const taken = upstream.taken();
    for (const { request } of taken) if (request !== undefined) knowledge.note(request, upstream.server);
    compared += 1;
    permitted += taken.length;
    const text = `${textOf(asked)} given ${JSON.stringify(known)}`;
    if (answer.reason !== undefined) refused.push({ reason: answer.reason, request: requestOf(asked), text });
    const sent = Buffer.concat([Buffer.of(asked.unit), pdu]).toString('hex');
    const wrong = difference(
      answer,
      told,
      taken.map(({ bytes }) => bytes),
      sent,
    );
    if (wrong !== '') differences.push(`${mode}: ${text}: ${wrong}`);
  }
  awaited.push(() => reported(link, refused));
  return differences;
}

/** What is said of a request, against what became of it; empty when it is the same. */
function difference(answer: Answer, told: Told, taken: readonly string[], sent: string): string {
  const { outcome, reason, judgement } = answer;
  const what = `the evaluator says ${outcome} ${reason ?? ''}, the server got ${taken.join(' ') || 'nothing'}, the client ${told.pdu?.toString('hex') ?? 'nothing'}${told.closed ? ' and the end' : ''}`;
  if (outcome !== 'refuse') return taken.length === 1 && taken[0] === sent && !told.closed ? '' : what;
  const { action = 'exception', exceptionCode = 0 } = judgement ?? {};
  const code = told.pdu === undefined ? 0 : (told.pdu[1] ?? 0);
  const isAnswered = action === 'exception' || action === 'exception-close';
  const isClosed = action === 'exception-close' || action === 'reset';
  const same = code === (isAnswered ? exceptionCode : 0) && told.closed === isClosed;
  return taken.length === 0 && same ? '' : `${what}; it says ${action} ${exceptionCode}`;
}

/** Waits for the inspector's own report of its refusals, and compares the reasons. */
async function reported(link: InspectorLink, expected: readonly Refused[]): Promise<readonly string[]> {
  const heard = () => link.heard('refusal').map(({ refusal }) => refusal);
  await expect
    .poll(() => heard().reduce((sum, { count }) => sum + count, 0), {
      timeout: 40_000,
      message: `refusals reported (seed ${seed})`,
    })
    .toBeGreaterThanOrEqual(expected.length);
  const said = new Map<string, number>();
  for (const { reason } of expected) said.set(reason, (said.get(reason) ?? 0) + 1);
  const told = new Map<string, number>();
  for (const { reason, count } of heard()) told.set(reason, (told.get(reason) ?? 0) + count);
  return [...new Set([...said.keys(), ...told.keys()])]
    .filter((reason) => said.get(reason) !== told.get(reason))
    .map((reason) => {
      const counts = `evaluator ${said.get(reason) ?? 0}, inspector ${told.get(reason) ?? 0}`;
      return [`${reason}: ${counts}`, ...disputed(reason, heard(), expected)].join('\n  ');
    });
}

/** What the inspector refuses for a reason more often than the evaluator; not all kinds come one by one. */
function disputed(
  reason: string,
  heard: readonly RefusalReport[],
  expected: readonly Refused[],
): readonly string[] {
  const counts = new Map<string, number>();
  for (const each of heard)
    if (each.reason === reason && !each.summed)
      counts.set(requestOf(each), (counts.get(requestOf(each)) ?? 0) + each.count);
  return [...counts].flatMap(([request, count]) => {
    const same = expected.filter((each) => each.request === request);
    if (count <= same.filter((each) => each.reason === reason).length) return [];
    return [
      `so it says ${count} times to ${request}`,
      ...same.map(({ text, reason }) => `${reason}: ${text}`),
    ];
  });
}

/** As far as the inspector keeps kinds of refusals apart. */
function requestOf(of: {
  readonly unit?: number | undefined;
  readonly functionCode?: number | undefined;
  readonly address?: number | undefined;
}): string {
  return `{unit: ${of.unit ?? 0}, fc: ${of.functionCode ?? 0}, address: ${of.address ?? 'none'}}`;
}

function policyOf({ normal, lockdown, audit }: RandomProfiles): Policy {
  const mode = { keep: [], keepsAll: true, recover: [] };
  const flow = sampleFlow({ profile: normal.name, auditUntil: audit ? Date.UTC(2090, 0) : 0 });
  return samplePolicy({
    flows: [flow],
    profiles: [normal, lockdown],
    modes: [
      { ...mode, name: 'normal', profiles: [] },
      { ...mode, name: 'lockdown', profiles: [{ flow: flow.id, profile: lockdown.name }] },
    ],
  });
}

/** As in a model: `{unit: 1, fc: 6, address: 140, value: [20]}`. */
function textOf(asked: AskedRequest): string {
  const said = Object.entries(asked).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  return `{${said.map(([name, value]) => `${name}: ${String(value)}`).join(', ')}}`;
}
