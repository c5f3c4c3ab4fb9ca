import type { SerialLine } from '../../../rules/modbus/profile.ts';
import { createLine, type Line } from './line.ts';
import { lineTiming } from './line-timing.ts';
import { SerialLeg, type SerialLegTerms } from './serial-leg.ts';
import type { Tty, TtyEvents } from './tty.ts';

/** The serial lines of this box, each opened when its first client asks something. */
export interface Lines {
  /** Which tty each port is, by its name; every other port is none. */
  readonly setPorts: (ports: ReadonlyMap<string, string>) => void;
  /** A connection's end of a line. */
  readonly connect: (line: SerialLine, terms: Omit<SerialLegTerms, 'now'>) => SerialLeg;
  /** Gives up the lines that are not among these as they are now; their connections end. */
  readonly keep: (wanted: readonly SerialLine[]) => void;
  readonly close: () => void;
}

export interface LinesOptions {
  /** Opens a tty for a line's settings; rejects with the system's error. */
  readonly open: (tty: string, line: SerialLine, events: TtyEvents) => Promise<Tty>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Told why a port cannot be had, or, with an empty text, that it is there or no longer wanted. */
  readonly onPort: (port: string, problem: string) => void;
}

interface OpenLine {
  readonly settings: string;
  readonly line: Line;
  readonly legs: Set<SerialLeg>;
}

/** No port has a tty yet. */
export function createLines({ open, now, onPort }: LinesOptions): Lines {
  const lines = new Map<string, OpenLine>();
  let ttys: ReadonlyMap<string, string> = new Map();

  function lineOf(settings: SerialLine): OpenLine {
    const key = keyOf(settings);
    const known = lines.get(settings.port);
    if (known?.settings === key) return known;
    if (known !== undefined) end(settings.port, known);
    const made: OpenLine = { settings: key, line: start(settings), legs: new Set() };
    lines.set(settings.port, made);
    return made;
  }

  function start(settings: SerialLine): Line {
    const { port } = settings;
    return createLine({
      open: (events) => {
        const tty = ttys.get(port);
        return tty === undefined
          ? Promise.reject(new Error(`gateway.yaml names no tty for it (serial.${port})`))
          : open(tty, settings, events);
      },
      timing: lineTiming(settings),
      now,
      onPort: (problem) => onPort(port, problem),
    });
  }

  function end(port: string, { line, legs }: OpenLine): void {
    lines.delete(port);
    line.close();
    for (const leg of legs) leg.destroy();
    onPort(port, '');
  }

  function endUnless(stays: (port: string, one: OpenLine) => boolean): void {
    for (const [port, one] of lines) if (!stays(port, one)) end(port, one);
  }

  return {
    setPorts: (next) => {
      const before = ttys;
      ttys = next;
      endUnless((port) => before.get(port) === next.get(port));
    },
    connect: (settings, terms) => {
      const { line, legs } = lineOf(settings);
      const leg = new SerialLeg(line, { ...terms, now });
      legs.add(leg);
      leg.once('close', () => legs.delete(leg));
      return leg;
    },
    keep: (wanted) => {
      const keys = new Set(wanted.map(keyOf));
      endUnless((_, { settings }) => keys.has(settings));
    },
    close: () => endUnless(() => false),
  };
}

function keyOf({ port, baud, parity, stopBits, timeout, units }: SerialLine): string {
  return JSON.stringify([port, baud, parity, stopBits, timeout, units.map((one) => [one.unit, one.timeout])]);
}
