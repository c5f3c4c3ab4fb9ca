import { NormalMode } from '../../rules/admission/mode.ts';
import { opensSomething } from '../../rules/admission/mode-change.ts';
import type { CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import { GatewayError } from '../errors.ts';
import type { BrokerParts } from './parts.ts';

/** What people ask of the box beside its grants: another mode, and what proves its log. */
export function boxCalls({
  people,
  evidence,
  policy,
  mode: present,
  switchMode,
}: BrokerParts): CallHandlers<'switch-mode' | 'evidence' | 'evidence-accept' | 'evidence-witness'> {
  function opens(mode: string): boolean {
    const rules = policy()?.policy;
    if (mode === NormalMode || rules === undefined) return true;
    return opensSomething(rules, present(), { mode, reopened: [] });
  }

  return {
    'switch-mode': async ({ mode, why, pace, second }, context) => {
      const admitted = people.caller(context, { call: 'switch-mode' });
      if (!admitted.ok) return admitted;
      const { caller } = admitted;
      // What cuts waits for nobody's telephone; what opens again is somebody's word.
      if (opens(mode) || second.kind !== 'none') {
        if (second.kind === 'none') return refuse('PST_FACTOR_NEEDED');
        const proved = await people.proveSecond(caller, second);
        if (!proved.ok) return proved;
      }
      try {
        return { ok: true, body: await switchMode({ mode, why, pace }, caller.name) };
      } catch (cause) {
        if (!(cause instanceof GatewayError)) throw cause;
        return refuse('PST_NOT_DONE', `${cause.message} ${cause.remedy}`);
      }
    },

    evidence: async (_, context) => {
      const admitted = people.caller(context, { call: 'evidence' });
      return admitted.ok ? { ok: true, body: evidence.body() } : admitted;
    },

    'evidence-accept': async ({ why }, context) => {
      const admitted = people.caller(context, { call: 'evidence-accept' });
      if (!admitted.ok) return admitted;
      await evidence.accept(admitted.caller.name, why);
      return { ok: true, body: evidence.body() };
    },

    'evidence-witness': async ({ note }, context) => {
      const admitted = people.caller(context, { call: 'evidence-witness' });
      if (!admitted.ok) return admitted;
      const problem = await evidence.addWitness(note);
      return problem === '' ? { ok: true, body: evidence.body() } : refuse('PST_NOT_WORD', problem);
    },
  };
}
