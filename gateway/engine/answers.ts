import { modeTerms } from '../../rules/admission/mode.ts';
import type { FlowRule } from '../../rules/policy.ts';
import type { Question } from '../ipc/messages.ts';
import type { StatusBody } from '../ipc/snapshot.ts';
import { describeConduits } from './describe-conduits.ts';
import type { Knowledge } from './knowledge.ts';
import { metricsBody } from './metrics-body.ts';
import { describeMode, summariseMode } from './mode-answer.ts';
import { stateOf } from './mode-switch.ts';
import type { Outcome } from './question-server.ts';

/** The answer to one question of the front or the command line. */
export function answerQuestion(what: Question, known: Knowledge): Outcome {
  switch (what) {
    case 'status':
      return { ok: true, body: statusBody(known) };
    case 'metrics':
      return { ok: true, body: metricsBody(known) };
    case 'connections':
      return { ok: true, body: known.ledger.connections() };
    case 'mode':
      return { ok: true, body: describeMode(known.mode, known.active?.policy) };
    case 'exercise': {
      const { exercise } = known;
      return exercise === undefined ? NoExercise : { ok: true, body: exercise };
    }
    case 'refusals':
      return { ok: true, body: known.ledger.refusals() };
    case 'audited':
      return { ok: true, body: known.observer.audited() };
    case 'observation':
      return { ok: true, body: known.observer.observation() };
    case 'conduits': {
      const { active, ledger, counts, openGates, config } = known;
      // The proxy back end carries inspected flows only; what it has no listener for does not pass.
      const carries = (flow: FlowRule): boolean => config.backEnd === 'kernel' || flow.profile !== '';
      const mode = modeTerms(active?.policy.modes ?? [], stateOf(known.mode.kept));
      const isOpen = (flow: FlowRule): boolean =>
        carries(flow) && mode?.cuts(flow.id) === false && (flow.gate === undefined || openGates.has(flow.id));
      const body =
        active === undefined ? [] : describeConduits(active.policy, ledger.totals(), counts.flows, isOpen);
      return { ok: true, body };
    }
  }
}

const NoExercise: Outcome = {
  ok: false,
  problem: {
    code: 'PST_ERR_EXERCISE',
    sentence: 'This box holds no exercise and no incident.',
    remedy: 'Start one with penstock exercise start.',
  },
};

function statusBody(known: Knowledge): StatusBody {
  const { config, active, lastRejection } = known;
  return {
    site: config.site,
    gateway: config.gateway,
    policyVersion: active?.policy.version ?? 0,
    policyDigest: active?.digest ?? '',
    compiledFor: active?.policy.compiler ?? '',
    notBefore: active?.policy.notBefore ?? 0,
    notAfter: active?.policy.notAfter ?? 0,
    activatedAt: active?.since ?? 0,
    backEnd: config.backEnd,
    zones: active?.policy.zones.map(({ name, kind, slT }) => ({ name, kind, slT })) ?? [],
    mode: summariseMode(known.mode, active?.policy),
    startedAt: known.startedAt,
    now: known.now,
    inspectors: known.inspectors.map(({ pid, shards, spare, since, dataPath }) => ({
      pid,
      shards: [...shards],
      spare,
      since,
      ...(dataPath === undefined ? {} : { dataPath: dataPath.path }),
    })),
    nftChild: known.enforcement.nftChild,
    evidence: known.evidence,
    alarms: [...known.alarms],
    ...(lastRejection === undefined
      ? {}
      : {
          lastRejection: { at: lastRejection.at, code: lastRejection.code, message: lastRejection.message },
        }),
    ...pendingBody(known),
    ...rollbackBody(known),
  };
}

function pendingBody({ pending, now }: Knowledge): Pick<StatusBody, 'pending'> {
  if (pending === undefined) return {};
  const { by, left, before } = pending;
  return { pending: { by, until: now + left, toVersion: before?.policy.version ?? 0 } };
}

function rollbackBody({ lastRollback }: Knowledge): Pick<StatusBody, 'lastRollback'> {
  if (lastRollback === undefined) return {};
  const { at, from, to, why, by } = lastRollback;
  return {
    lastRollback: { at, version: from.policy.version, toVersion: to?.policy.version ?? 0, why, by },
  };
}
