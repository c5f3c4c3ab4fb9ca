import { HardwareError } from '../errors.ts';
import type { GpioLines, OutputLine } from './lines.ts';
import type { LineSettings } from './wiring.ts';

/** A lamp or a relay: on while somebody is let in, and off in every other case that can be brought about. */
export interface Indicator {
  /** Shows it; what is shown already costs nothing. @returns why it could not be shown, as a sentence, or '' */
  readonly show: (on: boolean) => string;
  /** Lets go of the line, which then rests where the board has it. */
  readonly close: () => void;
}

/** On a line of the board, which is opened when first needed and again when its chip went. */
export function openIndicator(lines: GpioLines, settings: LineSettings, consumer: string): Indicator {
  let line: OutputLine | undefined;
  let shown = false;
  return {
    show: (on) => {
      if (line !== undefined && shown === on) return '';
      try {
        line ??= lines.openOutput(settings, consumer);
        line.set(on);
        shown = on;
        return '';
      } catch (cause) {
        if (!(cause instanceof HardwareError)) throw cause;
        line?.close();
        line = undefined;
        return cause.message;
      }
    },
    close: () => {
      line?.close();
      line = undefined;
    },
  };
}
