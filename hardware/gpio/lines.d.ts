import { type Part } from '../board.ts';
import { type ChipInfo } from './abi.ts';
import { type GpioKernel } from './kernel.ts';
import { type InputSettings, type LineSettings, type Resting } from './wiring.ts';
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
export declare function findGpio(
  root: string,
  resting: GpioLines['resting'],
  remedy: string,
): Part<GpioLines>;
/** Lines by whatever kernel there is. */
export declare function gpioLines(kernel: GpioKernel, resting: GpioLines['resting']): GpioLines;
