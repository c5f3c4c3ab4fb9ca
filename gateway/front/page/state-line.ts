import type { StatusBody } from '../../ipc/snapshot.ts';
import { element } from './element.ts';
import type { Live } from './live.ts';
import { counted, duration, moment, timeOfDay } from './words.ts';

/** How the gateway is, as far as this page knows. `lost` since when nothing new has come. */
export type State =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'fresh'; readonly status: StatusBody }
  | {
      readonly kind: 'lost';
      readonly since: number;
      readonly now: number;
      readonly sentence: string;
      /** What was known last, if anything. */
      readonly status: StatusBody | undefined;
    };

/** How it is, from what was told and when. */
export function stateOf({ status, heardAt, trouble }: Live, openedAt: number): State {
  const now = Date.now();
  const recent = now - heardAt <= StaleAfter;
  if (recent && status !== undefined) return { kind: 'fresh', status };
  if (now - openedAt <= StaleAfter && trouble === '') return { kind: 'waiting' };
  return { kind: 'lost', since: heardAt, now, status, sentence: trouble || 'The gateway does not answer.' };
}

/** `good`, `look` (somebody should), `bad`: the page's lamp, always with words and a shape of its own. */
export type Grade = 'good' | 'look' | 'bad' | 'waiting';

export function gradeOf(state: State): Grade {
  if (state.kind === 'waiting') return 'waiting';
  if (state.kind === 'lost') return 'bad';
  if (state.status.policyVersion === 0) return 'bad';
  return state.status.alarms.length > 0 || !isNormal(state.status) ? 'look' : 'good';
}

/** The sentence that must be readable from across the room. */
export function headline(state: State): string {
  switch (state.kind) {
    case 'waiting':
      return 'Asking the gateway';
    case 'lost':
      return `No news for ${duration(state.now - state.since)}`;
    case 'fresh': {
      const { policyVersion, alarms, pending } = state.status;
      if (policyVersion === 0) return 'No policy in force: everything stays closed';
      const raised = alarms.length === 0 ? '' : `, ${counted(alarms.length, 'alarm')}`;
      if (!isNormal(state.status)) return `${modeHeadline(state.status.mode)}${raised}`;
      const waits = pending === undefined ? '' : ', not confirmed';
      return `Enforcing policy version ${policyVersion}${waits}${raised}`;
    }
  }
}

/** What a screen reader says: as the headline, but without a count of seconds that would not let it rest. */
export function announcement(state: State): string {
  return state.kind === 'lost' ? `No news from the gateway. ${state.sentence}` : headline(state);
}

/** What stands below it. */
export function subline(state: State): string {
  if (state.kind === 'waiting') return '';
  if (state.kind === 'lost') {
    return `${state.sentence} What is enforced stays enforced. Everything below is as of ${moment(state.since)}.`;
  }
  const { activatedAt, notAfter, backEnd, policyVersion, mode } = state.status;
  if (policyVersion > 0 && !isNormal(state.status)) return modeSubline(mode);
  if (state.status.pending !== undefined) return pendingSubline(state.status.pending, state.status.now);
  const policy =
    policyVersion === 0 ? '' : `In force since ${moment(activatedAt)}, valid until ${moment(notAfter)}. `;
  return `${policy}${BackEnds[backEnd]}`;
}

/** Confirming a policy is an act of the command line; this page shows how long there is. */
function pendingSubline({ by, until, toVersion }: NonNullable<StatusBody['pending']>, now: number): string {
  const back = toVersion === 0 ? 'everything is shut' : `version ${toVersion} comes back`;
  return `Applied by ${by}. In ${duration(until - now)} ${back} unless “penstock confirm” is given on the command line.`;
}

function isNormal({ mode }: StatusBody): boolean {
  return mode.name === 'normal';
}

function modeHeadline({ name, cutFlows, recovery }: StatusBody['mode']): string {
  const cut = `${counted(cutFlows, 'flow')} cut`;
  if (recovery === undefined) return `Mode ${name}: ${cut}`;
  return `Leaving mode ${name}, step ${recovery.done} of ${recovery.steps}: still ${cut}`;
}

/** Who decided, why, and how it goes on. */
function modeSubline({ since, by, why, recovery }: StatusBody['mode']): string {
  const decided = `Since ${moment(since)}${by === '' ? '' : `, by ${by}`}${why === '' ? '' : `: ${why}`}.`;
  if (recovery === undefined) return `${decided} It is left under Modes, or with “penstock mode normal”.`;
  const { next, nextAt, held } = recovery;
  const when = nextAt === undefined ? 'by a person’s word, under Modes' : `at ${timeOfDay(nextAt)}`;
  return `${decided} ${next} is opened next, ${when}.${held === '' ? '' : ` It stands still: ${held}.`}`;
}

/** Every alarm with its code, the last bundle that was refused and the last policy that was taken back. */
export function alarmList({ alarms, lastRejection, lastRollback }: StatusBody): readonly HTMLElement[] {
  const raised = alarms.map(({ code, sentence }) =>
    element('li', { class: 'alarm' }, element('strong', {}, sentence), ' ', element('code', {}, code)),
  );
  return [
    ...raised,
    ...(lastRejection === undefined ? [] : [rejectionNotice(lastRejection)]),
    ...(lastRollback === undefined ? [] : [rollbackNotice(lastRollback)]),
  ];
}

function rejectionNotice({ at, code, message }: NonNullable<StatusBody['lastRejection']>): HTMLElement {
  const sentence = `A bundle was refused at ${moment(at)} and changed nothing: ${message}`;
  return element('li', { class: 'notice' }, sentence, ' ', element('code', {}, code));
}

function rollbackNotice({
  at,
  version,
  toVersion,
  why,
}: NonNullable<StatusBody['lastRollback']>): HTMLElement {
  const to = toVersion === 0 ? 'nothing was in force before' : `version ${toVersion} came back`;
  return element(
    'li',
    { class: 'notice' },
    `Policy version ${version} was taken back at ${moment(at)}, ${to}: ${why}`,
  );
}

const BackEnds: Record<StatusBody['backEnd'], string> = {
  kernel: 'Kernel back end: every packet between the zones passes here.',
  proxy: 'Proxy back end: only connections made to this gateway are inspected.',
};

/** Milliseconds after which what is shown is old news. A restart of the engine is over before that. */
const StaleAfter = 5_000;
