import { type InputSettings, inputProblem, type LineSettings } from '../hardware/gpio/wiring.ts';
import type { RawConfig } from './config-schema.ts';

/** Which lines of the board lead to a key switch, a lamp and a relay; undefined where there is none. */
export interface BoardLines {
  readonly keySwitch: InputSettings | undefined;
  /** On while a vendor is let in; the relay too. */
  readonly lamp: LineSettings | undefined;
  readonly relay: LineSettings | undefined;
}

/** `board:` of `gateway.yaml`. */
export function boardLines({ key_switch: key, lamp, relay }: RawConfig['board'] = {}): BoardLines {
  return { keySwitch: key && { ...key, debounce: key.debounce ?? DefaultDebounce }, lamp, relay };
}

/** What makes these lines unusable, or ''. @param required whether vendors are in only by the key switch */
export function boardContradiction({ keySwitch, lamp, relay }: BoardLines, required: boolean): string {
  if (required && keySwitch === undefined)
    return 'vendor.key_switch is required, and board.key_switch says no line.';
  const problem = keySwitch === undefined ? '' : inputProblem(keySwitch);
  if (problem !== '') return `board.key_switch: ${problem}`;
  const lines = [keySwitch, lamp, relay].flatMap((one) =>
    one === undefined ? [] : [`${one.chip} ${one.line}`],
  );
  const twice = lines.find((line, index) => lines.indexOf(line) !== index);
  return twice === undefined ? '' : `board: ${twice} stands for two parts.`;
}

/** Milliseconds: longer than contacts of key switches bounce, shorter than anybody turns one. */
const DefaultDebounce = 50;
