import { HardwareError } from '../errors.ts';
import type { GpioLines, InputLine } from './lines.ts';
import type { InputSettings } from './wiring.ts';

/** A key switch that lets vendors in while it is closed. Whatever is wrong with it, it is open. */
export interface KeySwitch {
  /** Looks at it now; never throws. A switch that was open for a moment since the last look is told so once. */
  readonly look: () => KeyLook;
  readonly close: () => void;
}

export interface KeyLook {
  readonly closed: boolean;
  /** Why it counts as open where nobody turned it, as a sentence; else empty. */
  readonly why: string;
}

/**
 * The key switch on a line of the board. The line is opened at the first look, and again at a later one where it could
 * not be had or its chip went.
 */
export function openKeySwitch(lines: GpioLines, settings: InputSettings): KeySwitch {
  let line: InputLine | undefined;

  function look(): KeyLook {
    try {
      const isNew = line === undefined;
      line ??= lines.openInput(settings, 'penstock key switch');
      // What lies in the buffer of a line just opened is of the switch as it was before anybody asked.
      const wasOpen = line.wasInactive() && !isNew;
      const closed = line.read() && !wasOpen;
      return { closed, why: '' };
    } catch (cause) {
      if (!(cause instanceof HardwareError)) throw cause;
      close();
      return { closed: false, why: cause.message };
    }
  }

  function close(): void {
    line?.close();
    line = undefined;
  }

  return { look, close };
}
