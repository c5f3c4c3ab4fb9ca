import { Normal, NormalMode } from '../admission/mode.ts';
import type { Way } from '../flow-match.ts';
import type { ModbusProfile } from '../modbus/profile.ts';
import type { OpenFlow } from '../nft/gates.ts';
import type { FlowRule, Policy } from '../policy.ts';
import type { TestGiven } from '../policy-test.ts';
import type { Reason } from '../reason.ts';
import type { Flaw, StatedRequest } from './build-request.ts';
import { createRouteFinder, openAt } from './find-route.ts';
import { type Judgement, judgeRequest } from './judge-request.ts';

/** Who to whom, what, and under which circumstances. Client and server are addresses. */
export interface Question extends Way {
  /** What is asked once connected; `undefined` where the question is about the way alone. */
  readonly request: StatedRequest | undefined;
  /** `at` in milliseconds since the Unix epoch; `mode` is a mode of the policy. */
  readonly given: TestGiven & { readonly at: number };
}

/** What happens, by which flow and permission, or why not. */
export interface Answer {
  /**
   * `would-refuse` passes, by the leave of an audit stage. `unanswerable`: what was asked cannot be sent;
   * {@link Answer.flaw} says why, and it is neither allowed nor refused.
   */
  readonly outcome: 'allow' | 'refuse' | 'would-refuse' | 'unanswerable';
  /** `undefined` exactly where the outcome is `allow` or `unanswerable`. */
  readonly reason: Reason | undefined;
  /** The flow it takes, or the one that came closest. */
  readonly flow: FlowRule | undefined;
  /** The profile the flow is inspected by, as the mode has it; `undefined` where it is not inspected. */
  readonly profile: ModbusProfile | undefined;
  /** What the inspection said, where it came to that. */
  readonly judgement: Judgement | undefined;
  /** When the audit stage ends that lets it pass; 0 without one. */
  readonly auditUntil: number;
  readonly flaw: Flaw | undefined;
}

/**
 * Answers what a policy says to something, by the code that enforces it: the flow table and the gates of the
 * gateway, and the inspection itself. It knows every flow to be where the model puts it; which wire a packet
 * comes from is the kernel table's to judge.
 */
export interface Evaluator {
  /** @throws Error where the policy has no such mode */
  ask(question: Question): Answer;
  /**
   * Whether the answer to a way can change as time passes, of itself; `session` is the id of the vendor whose
   * session is granted, or empty.
   */
  dependsOnTime(way: Way, session: string): boolean;
}

export function createEvaluator(policy: Policy): Evaluator {
  const routes = createRouteFinder(policy);
  const gates = { of: '', open: openAt(policy, 0, '') };

  function ask({ request, given, ...way }: Question): Answer {
    const { at, mode, session } = given;
    if (mode !== NormalMode && !policy.modes.some(({ name }) => name === mode))
      throw new Error(`the policy has no mode ${mode}`);
    const moment = { at, mode: { ...Normal, mode }, open: openOf(at, session) };
    const route = routes.findInSession(way, session, moment) ?? routes.find(way, moment);
    if (route.kind === 'none')
      return { ...Nothing, outcome: 'refuse', reason: route.reason, flow: route.flow };
    if (route.kind === 'undeclared') {
      return { ...Nothing, outcome: 'would-refuse', reason: 'no-flow', auditUntil: route.until };
    }
    const { flow, permit } = route;
    const profile = permit?.profile;
    if (request === undefined || permit === undefined) return { ...Nothing, outcome: 'allow', flow, profile };
    const judged = judgeRequest(request, given, permit, at);
    if (!judged.ok) return { ...Nothing, outcome: 'unanswerable', flow, profile, flaw: judged.flaw };
    const { judgement } = judged;
    const { outcome, reason } = judgement;
    const auditUntil = outcome === 'would-refuse' ? flow.auditUntil : 0;
    return { ...Nothing, outcome, reason, flow, profile, judgement, auditUntil };
  }

  /** Many are asked about one moment; when a schedule changes next is dear to find. */
  function openOf(at: number, session: string): readonly OpenFlow[] {
    const moment = `${at} ${session}`;
    if (gates.of !== moment) [gates.of, gates.open] = [moment, openAt(policy, at, session)];
    return gates.open;
  }

  return { ask, dependsOnTime: routes.dependsOnTime };
}

const Nothing = {
  reason: undefined,
  flow: undefined,
  profile: undefined,
  judgement: undefined,
  auditUntil: 0,
  flaw: undefined,
} as const;
