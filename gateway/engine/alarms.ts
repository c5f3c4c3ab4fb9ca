import type { Policy } from '../../rules/policy.ts';
import type { EnforcementState } from '../enforce/enforcement.ts';
import type { StatusBody } from '../ipc/snapshot.ts';
import { gatedFlows } from './gate-keeper.ts';

/** What a person should look into although the gateway goes on. */
export type Alarm = StatusBody['alarms'][number];

export interface AlarmFacts {
  readonly policy: Policy | undefined;
  readonly now: number;
  readonly canTellTime: boolean;
  readonly enforcement: EnforcementState;
  /** Differences between the kernel's table and the policy found by the last look. */
  readonly drift: readonly string[];
  readonly evidenceFailing: string;
  /** Inspecting processes that carry traffic, and how many there should be. */
  readonly carrying: number;
  readonly inspectors: number;
  readonly spares: number;
}

/** Every alarm that holds now, the gravest first. */
export function alarms(facts: AlarmFacts): readonly Alarm[] {
  const { policy, now } = facts;
  const found: Alarm[] = [];
  const raise = (code: string, sentence: string): number => found.push({ code, sentence });
  if (policy === undefined) raise('NO_POLICY', 'No policy is in force: everything stays closed.');
  if (facts.drift.length > 0) raise('TABLE_CHANGED', `Somebody changed the kernel table: ${facts.drift[0]}`);
  if (facts.carrying < facts.inspectors) {
    raise(
      'INSPECTOR_MISSING',
      `${facts.carrying} of ${facts.inspectors} inspecting processes carry traffic.`,
    );
  } else if (facts.spares === 0) {
    raise('NO_SPARE', 'No spare inspecting process stands by.');
  }
  if (facts.evidenceFailing !== '')
    raise('EVIDENCE', `Evidence is not being written: ${facts.evidenceFailing}`);
  if (policy !== undefined && now >= policy.notAfter) {
    raise(
      'BUNDLE_EXPIRED',
      'The running bundle is past its validity. It is enforced all the same; sign a new one.',
    );
  }
  if (policy !== undefined && gatedFlows(policy).length > 0 && !facts.canTellTime) {
    raise('CLOCK', 'The clock is not synchronised, so temporary and scheduled flows stay shut.');
  }
  return [...found, ...facts.enforcement.alarms];
}
