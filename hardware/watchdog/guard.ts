import type { RebootHistory } from './reboot-history.ts';
import type { Watchdog } from './watchdog.ts';
import { decideGuard, type GuardAction, initialGuardState, type TableState } from './watchdog-decision.ts';

/** Everything the guard touches, so that a test can stand in for the box. */
export interface GuardParts {
  /** Undefined where the box has no watchdog: the engine is still restarted, the box is not. */
  readonly watchdog: Watchdog | undefined;
  readonly history: RebootHistory;
  readonly look: () => Promise<TableState>;
  readonly restartEngine: () => void;
  /** Milliseconds since the box started. */
  readonly uptime: () => number;
  /** Waits until the next look; resolves early, with false, when the guard is to stop. */
  readonly pause: () => Promise<boolean>;
  readonly report: (sentence: string) => void;
}

/**
 * Looks, decides, acts, until told to stop (the watchdog is then stopped in order and the box stays up) or
 * until the table cannot be mended: then it returns with the watchdog running out.
 */
export async function guardKernelTable(parts: GuardParts): Promise<'stopped' | 'rebooting'> {
  const { watchdog, history } = parts;
  let state = initialGuardState(history.read());
  let canReboot = watchdog !== undefined;
  let said: GuardAction | TableState | undefined;
  do {
    watchdog?.keepAlive();
    const table = await parts.look();
    const decision = decideGuard(state, table, { uptime: parts.uptime(), canReboot });
    if (decision.state.reboots !== state.reboots && !keep(parts, decision.state.reboots)) {
      // Judged again at the next look, now without the reboot; the watchdog is alive meanwhile.
      canReboot = false;
      continue;
    }
    state = decision.state;
    const topic = decision.action === 'keep-alive' ? table : decision.action;
    if (topic !== said || decision.action === 'restart-engine') parts.report(decision.why);
    said = topic;
    if (decision.action === 'reboot') return 'rebooting';
    if (decision.action === 'restart-engine') parts.restartEngine();
  } while (await parts.pause());
  watchdog?.stop();
  return 'stopped';
}

function keep({ history, report }: GuardParts, reboots: number): boolean {
  try {
    history.write(reboots);
    return true;
  } catch (error) {
    report(error instanceof Error ? error.message : 'The count of reboots cannot be kept.');
    return false;
  }
}
