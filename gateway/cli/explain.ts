import { didYouMean } from '../../policy/model/suggest.ts';
import { parseAddress } from '../../rules/address.ts';
import { type Answer, createEvaluator } from '../../rules/evaluate/evaluator.ts';
import { type NearestWay, nearestWay } from '../../rules/evaluate/nearest-way.ts';
import type { Policy } from '../../rules/policy.ts';
import { printFindings, readTime } from './check.ts';
import { explanationJson, explanationText } from './explain/explanation-text.ts';
import { type Asked, parseQuestion } from './explain/question.ts';
import { ExitStatus, UsageError } from './output.ts';
import { readPolicy } from './policy-source.ts';

export interface ExplainOptions {
  /** The box of the model; may be left out where the model has one only. */
  readonly gateway?: string;
  readonly json?: boolean;
}

/** The answer to a question: what happens, by which flow and permission, or why not. */
export interface Explanation extends Answer {
  readonly client: NamedEnd;
  readonly server: NamedEnd;
  /** `tcp 502`. */
  readonly service: string;
  /** What passes in place of a way that is refused. */
  readonly nearest: NearestWay | undefined;
}

export interface NamedEnd {
  /** Empty where no asset has the address. */
  readonly asset: string;
  readonly address: string;
}

/**
 * `penstock explain MODEL|BUNDLE 'hmi-1 -> plc-dosing modbus unit=1 fc=6 address=140 value=20'`: what the
 * policy says to that, by the code that enforces it.
 * @returns 1 when it is refused
 */
export async function explain(file: string, text: string, options: ExplainOptions): Promise<number> {
  const question = parseQuestion(text);
  const read = readPolicy(file, options.gateway, Date.now());
  if (!read.ok) {
    printFindings(read.findings, options.json === true);
    return ExitStatus.refused;
  }
  const explanation = answer(read.policy, question);
  console.log(options.json === true ? explanationJson(explanation) : explanationText(explanation));
  return explanation.outcome === 'refuse' ? ExitStatus.refused : ExitStatus.good;
}

function answer(policy: Policy, { protocol, port, request, given, ...ends }: Asked): Explanation {
  const at = readTime('at', given.at);
  const client = endOf(policy, ends.client);
  const server = endOf(policy, ends.server);
  const modes = policy.modes.map(({ name }) => name);
  if (!modes.includes(given.mode)) {
    throw new UsageError(`The policy has no mode ${given.mode}.`, didYouMean(given.mode, modes, 'modes'));
  }
  const service = protocol === 'icmp-echo' ? protocol : `${protocol} ${port}`;
  const way = { protocol, client: client.address, server: server.address, port };
  const evaluator = createEvaluator(policy);
  const questionIn = (session: string) => ({ ...way, request, given: { ...given, at, session } });
  const session = sessionOf(
    policy,
    given.session,
    (vendor) => evaluator.ask({ ...questionIn(vendor), request: undefined }).outcome !== 'refuse',
  );
  const asked = questionIn(session);
  const answered = evaluator.ask(asked);
  const { flaw } = answered;
  if (flaw !== undefined) {
    throw new UsageError(flaw.message, `${flaw.hint} With type= the question says how a value is meant.`);
  }
  const nearest = nearestWay(policy, evaluator, asked, answered);
  return { ...answered, client, server, service, nearest };
}

/**
 * The vendor whose session is given; one vendor's opens nothing of another's (62443-3-3 SR 1.13). `yes` is the
 * session of whoever gets through. @throws UsageError
 */
function sessionOf(
  { gateway, vendors }: Policy,
  name: string | undefined,
  passes: (session: string) => boolean,
): string {
  if (name === undefined) return '';
  const known = vendors.map(({ id }) => id);
  if (name === AnyVendor) return known.find(passes) ?? '';
  if (known.includes(name)) return name;
  throw new UsageError(`${gateway} lets in no vendor ${name}.`, didYouMean(name, known, 'vendors'));
}

function endOf(policy: Policy, written: string): NamedEnd {
  const asset = policy.assets.find(({ name }) => name === written);
  if (asset !== undefined) {
    const [address] = asset.addresses;
    if (address !== undefined) return { asset: written, address: address.replace(/\/\d+$/, '') };
    throw new UsageError(`${written} has no address.`, 'Give it an ip in the model.');
  }
  if (parseAddress(written) !== undefined) {
    const owner = policy.assets.find(({ addresses }) =>
      addresses.some((each) => each.replace(/\/\d+$/, '') === written),
    );
    return { asset: owner?.name ?? '', address: written };
  }
  const names = policy.assets.map(({ name }) => name);
  throw new UsageError(`${policy.gateway} knows no asset ${written}.`, didYouMean(written, names, 'assets'));
}

const AnyVendor = 'yes';
