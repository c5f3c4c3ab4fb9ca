import { formatAddress, isHost, parsePrefix } from '../address.ts';
import type { Way } from '../flow-match.ts';
import type { Policy } from '../policy.ts';
import type { PolicyTestRule } from '../policy-test.ts';
import { type Answer, createEvaluator } from './evaluator.ts';
import { answerSentence } from './result-text.ts';

/** What became of one of the policy's own tests. */
export interface TestResult {
  readonly test: PolicyTestRule;
  readonly ok: boolean;
  /**
   * `now`: the test says no time of its own, and a schedule, an end or an audit stage has a part in the
   * answer, so that it may be another one tomorrow. A box does not hold a policy to such a test.
   */
  readonly depends: 'timeless' | 'now';
  /** What was expected, what happens, by which flow and line, and for which reason. */
  readonly sentence: string;
  readonly answer: Answer;
}

/**
 * Asks every test of a policy (62443-3-3 SR 3.3).
 * @param now wall time, milliseconds, for tests that say no time
 */
export function runTests(policy: Policy, now: number): readonly TestResult[] {
  const evaluator = createEvaluator(policy);
  return policy.tests.map((test) => {
    const { request, given } = test;
    const ways = waysOf(policy, test);
    const answers = ways.map((way) =>
      evaluator.ask({ ...way, request, given: { ...given, at: given.at ?? now } }),
    );
    const answer = answers.find(({ outcome }) => outcome !== 'refuse') ?? answers[0] ?? NoAddress;
    const isTimed = given.at === undefined && ways.some((way) => evaluator.dependsOnTime(way, given.session));
    return {
      test,
      ok: fits(test, answer),
      depends: isTimed ? 'now' : 'timeless',
      sentence: answerSentence(test, answer),
      answer,
    };
  });
}

/**
 * Every pair of addresses of a test's ends. Something passes where one of them lets it, and is refused where
 * all of them do.
 */
export function waysOf(policy: Policy, { client, server, protocol, port }: PolicyTestRule): readonly Way[] {
  const addressesOf = (name: string) =>
    (policy.assets.find((asset) => asset.name === name)?.addresses ?? []).flatMap((text) => {
      const prefix = parsePrefix(text);
      return prefix !== undefined && isHost(prefix) ? [prefix] : [];
    });
  const servers = addressesOf(server);
  return addressesOf(client).flatMap((from) =>
    servers
      .filter(({ family }) => family === from.family)
      .map((to) => ({ protocol, port, client: formatAddress(from), server: formatAddress(to) })),
  );
}

function fits({ expect, by, because }: PolicyTestRule, { outcome, flow, reason }: Answer): boolean {
  if (outcome === 'unanswerable') return false;
  const passes = outcome !== 'refuse';
  if (passes !== (expect === 'allow')) return false;
  return (by === '' || flow?.id === by) && (because === '' || passes || reason === because);
}

const NoAddress: Answer = {
  outcome: 'unanswerable',
  reason: undefined,
  flow: undefined,
  profile: undefined,
  judgement: undefined,
  auditUntil: 0,
  flaw: { message: 'Its two ends have no addresses of one family.', hint: 'Give both an ip.' },
};
