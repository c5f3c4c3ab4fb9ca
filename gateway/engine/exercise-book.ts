import { createHash } from 'node:crypto';
import { modeTerms } from '../../rules/admission/mode.ts';
import type { Policy } from '../../rules/policy.ts';
import type { Act } from '../../rules/record/record.ts';
import { GatewayError } from '../errors.ts';
import { type ExerciseBody, type ExerciseChange, exerciseText } from '../ipc/exercise-body.ts';
import type { ControlToEngine } from '../ipc/messages.ts';
import type { ExerciseFile } from './exercise-file.ts';
import { planOf, reportingClock } from './exercise-plan.ts';
import { describeTimes } from './mode-answer.ts';
import { EverythingElse, type ModeKeeper } from './mode-keeper.ts';
import type { CarriedChange } from './mode-report.ts';

/** What a person asks of the exercise. */
export type ExerciseAct = Extract<ControlToEngine, { readonly kind: 'exercise' }>['act'];

/** The exercise that goes on, or was the last; at most one at a time. An incident is kept in the same way. */
export interface ExerciseBook {
  /**
   * Starts one and switches the mode unless it is dry; notes a decision or a finding; ends it. Each is on record first.
   * @throws GatewayError PST_ERR_EXERCISE, PST_ERR_MODE_UNKNOWN, PST_ERR_NO_BUNDLE, PST_ERR_EVIDENCE, PST_ERR_STATE_DIR
   */
  readonly act: (act: ExerciseAct, by: string) => Promise<ExerciseBody>;
  /** Notes a change of the mode while one goes on. */
  readonly note: (change: CarriedChange) => void;
  readonly latest: () => ExerciseBody | undefined;
}

export interface ExerciseBookOptions {
  readonly file: ExerciseFile;
  readonly modes: Pick<ModeKeeper, 'switchTo' | 'report'>;
  readonly policy: () => Policy | undefined;
  /** Never awaited. */
  readonly record: (act: Act) => void;
  /** Resolves when it is on the medium. @throws GatewayError PST_ERR_EVIDENCE */
  readonly recordDurably: (act: Act) => Promise<void>;
  readonly site: string;
  readonly gateway: string;
  readonly wall: () => number;
}

export function createExerciseBook(options: ExerciseBookOptions): ExerciseBook {
  const { file, modes, policy, record, recordDurably, site, gateway, wall } = options;
  let latest = file.read();

  function running(): ExerciseBody {
    if (latest === undefined || latest.endedAt !== 0) {
      throw new GatewayError('PST_ERR_EXERCISE', 'None goes on.');
    }
    return latest;
  }

  async function start(wish: Extract<ExerciseAct, { what: 'start' }>, by: string): Promise<ExerciseBody> {
    if (latest !== undefined && latest.endedAt === 0) {
      throw new GatewayError('PST_ERR_EXERCISE', `${latest.id} goes on.`);
    }
    const rules = policy();
    if (rules === undefined) throw new GatewayError('PST_ERR_NO_BUNDLE');
    const { mode, occasion, dry, scenario, participants } = wish;
    if (mode !== '' && modeTerms(rules.modes, { mode, reopened: [] }) === undefined) {
      const names = rules.modes.map(({ name }) => name).join(', ');
      throw new GatewayError('PST_ERR_MODE_UNKNOWN', `Its modes are: ${names}.`);
    }
    const at = wall();
    const body: ExerciseBody = {
      format: 1,
      id: idOf(at, occasion),
      occasion,
      dry,
      site,
      gateway,
      policyVersion: rules.version,
      scenario,
      participants,
      startedAt: at,
      startedBy: by,
      endedAt: 0,
      endedBy: '',
      clock: reportingClock(wish.since ?? at),
      ...(mode === '' ? {} : { plan: planOf(rules, mode) }),
      entries: [],
      changes: [],
      modeAtEnd: '',
    };
    const started = actOf(body, 'started', scenario, by);
    const why = `${body.id}: ${scenario}`;
    if (occasion === 'exercise') await keep(body, started);
    else latest = body;
    // What is cut in an incident waits for no record.
    if (mode !== '' && !dry) await modes.switchTo({ mode, by, why, pace: 'confirm' });
    if (occasion === 'incident') await keep(latest ?? body, started);
    return latest ?? body;
  }

  async function keep(body: ExerciseBody, act: Act): Promise<void> {
    try {
      await recordDurably(act);
      file.save(body);
    } catch (cause) {
      // An exercise can wait for a better day. An incident cannot, nor for the disk.
      if (body.occasion === 'exercise') throw cause;
      record(act);
    }
    latest = body;
  }

  function enter(what: 'decision' | 'finding', text: string, by: string): Promise<void> {
    const body = running();
    if (body.entries.length >= MaxEntries) {
      throw new GatewayError('PST_ERR_EXERCISE', `${body.id} holds ${MaxEntries} notes, and no more.`);
    }
    const entries = [...body.entries, { at: wall(), by, what, text }];
    return keep({ ...body, entries }, actOf(body, what, text, by));
  }

  async function end(by: string): Promise<void> {
    const modeAtEnd = modes.report().kept.mode;
    const body: ExerciseBody = { ...running(), endedAt: wall(), endedBy: by, modeAtEnd };
    const digest = createHash('sha256').update(exerciseText(body)).digest();
    await keep(body, { ...actOf(body, 'ended', body.scenario, by), digest: Uint8Array.from(digest) });
  }

  return {
    act: async (act, by) => {
      if (act.what === 'start') return start(act, by);
      if (act.what === 'end') await end(by);
      else await enter(act.what, act.text, by);
      return latest ?? running();
    },
    note: (change) => {
      if (latest === undefined || latest.endedAt !== 0 || latest.dry) return;
      if (latest.changes.length >= MaxEntries) return;
      latest = { ...latest, changes: [...latest.changes, changeOf(change)] };
      try {
        file.save(latest);
      } catch {
        // The change itself is on record; here it is kept until the next note, which is written with it.
      }
    },
    latest: () => latest,
  };
}

function actOf(
  body: ExerciseBody,
  what: string,
  text: string,
  by: string,
): Act & { readonly kind: 'rehearsed' } {
  const { id, occasion, dry, participants, plan } = body;
  const mode = plan?.mode ?? '';
  return {
    kind: 'rehearsed',
    id,
    occasion,
    what,
    dry,
    mode,
    text,
    participants,
    by,
    digest: new Uint8Array(),
  };
}

function changeOf({ at, by, from, to, step, flows, outcome }: CarriedChange): ExerciseChange {
  return {
    at,
    by,
    from: from.mode,
    to: to.mode,
    ...(step === undefined
      ? {}
      : { step: { number: step.number, of: step.of, what: step.conduit || EverythingElse } }),
    flows: flows.length,
    ...describeTimes(outcome.times),
    troubles: [...outcome.troubles],
  };
}

/** `EX-20261121-160812-345`: the moment it began, UTC. */
function idOf(at: number, occasion: ExerciseBody['occasion']): string {
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 23).split('T');
  return `${occasion === 'exercise' ? 'EX' : 'IN'}-${day.replaceAll('-', '')}-${time.replaceAll(':', '').replace('.', '-')}`;
}

const MaxEntries = 1_000;
