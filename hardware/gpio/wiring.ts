/** How an input or output is wired, as `gateway.yaml` states it under `board:`. */
export interface LineSettings {
  /** The chip by what its driver calls it, `pinctrl-bcm2711`, or by its name, `gpiochip0`. */
  readonly chip: string;
  /** The line by its number on the chip, or by its name, `GPIO17`. */
  readonly line: number | string;
  /** The level at which an input means yes, or an output is on. */
  readonly active: Level;
}

export type Level = 'high' | 'low';

/** The key switch. */
export interface InputSettings extends LineSettings {
  /** What the line is pulled to while nothing drives it; `external` where the carrier has a resistor of its own. */
  readonly bias: 'pull-up' | 'pull-down' | 'external';
  /** Milliseconds a new level has to last, 1 to 1000. */
  readonly debounce: number;
}

/** Where a line comes to rest that no process holds: after its death, and while the box starts. */
export type Resting = Level | 'unknown';

/**
 * Why an input must not be used as it is wired, or empty. A cut wire has to read as an open switch (62443-3-3 SR 1.13):
 * a pull towards the active level would let vendors in as soon as somebody cuts it.
 */
export function inputProblem({ active, bias }: Pick<InputSettings, 'active' | 'bias'>): string {
  const pulled = bias === 'pull-up' ? 'high' : bias === 'pull-down' ? 'low' : undefined;
  return pulled === active
    ? `A cut wire would read as a closed switch: ${bias} pulls the line to ${active}, which is its active level.`
    : '';
}

/** Why an output must not be used, or empty: what is on without anybody holding it says what is not so. */
export function outputProblem({ active }: Pick<LineSettings, 'active'>, resting: Resting): string {
  return resting === active
    ? `It would be on while nobody holds it: this line rests ${resting}, which is its active level.`
    : '';
}

/** What becomes of an output when the process dies or the power comes back, in words. */
export function restText(resting: Resting): string {
  return resting === 'unknown'
    ? 'while no process holds it the carrier decides: fit a resistor towards its inactive level'
    : `while no process holds it the line rests ${resting}, so it is off`;
}
