import type { Reason } from '../../rules/reason.ts';
import type { WatchedFlow } from './revocation.ts';

/** What went over one flow in some time: requests, connections that were tried, packets. */
export interface FlowSample {
  readonly attempts: number;
  /** Of these, those that did not do what the client wanted, by reason; `exception` is a server's. */
  readonly failures: ReadonlyMap<Failure, number>;
}

export type Failure = Reason | 'exception';

/** An essential flow that fails under a new policy and did not before. */
export interface Harm {
  readonly flow: string;
  /** For people and for the record. */
  readonly sentence: string;
}

/**
 * Whether an essential flow shows new failures since a policy came into force: at least {@link LeastFailures} of
 * them, among at least {@link LeastAttempts} attempts, with as many to compare with from before, and more than
 * twice the former share and {@link LargerShare}. Traffic that merely went quiet fails at nothing and proves
 * nothing. What a revocation refuses is not counted; see {@link WatchedFlow.narrowed}. Nor
 * is what a forger sends.
 */
export function findHarm(
  watched: readonly WatchedFlow[],
  before: ReadonlyMap<string, FlowSample>,
  since: ReadonlyMap<string, FlowSample>,
): Harm | undefined {
  for (const flow of watched) {
    const former = before.get(flow.id);
    const now = since.get(flow.id);
    if (former === undefined || now === undefined) continue;
    if (former.attempts < LeastAttempts || now.attempts < LeastAttempts) continue;
    const [failedBefore, fails] = [failuresOf(former, flow), failuresOf(now, flow)];
    const share = (2 * failedBefore) / former.attempts + LargerShare;
    if (fails < LeastFailures || fails / now.attempts <= share) continue;
    return { flow: flow.id, sentence: describe(flow, former, now) };
  }
  return undefined;
}

function failuresOf({ failures }: FlowSample, flow: WatchedFlow): number {
  return sum([...failures].filter(([failure]) => counts(failure, flow)).map(([, count]) => count));
}

function counts(failure: Failure, { narrowed, moved }: WatchedFlow): boolean {
  if (NotOfPolicy.has(failure)) return false;
  return !(narrowed && OfWhatWasAsked.has(failure)) && (moved || !OfForgers.has(failure));
}

function describe(flow: WatchedFlow, former: FlowSample, now: FlowSample): string {
  const [worst = ''] = [...now.failures]
    .filter(([failure]) => counts(failure, flow))
    .toSorted(([, one], [, other]) => other - one)
    .map(([failure]) => failure);
  const fails = `${failuresOf(now, flow)} of ${now.attempts} attempts fail since`;
  return `Essential flow ${flow.id}: ${fails}, mostly ${worst}; before ${failuresOf(former, flow)} of ${former.attempts}.`;
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}

/** Fewer attempts say nothing, on either side. */
export const LeastAttempts = 20;
export const LeastFailures = 5;
export const LargerShare = 0.05;

/** The hour, the mode and the end of a session do this, whatever the policy. */
const NotOfPolicy: ReadonlySet<Failure> = new Set([
  'expired',
  'outside-schedule',
  'no-session',
  'mode-cut',
  'policy-changed',
  'client-closed',
  'server-closed',
  'inspector-lost',
  'shutdown',
]);

/** What anyone on any wire can bring about who sends by another's address, to keep a new policy away. */
const OfForgers: ReadonlySet<Failure> = new Set(['source-mac', 'source-wire']);

/** What a permission that was taken away is refused for, as against how often, how fast and in which state. */
const OfWhatWasAsked: ReadonlySet<Failure> = new Set([
  'fc-not-allowed',
  'unit-not-allowed',
  'sub-function-not-allowed',
  'address-out-of-range',
  'file-out-of-range',
  'value-out-of-range',
  'torn-write',
  'alias-guarded',
]);
