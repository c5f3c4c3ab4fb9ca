import type { Board } from '../../../hardware/board.ts';
import type { GpioLines } from '../../../hardware/gpio/lines.ts';
import { type LineSettings, outputProblem, restText } from '../../../hardware/gpio/wiring.ts';
import type { Config } from '../../config.ts';
import { type Check, good, note } from './check.ts';

/** The lines of the board, and what `board:` of gateway.yaml has on them. Nothing is opened: the engine holds them. */
export function checkGpio(
  { gpio }: Pick<Board, 'gpio'>,
  config: Pick<Config, 'board' | 'vendor'> | undefined,
): readonly Check[] {
  if (gpio.state === 'absent') {
    const wanted = Object.values(config?.board ?? {}).some((one) => one !== undefined);
    if (!wanted) return [good('gpio', 'GPIO lines', `absent: ${gpio.why}`)];
    return [
      note(
        'gpio',
        'GPIO lines',
        'absent',
        `${gpio.why} ${without(config)}`,
        'Correct board: in gateway.yaml.',
      ),
    ];
  }
  const lines = gpio.part;
  const chips = lines.chips().map(({ name, label, lines: count }) => `${label || name} (${count})`);
  const { keySwitch, lamp, relay } = config?.board ?? {};
  return [
    good('gpio', 'GPIO lines', chips.join(', ') || 'no chip that may be opened'),
    ...(keySwitch === undefined ? [] : [checkKeySwitch(keySwitch, lines, config)]),
    ...(lamp === undefined ? [] : [checkOutput('Lamp', lamp, lines)]),
    ...(relay === undefined ? [] : [checkOutput('Relay', relay, lines)]),
  ];
}

function checkKeySwitch(
  settings: NonNullable<Config['board']['keySwitch']>,
  lines: GpioLines,
  config: Pick<Config, 'vendor'> | undefined,
): Check {
  const place = placeOf(settings, lines);
  const where = `${settings.chip} line ${settings.line}`;
  if (place === undefined) return missing('Key switch', where, without(config));
  const asked =
    config?.vendor.keySwitch === 'required'
      ? 'asked for each session'
      : 'not asked (vendor.key_switch: none)';
  // Where the driver has no pulls the kernel says nothing, and a cut wire would float.
  const pulls = settings.bias === 'external' || lines.resting(place.label, place.line) !== 'unknown';
  if (pulls) return good('gpio', 'Key switch', `${where}, ${settings.bias}; ${asked}`);
  return note(
    'gpio',
    'Key switch',
    `${where}, ${settings.bias}; ${asked}`,
    `Whether this chip can ${settings.bias} is not known here: if it cannot, the kernel does not say so, and a cut wire floats.`,
    'Cut the wire and see that penstock evidence show has the key switch open; else fit a resistor and say bias: external.',
  );
}

function checkOutput(what: string, settings: LineSettings, lines: GpioLines): Check {
  const place = placeOf(settings, lines);
  const where = `${settings.chip} line ${settings.line}`;
  if (place === undefined) return missing(what, where, 'It shows nothing.');
  const resting = lines.resting(place.label, place.line);
  const problem = outputProblem(settings, resting);
  if (problem !== '')
    return note('gpio', what, where, `${problem} It is not used.`, 'Use another line, or the other level.');
  return good('gpio', what, `${where}; ${restText(resting)}`);
}

/** By number only: names of lines are looked up by the engine, which opens the chip. */
function placeOf({ chip, line }: LineSettings, lines: GpioLines) {
  const found = lines.chips().find(({ name, label }) => name === chip || label === chip);
  if (found === undefined || (typeof line === 'number' && line >= found.lines)) return undefined;
  return { label: found.label, line: typeof line === 'number' ? line : Number.MAX_SAFE_INTEGER };
}

function missing(what: string, where: string, effect: string): Check {
  return note('gpio', what, `${where} is not there`, effect, 'Correct board: in gateway.yaml.');
}

function without(config: Pick<Config, 'vendor'> | undefined): string {
  return config?.vendor.keySwitch === 'required'
    ? 'The key switch counts as open: no vendor is let in.'
    : 'Lamp and relay show nothing.';
}
