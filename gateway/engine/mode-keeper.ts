import { modeTerms, NormalMode } from '../../rules/admission/mode.ts';
import { opensSomething, strictestMode } from '../../rules/admission/mode-change.ts';
import { cutFlows, nextStep, recoverySteps } from '../../rules/admission/recovery.ts';
import type { Policy } from '../../rules/policy.ts';
import type { Act } from '../../rules/record/record.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { type KeptMode, NeverSwitched } from './mode-file.ts';
import { createPacer, type Pace } from './mode-pace.ts';
import type { CarriedChange, ModeReport, ModeWish } from './mode-report.ts';
import {
  cutOff,
  finish,
  Gateway,
  type ModeChange,
  type ModeOutcome,
  type ModeParts,
  openUp,
  stateOf,
} from './mode-switch.ts';

/** The mode in force: it is switched here, left step by step, and taken up again after a restart. */
export interface ModeKeeper {
  /** Takes up the mode that held before the restart: before an inspector connects and a policy is enforced. */
  readonly begin: () => Promise<void>;
  /** Whether a policy can be in force in this mode; the first one after a start always can. @returns why not, or '' */
  readonly fit: (policy: Policy) => string;
  /** For a policy that comes into force whatever the mode: where it lacks the mode, its strictest holds from now on. */
  readonly adopt: (policy: Policy) => void;
  readonly report: () => ModeReport;
  /**
   * {@link NormalMode} leaves the mode in the order it states; said again, it takes the next step at once. Any other
   * is in force when this resolves, and gives up a recovery that is under way.
   * @throws GatewayError PST_ERR_MODE_UNKNOWN, PST_ERR_NO_BUNDLE and, where it opens something, those of `openUp`
   */
  readonly switchTo: (wish: ModeWish) => Promise<ModeOutcome>;
  readonly stop: () => void;
}

export interface ModeKeeperOptions extends ModeParts {
  /** The policy in force. */
  readonly policy: () => Policy | undefined;
  /** The line in which enforcement is changed. */
  readonly inTurn: OneAtATime;
  readonly wall: () => number;
  readonly log: Logger;
  readonly onChange: (change: CarriedChange) => void;
}

export function createModeKeeper(options: ModeKeeperOptions): ModeKeeper {
  const { enforcement, pool, file, policy, inTurn, wall, log, onChange } = options;
  let kept: KeptMode = NeverSwitched;
  let generation = 0;
  let guessed = false;
  let unfinished: readonly string[] = [];
  let pace: Pace = 'confirm';
  const pacer = createPacer(goOn, wall);
  let mendTimer: NodeJS.Timeout | undefined;

  function switchTo(wish: ModeWish): Promise<ModeOutcome> {
    return inTurn(async () => {
      const rules = policy();
      if (rules === undefined) throw new GatewayError('PST_ERR_NO_BUNDLE');
      if (modeTerms(rules.modes, { mode: wish.mode, reopened: [] }) === undefined) {
        const names = rules.modes.map(({ name }) => name).join(', ');
        throw new GatewayError('PST_ERR_MODE_UNKNOWN', `Its modes are: ${names}.`);
      }
      if (wish.mode !== NormalMode) return enter(rules, wish);
      if (kept.mode === NormalMode) return Nothing;
      pace = wish.pace;
      return takeStep(rules, wish);
    });
  }

  async function enter(rules: Policy, { mode, by, why }: ModeWish): Promise<ModeOutcome> {
    pacer.rest('');
    const state = { mode, reopened: [] };
    const opens = opensSomething(rules, stateOf(kept), state);
    const cut = cutFlows(rules, state).map(({ id }) => id);
    const since = mode === kept.mode ? kept.since : wall();
    const act: Act = { kind: 'modeSwitched', from: kept.mode, to: mode, by, why, cut: cut.length };
    return carryOut({ format: 1, mode, since, by, why }, act, opens, undefined, cut);
  }

  /** The next step of leaving the mode; the last one ends it. @throws GatewayError */
  async function takeStep(rules: Policy, { by, why }: Pick<ModeWish, 'by' | 'why'>): Promise<ModeOutcome> {
    pacer.rest('');
    const steps = recoverySteps(rules, kept.mode);
    const reopened = kept.recovery?.reopened ?? [];
    const index = nextStep(steps, reopened);
    const { conduit, flows } = steps[index] ?? { conduit: '', flows: [] };
    const isLast = index >= steps.length - 1;
    const to: KeptMode = isLast
      ? { format: 1, mode: NormalMode, since: wall(), by, why }
      : { ...kept, recovery: { by, why, reopened: [...reopened, ...flows] } };
    const step = { number: index + 1, of: Math.max(steps.length, index + 1), conduit };
    const act: Act = {
      kind: 'modeReopened',
      mode: kept.mode,
      step: step.number,
      steps: step.of,
      what: conduit || EverythingElse,
      flows: flows.length,
      by,
      why,
    };
    const outcome = await carryOut(to, act, true, step, flows);
    if (!isLast) pacer.wait(pace);
    return outcome;
  }

  async function carryOut(
    to: KeptMode,
    act: Act,
    opens: boolean,
    step: CarriedChange['step'],
    flows: readonly string[],
  ): Promise<ModeOutcome> {
    generation += 1;
    const [at, from] = [wall(), kept];
    const change: ModeChange = { from, to, generation, act };
    const outcome = await (opens ? openUp(change, options) : cutOff(change, options));
    kept = to;
    guessed = false;
    unfinished = outcome.unfinished;
    mendLater();
    log.warn(
      { mode: to.mode, step: step?.number, ...outcome.times, troubles: outcome.troubles },
      'mode changed',
    );
    onChange({
      at,
      from: stateOf(from),
      to: stateOf(to),
      by: to.recovery?.by ?? to.by,
      step,
      flows,
      outcome,
    });
    return outcome;
  }

  /** A step nobody waits for. What stands in its way holds the recovery: only a person goes on then. */
  function goOn(): Promise<void> {
    const { recovery } = kept;
    return inTurn(async () => {
      const rules = policy();
      // Somebody was faster, or gave it up.
      if (rules === undefined || recovery === undefined || kept.recovery !== recovery) return;
      await takeStep(rules, recovery);
    });
  }

  function mendLater(): void {
    clearTimeout(mendTimer);
    if (unfinished.length === 0) return;
    mendTimer = setTimeout(() => {
      void inTurn(async () => {
        unfinished = await finish(kept, options);
        mendLater();
      });
    }, MendInterval);
  }

  async function begin(): Promise<void> {
    const found = file.read();
    guessed = found === 'unreadable';
    kept = found === 'unreadable' ? { ...NeverSwitched, mode: Unknown } : (found ?? NeverSwitched);
    if (kept.recovery !== undefined) pacer.rest('the gateway was started anew');
    await tellAll();
  }

  async function tellAll(): Promise<void> {
    generation += 1;
    const state = stateOf(kept);
    void pool.setMode(state, generation);
    await enforcement.setMode(state.mode, state.reopened);
  }

  function fit(rules: Policy): string {
    if (modeTerms(rules.modes, { mode: kept.mode, reopened: [] }) !== undefined) return '';
    // After a start nobody's mode is overruled: what comes into force first brings its strictest; see `adopt`.
    return policy() === undefined ? '' : `It has no mode ${kept.mode}, which is in force.`;
  }

  function adopt(rules: Policy): void {
    if (modeTerms(rules.modes, { mode: kept.mode, reopened: [] }) !== undefined) return;
    const mode = strictestMode(rules);
    const why = 'the policy does not have the mode that held, or nobody knows which it was';
    const cut = cutFlows(rules, { mode, reopened: [] }).length;
    options.record({ kind: 'modeSwitched', from: kept.mode, to: mode, by: Gateway, why, cut });
    pacer.rest('');
    guessed = true;
    kept = { ...NeverSwitched, mode, since: wall(), by: Gateway, why };
    void tellAll().catch((cause) => {
      unfinished = [cause instanceof Error ? cause.message : String(cause)];
      mendLater();
    });
  }

  return {
    begin,
    fit,
    adopt,
    report,
    switchTo,
    stop: () => {
      pacer.rest('');
      clearTimeout(mendTimer);
    },
  };

  function report(): ModeReport {
    const rules = policy();
    const steps = rules === undefined ? [] : recoverySteps(rules, kept.mode);
    const { recovery } = kept;
    return {
      kept,
      steps,
      recovery: recovery && {
        done: nextStep(steps, recovery.reopened),
        nextAt: pacer.nextAt(),
        held: pacer.held(),
      },
      guessed,
      unfinished,
    };
  }
}

/** What comes last when a mode is left. */
export const EverythingElse = 'everything else';

const Nothing: ModeOutcome = {
  times: { kernel: undefined, inspectors: undefined, record: undefined },
  troubles: [],
  unfinished: [],
};

/** A mode no policy has: what every mode keeps passes in the kernel, and nothing through an inspector. */
const Unknown = '';

/** Milliseconds. */
const MendInterval = 1_000;
