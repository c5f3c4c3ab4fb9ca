import type { Board, Part } from '../../hardware/board.ts';
import { openIndicator } from '../../hardware/gpio/indicator.ts';
import { openKeySwitch } from '../../hardware/gpio/key-switch.ts';
import type { GpioLines } from '../../hardware/gpio/lines.ts';
import type { Act } from '../../rules/record/record.ts';
import type { BoardLines } from '../board-lines.ts';
import type { KeySwitchState } from '../broker/parts.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';

/** The key switch at the plant, and the lamp and relay that tell of what it lets in (62443-3-3 SR 1.13, SR 2.1). */
export interface KeySwitchWatch {
  /** What holds now; `absent` where nobody wants one asked. */
  readonly state: () => KeySwitchState;
  /** Begins to look, 20 times a second; before that a switch that is asked for is open. */
  readonly start: () => void;
  /** Stops looking and lets go of the lines: lamp and relay go off. */
  readonly stop: () => void;
}

export interface KeySwitchOptions {
  readonly config: Pick<Config, 'board' | 'vendor'>;
  readonly gpio: Board['gpio'];
  /** Puts each turn of the switch on record. */
  readonly record: (act: Act) => void;
  /** The switch was turned: what it holds open is looked at again, at once. */
  readonly onTurn: () => void;
  /** Whether somebody is let in now. */
  readonly isLetIn: () => boolean;
  readonly log: Logger;
}

/**
 * Watches the lines of the board. A timer and not a waiting thread: the kernel keeps the edges in between, so that no
 * turn is missed, and a chip that goes is seen as soon.
 */
export function createKeySwitchWatch(options: KeySwitchOptions): KeySwitchWatch {
  const { config, gpio, record, onTurn, isLetIn, log } = options;
  const { keySwitch, lamp, relay } = config.board;
  const key =
    keySwitch === undefined || gpio.state === 'absent' ? undefined : openKeySwitch(gpio.part, keySwitch);
  const isAsked = config.vendor.keySwitch === 'required';
  const lights = indicators({ lamp, relay }, gpio);
  let told: { readonly closed: boolean; readonly why: string } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    if (keySwitch !== undefined) {
      const seen = key?.look() ?? { closed: false, why: gpio.state === 'absent' ? gpio.why : '' };
      const isNews = told?.closed !== seen.closed || told.why !== seen.why;
      const isTurn = told?.closed !== seen.closed;
      const isFirst = told === undefined;
      told = seen;
      // Another reason for an open switch is news for a person and no turn.
      if (isTurn) record({ kind: 'keySwitch', ...seen });
      if (isNews && seen.why !== '') log.error({ problem: seen.why }, 'the key switch counts as open');
      if (isTurn && isAsked && !isFirst) onTurn();
    }
    const on = isLetIn();
    for (const light of lights) light.show(on);
  }

  return {
    state: () => (!isAsked ? 'absent' : told?.closed === true ? 'closed' : 'open'),
    start: () => {
      if (keySwitch === undefined && lights.length === 0) return;
      look();
      timer = setInterval(look, LookEvery);
    },
    stop: () => {
      clearInterval(timer);
      key?.close();
      for (const light of lights) light.close();
    },
  };

  function indicators(lines: Pick<BoardLines, 'lamp' | 'relay'>, part: Part<GpioLines>) {
    return Object.entries(lines).flatMap(([name, settings]) => {
      if (settings === undefined) return [];
      if (part.state === 'absent') {
        log.error({ problem: part.why }, `there is no ${name}`);
        return [];
      }
      const indicator = openIndicator(part.part, settings, `penstock ${name}`);
      let problem = '';
      const show = (on: boolean): void => {
        const now = indicator.show(on);
        if (now !== '' && now !== problem) log.error({ problem: now }, `the ${name} shows nothing`);
        problem = now;
      };
      return [{ show, close: indicator.close }];
    });
  }
}

/** Milliseconds; together with the debouncing far below the second in which a grant has to be closed. */
const LookEvery = 50;
