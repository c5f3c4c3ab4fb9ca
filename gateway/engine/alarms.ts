import type { Policy } from '../../rules/policy.ts';
import type { GrantsSummary } from '../broker/broker.ts';
import type { EnforcementState } from '../enforce/enforcement.ts';
import { QuotaSteps } from '../evidence/log-health.ts';
import type { StatusBody } from '../ipc/snapshot.ts';
import type { Pending } from '../load/outcome.ts';
import type { InspectorState } from './inspector-member.ts';
import type { ModeReport } from './mode-report.ts';

/** What a person should look into although the gateway goes on. */
export type Alarm = StatusBody['alarms'][number];

export interface AlarmFacts {
  readonly policy: Policy | undefined;
  readonly mode: ModeReport;
  /** That it is yet to be confirmed, and why it cannot be taken back now, or empty. */
  readonly pending: Pending | undefined;
  readonly rollbackTrouble: string;
  readonly now: number;
  readonly canTellTime: boolean;
  readonly enforcement: EnforcementState;
  /** Differences between the kernel's table and the policy found by the last look, and why there was none. */
  readonly drift: readonly string[];
  readonly blindness: string;
  readonly evidenceFailing: string;
  /** Why nobody from outside may be let in, or empty. */
  readonly evidenceBroken: string;
  /** How much of its budget is taken by what is never given up for room. */
  readonly evidencePercent: number;
  readonly grants: GrantsSummary;
  /** What of accounts and authority cannot be used, as sentences. */
  readonly accessTroubles: readonly string[];
  readonly inspectors: readonly InspectorState[];
  /** Inspecting processes that should carry traffic. */
  readonly wanted: number;
}

/** Every alarm that holds now, the gravest first. */
export function alarms(facts: AlarmFacts): readonly Alarm[] {
  return [
    ...kernelAlarms(facts),
    ...modeAlarms(facts.mode),
    ...confirmAlarms(facts),
    ...inspectorAlarms(facts),
    ...facts.enforcement.alarms,
    ...(facts.evidenceFailing === ''
      ? []
      : [alarm('EVIDENCE', `Evidence is not being written: ${facts.evidenceFailing}`)]),
    ...(facts.evidenceFailing === '' && facts.evidenceBroken !== ''
      ? [alarm('EVIDENCE_BROKEN', `Vendors are not let in: ${facts.evidenceBroken}`)]
      : []),
    ...quotaAlarms(facts),
    ...accessAlarms(facts),
    ...timeAlarms(facts),
  ];
}

/** 62443-3-3 SR 2.9 RE1. */
function quotaAlarms({ evidencePercent }: AlarmFacts): readonly Alarm[] {
  if (evidencePercent < QuotaSteps[0]) return [];
  const sentence = `What must be kept takes ${evidencePercent} % of the evidence's disk; when it is full nobody is let in. Export it and raise evidence.max_bytes.`;
  return [alarm('EVIDENCE_QUOTA', sentence)];
}

function accessAlarms({ grants, accessTroubles }: AlarmFacts): readonly Alarm[] {
  const alone = grants.open.filter(({ breakGlass }) => breakGlass);
  return [
    ...alone.map(({ grant, person }) =>
      alarm('BREAK_GLASS', `One person alone let ${person} in (grant ${grant}); it is open now.`),
    ),
    ...accessTroubles.map((sentence) => alarm('ACCESS', sentence)),
  ];
}

function kernelAlarms({ policy, drift, blindness }: AlarmFacts): readonly Alarm[] {
  const found: Alarm[] = [];
  const [difference] = drift;
  if (policy === undefined) {
    found.push(
      alarm(
        'NO_POLICY',
        'No policy is in force: nothing is opened, and what the kernel holds stays as it is.',
      ),
    );
  }
  if (difference !== undefined) {
    found.push(alarm('TABLE_CHANGED', `Somebody changed the kernel table: ${difference}`));
  }
  if (blindness !== '')
    found.push(alarm('TABLE_UNSEEN', `The kernel table cannot be looked at: ${blindness}`));
  return found;
}

function modeAlarms({ kept, guessed, unfinished, recovery }: ModeReport): readonly Alarm[] {
  const found = unfinished.map((sentence) => alarm('MODE_UNFINISHED', sentence));
  if (guessed) {
    const sentence = `Nobody knows which mode should hold, so the strictest, ${kept.mode}, is in force. Switch it.`;
    found.push(alarm('MODE_UNKNOWN', sentence));
  }
  if (recovery !== undefined && recovery.held !== '') {
    const sentence = `Leaving mode ${kept.mode} stands still: ${recovery.held}. Go on with penstock mode normal.`;
    found.push(alarm('RECOVERY_HELD', sentence));
  }
  return found;
}

function confirmAlarms({ policy, pending, rollbackTrouble }: AlarmFacts): readonly Alarm[] {
  if (policy === undefined || pending === undefined) return [];
  if (rollbackTrouble !== '') {
    const sentence = `Policy version ${policy.version} is to be taken back and still stands: ${rollbackTrouble}`;
    return [alarm('ROLLBACK_FAILED', sentence)];
  }
  const { left, before } = pending;
  const then = before === undefined ? 'everything is shut' : `version ${before.policy.version} comes back`;
  const sentence = `Policy version ${policy.version} is not confirmed; in ${Math.ceil(left / 1000)} s ${then}.`;
  return [alarm('UNCONFIRMED', sentence)];
}

function inspectorAlarms({ policy, now, inspectors, wanted }: AlarmFacts): readonly Alarm[] {
  const found: Alarm[] = [];
  const carrying = inspectors.filter(({ shards }) => shards.length > 0);
  if (carrying.length < wanted) {
    found.push(
      alarm('INSPECTOR_MISSING', `${carrying.length} of ${wanted} inspecting processes carry traffic.`),
    );
  } else if (!inspectors.some(({ spare }) => spare)) {
    found.push(alarm('NO_SPARE', 'No spare inspecting process stands by.'));
  }
  for (const { pid, since, current, silence, trouble, missingPorts, dataPath } of inspectors) {
    if (policy !== undefined && !current && now - since > LongestSilence) {
      found.push(alarm('INSPECTOR_BEHIND', `Inspector ${pid} does not enforce the policy in force; end it.`));
    }
    if (silence > LongestSilence)
      found.push(alarm('INSPECTOR_SILENT', `Inspector ${pid} is silent; end it.`));
    if (trouble !== '') found.push(alarm('NOT_LISTENING', `Inspector ${pid} cannot listen: ${trouble}`));
    if (dataPath !== undefined && dataPath.problem !== '') {
      const sentence = `Inspector ${pid} carries by streams, which takes more processor time: ${dataPath.problem}. data_path: streams in gateway.yaml ends this alarm.`;
      found.push(alarm('DATA_PATH', sentence));
    }
    for (const { port, problem } of missingPorts) {
      found.push(
        alarm('SERIAL_PORT', `Serial port ${port} cannot be had: ${problem}. Its clients are told so.`),
      );
    }
  }
  return found;
}

function timeAlarms({ policy, now, canTellTime }: AlarmFacts): readonly Alarm[] {
  if (policy === undefined) return [];
  const found: Alarm[] = [];
  if (now >= policy.notAfter) {
    const sentence = 'The running bundle is past its validity. It is enforced all the same; sign a new one.';
    found.push(alarm('BUNDLE_EXPIRED', sentence));
  }
  if (now < policy.notBefore) {
    const sentence = 'By the clock of this box the running bundle has yet to begin. Look at the clock.';
    found.push(alarm('BUNDLE_NOT_YET', sentence));
  }
  if (!canTellTime && policy.flows.some(({ gate, auditUntil }) => gate !== undefined || auditUntil > 0)) {
    const sentence =
      'The clock is not synchronised, so temporary and scheduled flows stay shut and no audit stage holds.';
    found.push(alarm('CLOCK', sentence));
  }
  return found;
}

function alarm(code: string, sentence: string): Alarm {
  return { code, sentence };
}

/** An inspector says something each second, and takes a policy up in less. Milliseconds. */
const LongestSilence = 5_000;
