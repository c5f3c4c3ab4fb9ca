import { didYouMean } from '../../policy/model/suggest.ts';
import { parseAddress } from '../../rules/address.ts';
import type { ModbusProfile } from '../../rules/modbus/profile.ts';
import type { FlowRule, Policy } from '../../rules/policy.ts';
import type { Reason } from '../../rules/reason.ts';
import { printFindings, readTime } from './check.ts';
import { explanationJson, explanationText } from './explain/explanation-text.ts';
import { createRouteFinder, type Route } from './explain/find-flow.ts';
import { type Judgement, judgeRequest } from './explain/judge-request.ts';
import { parseQuestion, type Question } from './explain/question.ts';
import { ExitStatus, UsageError } from './output.ts';
import { readPolicy } from './policy-source.ts';

export interface ExplainOptions {
  /** The box of the model; may be left out where the model has one only. */
  readonly gateway?: string;
  readonly json?: boolean;
}

/** The answer to a question: what happens, by which flow and permission, or why not. */
export interface Explanation {
  readonly client: NamedEnd;
  readonly server: NamedEnd;
  /** `tcp 502`. */
  readonly service: string;
  readonly outcome: 'allow' | 'refuse' | 'would-refuse';
  readonly reason: Reason | undefined;
  /** The flow it takes, or the one that came closest. */
  readonly flow: FlowRule | undefined;
  readonly profile: ModbusProfile | undefined;
  /** What the inspection said, where it came to that. */
  readonly judgement: Judgement | undefined;
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

function answer(policy: Policy, question: Question): Explanation {
  const { protocol, port, given } = question;
  const at = readTime('at', given.at);
  const client = endOf(policy, question.client);
  const server = endOf(policy, question.server);
  const service = protocol === 'icmp-echo' ? protocol : `${protocol} ${port}`;
  const way = { protocol, client: client.address, server: server.address, port };
  const route = inMode(policy, given.mode, createRouteFinder(policy, given.session).find(way, at));
  const nothing = { client, server, service, flow: route.flow, judgement: undefined };
  if (!route.ok) return { ...nothing, outcome: 'refuse', reason: route.reason, profile: undefined };
  const { permit } = route;
  const profile = permit?.profile;
  if (question.modbus === undefined || permit === undefined) {
    return { ...nothing, outcome: 'allow', reason: undefined, profile };
  }
  const judgement = judgeRequest(question.modbus, given, permit, at);
  return { ...nothing, outcome: judgement.outcome, reason: judgement.reason, profile, judgement };
}

/** A mode cuts the flows it does not keep, and may give others another profile. */
function inMode(policy: Policy, name: string, route: Route): Route {
  const mode = policy.modes.find((each) => each.name === name);
  if (mode === undefined) {
    const names = policy.modes.map((each) => each.name);
    throw new UsageError(`The policy has no mode ${name}.`, didYouMean(name, names, 'modes'));
  }
  if (!route.ok) return route;
  const { flow } = route;
  if (!mode.keepsAll && !mode.keep.includes(flow.id)) return { ok: false, reason: 'mode-cut', flow };
  const other = mode.profiles.find((each) => each.flow === flow.id)?.profile;
  const profile = policy.profiles.find((each) => each.name === other);
  if (profile === undefined || route.permit === undefined) return route;
  return { ...route, permit: { ...route.permit, profile } };
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
