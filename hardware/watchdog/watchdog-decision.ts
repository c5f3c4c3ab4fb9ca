/** What a look at the kernel's own tables said. `unknown`: the look itself failed. */
export type TableState = 'right' | 'wrong' | 'unknown';

/**
 * What to do until the next look. All but `reboot` keep the watchdog alive; `reboot` is nothing but letting
 * it run out, so that a process that hangs here ends the same way.
 */
export type GuardAction = 'keep-alive' | 'restart-engine' | 'reboot';

/** What the guard remembers between looks. Times are milliseconds since the box started. */
export interface GuardState {
  readonly rightSince: number | undefined;
  /** Restarts of the engine asked for since the table went wrong, and when the last one was. */
  readonly restarts: number;
  readonly lastRestart: number;
  /** Reboots this guard caused since the table was last right for long; kept across them on disk. */
  readonly reboots: number;
}

export interface GuardDecision {
  readonly action: GuardAction;
  readonly state: GuardState;
  /** One sentence for the log. */
  readonly why: string;
}

/** The box the decision is made for. */
export interface GuardedBox {
  /** Milliseconds since the box started. */
  readonly uptime: number;
  /** A watchdog runs and the count of reboots can be kept; without the count a fault would reboot for ever. */
  readonly canReboot: boolean;
}

/** The guard at its start. `reboots` comes from disk. */
export function initialGuardState(reboots: number): GuardState {
  return { rightSince: undefined, restarts: 0, lastRestart: 0, reboots };
}

/**
 * Guards the kernel table, not the processes: a dead engine with a right table is the supervisor's matter,
 * for the table goes on enforcing. A wrong table gets the engine restarted first. Only when that did not
 * help, and the box has been up long enough for its count of reboots, is the box let restart: the boot-time
 * drop then stands before the network does. The wall clock plays no part: a box often boots in the past.
 */
export function decideGuard(state: GuardState, table: TableState, box: GuardedBox): GuardDecision {
  switch (table) {
    case 'right':
      return onRight(state, box.uptime);
    case 'wrong':
      return onWrong({ ...state, rightSince: undefined }, box);
    case 'unknown':
      // Not knowing opens nothing, and a reboot on it would hand an outage to whoever can break the look.
      return { action: 'keep-alive', state, why: 'The kernel table could not be looked at.' };
  }
}

/** Milliseconds of uptime before reboot number `reboots` + 1: 5 min, doubling, at most a day. */
export function rebootNotBefore(reboots: number): number {
  return Math.min(FirstRebootMs * 2 ** reboots, LongestBackOffMs);
}

function onRight(state: GuardState, uptime: number): GuardDecision {
  const rightSince = state.rightSince ?? uptime;
  const reboots = uptime - rightSince >= HealthyMs ? 0 : state.reboots;
  return {
    action: 'keep-alive',
    state: { rightSince, restarts: 0, lastRestart: 0, reboots },
    why: 'The kernel table is right.',
  };
}

function onWrong(state: GuardState, { uptime, canReboot }: GuardedBox): GuardDecision {
  if (state.restarts > 0 && uptime - state.lastRestart < restartSpacing(state.restarts)) {
    return { action: 'keep-alive', state, why: 'The kernel table is wrong; the engine is starting.' };
  }
  const tried = state.restarts >= RestartsBeforeReboot;
  if (tried && canReboot && uptime >= rebootNotBefore(state.reboots)) {
    return {
      action: 'reboot',
      state: { ...state, reboots: state.reboots + 1 },
      why: `The kernel table is wrong and ${state.restarts} restarts of the engine did not mend it.`,
    };
  }
  return {
    action: 'restart-engine',
    state: { ...state, restarts: state.restarts + 1, lastRestart: uptime },
    why: 'The kernel table is wrong; the engine is asked to start again.',
  };
}

/** Three quick tries, then ever rarer ones, at most five minutes apart. */
function restartSpacing(restarts: number): number {
  const doublings = Math.max(0, restarts - RestartsBeforeReboot);
  return Math.min(RestartSpacingMs * 2 ** doublings, LongestRestartSpacingMs);
}

const RestartsBeforeReboot = 3;
/** An engine is up and has its table read back in a few seconds, also on a CM4. */
const RestartSpacingMs = 15_000;
const LongestRestartSpacingMs = 300_000;
const FirstRebootMs = 300_000;
const LongestBackOffMs = 86_400_000;
/** After an hour of a right table the reboots before it are no longer one story with the next fault. */
const HealthyMs = 3_600_000;
