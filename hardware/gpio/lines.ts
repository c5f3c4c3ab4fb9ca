import { absent, type Part, present } from '../board.ts';
import { HardwareError } from '../errors.ts';
import {
  type ChipInfo,
  Flags,
  isActive,
  type LineRequest,
  lineDescriptor,
  packChipInfo,
  packLineInfo,
  packLineRequest,
  packValues,
  Requests,
  unpackChipInfo,
  unpackEdges,
  unpackLineInfo,
} from './abi.ts';
import { chipsIn, GpioCallError, type GpioKernel, openGpioKernel } from './kernel.ts';
import {
  type InputSettings,
  inputProblem,
  type LineSettings,
  outputProblem,
  type Resting,
} from './wiring.ts';

/** The GPIO lines of a board. */
export interface GpioLines {
  readonly chips: () => readonly ChipInfo[];
  /** @throws HardwareError PST_ERR_GPIO */
  readonly openInput: (settings: InputSettings, consumer: string) => InputLine;
  /** Off from the first moment on. @throws HardwareError PST_ERR_GPIO */
  readonly openOutput: (settings: LineSettings, consumer: string) => OutputLine;
  /** Where a line of this chip rests while nobody holds it. */
  readonly resting: (chip: string, line: number) => Resting;
}

/** A line that is read. Both throw HardwareError PST_ERR_GPIO, when the chip went among other things. */
export interface InputLine {
  /** Whether it is at its active level now, debounced. */
  readonly read: () => boolean;
  /** Whether it became inactive at any time since the last call, or edges were lost that nobody read. */
  readonly wasInactive: () => boolean;
  readonly close: () => void;
}

export interface OutputLine {
  /** @throws HardwareError PST_ERR_GPIO */
  readonly set: (on: boolean) => void;
  /** Lets go of it: the line goes to where the board has it rest. */
  readonly close: () => void;
}

/** The lines of this box through the kernel; absent where it shows no chip. */
export function findGpio(root: string, resting: GpioLines['resting'], remedy: string): Part<GpioLines> {
  if (chipsIn(root).length === 0) return absent(`The kernel shows no GPIO chip; ${remedy}`);
  return present(gpioLines(openGpioKernel(root), resting));
}

/** Lines by whatever kernel there is. */
export function gpioLines(kernel: GpioKernel, resting: GpioLines['resting']): GpioLines {
  function chips(): readonly ChipInfo[] {
    return kernel.chips().flatMap((name) => {
      try {
        return [withChip(name, (fd) => infoOf(fd))];
      } catch {
        return []; // Of a chip nobody may open only its name is known, which says nothing.
      }
    });
  }

  function withChip<T>(name: string, act: (fd: number) => T): T {
    const fd = kernel.open(name);
    try {
      return act(fd);
    } finally {
      kernel.close(fd);
    }
  }

  function infoOf(fd: number): ChipInfo {
    const bytes = packChipInfo({ name: '', label: '', lines: 0 });
    kernel.control(fd, Requests.chipInfo, bytes);
    return unpackChipInfo(bytes);
  }

  /** The chip a person means: by its label, which stays, or its name. */
  function chipOf({ chip }: LineSettings): { readonly name: string; readonly info: ChipInfo } {
    const refusals: string[] = [];
    for (const name of kernel.chips()) {
      try {
        const info = withChip(name, infoOf);
        if (name === chip || info.label === chip) return { name, info };
      } catch (cause) {
        refusals.push(`${name}: ${cause instanceof GpioCallError ? cause.errno : String(cause)}`);
      }
    }
    throw new HardwareError('PST_ERR_GPIO', `There is no chip ${chip}. ${refusals.join(', ')}`.trim());
  }

  function lineOf(fd: number, info: ChipInfo, { chip, line }: LineSettings): number {
    if (typeof line === 'number') {
      if (line < info.lines) return line;
      throw new HardwareError('PST_ERR_GPIO', `${chip} has lines 0 to ${info.lines - 1} and no ${line}.`);
    }
    for (let offset = 0; offset < info.lines; offset += 1) {
      const bytes = packLineInfo({ offset, name: '', consumer: '' });
      kernel.control(fd, Requests.lineInfo, bytes);
      if (unpackLineInfo(bytes).name === line) return offset;
    }
    throw new HardwareError('PST_ERR_GPIO', `${chip} has no line ${line}.`);
  }

  function open(settings: LineSettings, request: (offset: number, chip: ChipInfo) => LineRequest): number {
    const where = `${settings.chip} line ${settings.line}`;
    return named(where, () => {
      const { name, info } = chipOf(settings);
      return withChip(name, (fd) => {
        const bytes = packLineRequest(request(lineOf(fd, info, settings), info));
        kernel.control(fd, Requests.getLine, bytes);
        return lineDescriptor(bytes);
      });
    });
  }

  function openInput(settings: InputSettings, consumer: string): InputLine {
    refuseIf(inputProblem(settings));
    const where = `${settings.chip} line ${settings.line}`;
    const fd = open(settings, (offset) => ({
      offset,
      consumer,
      flags:
        Flags.input | Flags.risingEdge | Flags.fallingEdge | levelFlag(settings) | BiasFlags[settings.bias],
      debounce: settings.debounce * 1000,
      value: undefined,
    }));
    named(where, () => kernel.stopWaiting(fd));
    let last = 0;
    return {
      read: () => named(where, () => isActive(valuesOf(fd))),
      wasInactive: () => {
        const edges = named(where, () => unpackEdges(kernel.readEdges(fd)));
        const isLost = edges.some(({ sequence }, index) => sequence !== last + index + 1);
        last = edges.at(-1)?.sequence ?? last;
        return isLost || edges.some(({ active }) => !active);
      },
      close: () => kernel.close(fd),
    };
  }

  function openOutput(settings: LineSettings, consumer: string): OutputLine {
    const where = `${settings.chip} line ${settings.line}`;
    const fd = open(settings, (offset, { label }) => {
      refuseIf(outputProblem(settings, resting(label, offset)));
      return { offset, consumer, flags: Flags.output | levelFlag(settings), debounce: 0, value: false };
    });
    return {
      set: (on) => named(where, () => kernel.control(fd, Requests.setValues, packValues(on))),
      close: () => kernel.close(fd),
    };
  }

  function valuesOf(fd: number): Uint8Array {
    const bytes = packValues(false);
    kernel.control(fd, Requests.getValues, bytes);
    return bytes;
  }

  return { chips, openInput, openOutput, resting };
}

function named<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof GpioCallError)) throw cause;
    throw new HardwareError('PST_ERR_GPIO', `${where}: ${Sentences[cause.errno] ?? cause.message}`, cause);
  }
}

function refuseIf(problem: string): void {
  if (problem !== '') throw new HardwareError('PST_ERR_GPIO', problem);
}

function levelFlag({ active }: LineSettings): number {
  return active === 'low' ? Flags.activeLow : 0;
}

const BiasFlags = { 'pull-up': Flags.pullUp, 'pull-down': Flags.pullDown, external: Flags.noBias } as const;
const Sentences: Readonly<Record<string, string>> = {
  EBUSY: 'something else holds it.',
  EACCES: 'this user may not open the chip.',
  EPERM: 'this user may not open the chip.',
  ENODEV: 'the chip is gone.',
  ENOENT: 'the chip is gone.',
  EINVAL: 'the chip cannot be used this way.',
};
