import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvaluator } from '../../../rules/evaluate/evaluator.ts';
import { openAt } from '../../../rules/evaluate/find-route.ts';
import { walk } from '../../../rules/nft/walk.ts';
import { firstPacket } from '../../../rules/nft/walk-packet.ts';
import { readTable, type WalkTable } from '../../../rules/nft/walk-table.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { createRandom } from '../../rules/modbus/fuzz/random.ts';
import { type Fate, type Field, layField, type Probe } from './field.ts';
import { modelText, Noon, type Place, Places, randomModel, randomSession } from './random-model.ts';
import { type RandomProbe, randomProbe, replyTo } from './random-probe.ts';

/**
 * One packet, three answers: the kernel's, the walker's of the table the kernel lists, and the evaluator's of
 * the policy. Whatever a random model says, they are one answer.
 */
const Models = 24;
/** First packets in each of the two modes of a model; what passes is answered besides. */
const Packets = 210;

let field: Field;
let sent = 0;
let ids = 0x1000_0000;

beforeAll(async () => {
  field = await layField();
});

afterAll(() => field?.close());

test('the kernel, the walker and the evaluator agree on every packet', async () => {
  const seed = Number(process.env['PENSTOCK_SEED'] ?? randomInt(2 ** 31));
  await fc.assert(
    fc.asyncProperty(randomModel, fc.nat(), randomSession, async (model, probeSeed, session) => {
      const text = modelText(model);
      const [policy] = compileText(text).policies.values();
      fc.pre(policy !== undefined);
      const random = createRandom(probeSeed);
      await field.enforcer.setMode('normal');
      await field.enforcer.apply(
        policy,
        openAt(policy, Noon, session).map(({ flow }) => ({ flow, until: 0 })),
      );
      const differences: string[] = [];
      for (const mode of ['normal', 'island']) {
        if (mode === 'island') await field.enforcer.setMode(mode);
        const probes = Array.from({ length: Packets }, () => randomProbe(random, policy, ++ids));
        differences.push(...(await compare(policy, { mode, session }, probes)));
      }
      const few = differences.slice(0, 5).join('\n');
      if (differences.length > 0) throw new Error(`${differences.length} differ:\n${few}\nin\n${text}`);
    }),
    { seed, numRuns: Models, interruptAfterTimeLimit: 240_000 },
  );
  console.log(`packets compared: ${sent} (seed ${seed})`);
  expect(sent).toBeGreaterThan(10_000);
});

async function compare(
  policy: Policy,
  { mode, session }: { readonly mode: string; readonly session: string },
  probes: readonly RandomProbe[],
): Promise<readonly string[]> {
  const table = readTable(await field.listing());
  const evaluator = createEvaluator(policy);
  const fates = await field.send(probes);
  const differences: string[] = [];
  const passed: RandomProbe[] = [];
  for (const probe of probes) {
    const kernel = verdictOf(fates.get(probe.id));
    const walked = walk(table, packetOf(probe, undefined));
    const { outcome, profile, reason, flow } = evaluator.ask({
      protocol: probe.protocol === 'icmp' ? 'icmp-echo' : probe.protocol,
      client: probe.source,
      server: probe.destination,
      port: probe.destinationPort,
      request: undefined,
      given: { at: Noon, mode, session, last: [], read: [] },
    });
    const evaluated =
      outcome === 'refuse' || !probe.isHonest ? 'refused' : profile === undefined ? 'accepted' : 'diverted';
    if (kernel !== walked.verdict || kernel !== evaluated) {
      const why = `walker ${walked.verdict} (${walked.chain} ${walked.counter}), evaluator ${evaluated} (${flow?.id} ${reason})`;
      differences.push(`${mode}: ${probeText(probe)}: kernel ${kernel}, ${why}`);
    } else if (outcome === 'refuse' && probe.isHonest && !isSameReason(reason, walked.counter))
      differences.push(`${mode}: ${probeText(probe)}: evaluator ${reason}, counted as ${walked.counter}`);
    if (kernel === 'accepted') passed.push(probe);
  }
  const replies = passed.map((probe) => replyTo(probe, ++ids));
  sent += probes.length + replies.length;
  differences.push(...(await compareReplies(policy, table, passed, replies)));
  return differences;
}

/**
 * The table counts what the evaluator says; only of what runs against a one-way conduit it sees no conduit, and
 * where several flows meet it may name another one.
 */
function isSameReason(reason: string | undefined, counter: string): boolean {
  return reason === counter || (reason === 'one-way' && counter === 'no-conduit') || reason === 'mode-cut';
}

/** Whatever may be asked may be answered, but for what runs one way. */
async function compareReplies(
  policy: Policy,
  table: WalkTable,
  passed: readonly RandomProbe[],
  replies: readonly Probe[],
): Promise<readonly string[]> {
  const oneWay = new Set(policy.conduits.filter((one) => one.oneWay).map(({ from, to }) => `${from} ${to}`));
  const fates = await field.send(replies);
  return replies.flatMap((reply, index) => {
    const { from, to, protocol } = passed[index]!;
    const kernel = verdictOf(fates.get(reply.id));
    const walked = walk(table, packetOf(reply, passed[index]));
    const mayBeOneWay = protocol === 'udp' && oneWay.has(`${from} ${to}`);
    const isWrong = kernel !== walked.verdict || (kernel !== 'accepted' && !mayBeOneWay);
    return isWrong
      ? [
          `reply ${probeText(reply)}: kernel ${kernel}, walker ${walked.verdict} (${walked.chain} ${walked.counter})`,
        ]
      : [];
  });
}

function packetOf(probe: Probe, answered: Probe | undefined) {
  const { device, etherSource, source, destination, protocol, sourcePort, destinationPort } = probe;
  const isIn = ({ net, net6 }: Place) => destination.startsWith(`${net}.`) || destination.startsWith(net6);
  return firstPacket({
    iifname: device,
    oifname: Object.values(Places).find(isIn)!.device,
    etherSource,
    source,
    destination,
    ...(protocol === 'icmp'
      ? {
          protocol: source.includes(':') ? 'ipv6-icmp' : 'icmp',
          icmpType: answered === undefined ? 'echo-request' : 'echo-reply',
        }
      : { protocol, sourcePort, destinationPort }),
    ...(answered === undefined ? {} : { connection: { state: 'established', direction: 'reply', mark: 0 } }),
  });
}

function verdictOf(fate: Fate | undefined): 'accepted' | 'diverted' | 'refused' {
  if (fate === undefined) return 'refused';
  return fate.kind === 'taken' ? 'diverted' : 'accepted';
}

function probeText({ device, source, destination, protocol, destinationPort, etherSource }: Probe): string {
  return `${source} → ${destination} ${protocol} ${destinationPort} by ${device} as ${etherSource}`;
}
