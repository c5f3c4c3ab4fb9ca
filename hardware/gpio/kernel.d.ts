/** The kernel's side of GPIO lines, in bytes; the fake behaves like it in memory. */
export interface GpioKernel {
  /** Names of the chips, `gpiochip0`, in order. */
  readonly chips: () => readonly string[];
  /** @throws GpioCallError */
  readonly open: (chip: string) => number;
  /** Asks about the bytes and answers in them. @throws GpioCallError */
  readonly control: (fd: number, request: number, bytes: Uint8Array) => void;
  /** From now on {@link readEdges} does not wait. @throws GpioCallError */
  readonly stopWaiting: (fd: number) => void;
  /** What is there of edges, as whole structures; empty where there is nothing. @throws GpioCallError */
  readonly readEdges: (fd: number) => Uint8Array;
  /** Closes a chip, or lets go of a line: the kernel then leaves it to the board. */
  readonly close: (fd: number) => void;
}
/** A call that failed, by the symbolic errno: `ENODEV` is a chip that went. */
export declare class GpioCallError extends Error {
  readonly errno: string;
  constructor(call: string, errno: string);
}
/** The real one. The foreign functions are loaded when it is made: a box without lines does without. */
export declare function openGpioKernel(root?: string): GpioKernel;
/** Names of the chips of this box, `gpiochip0`, in order. */
export declare function chipsIn(root?: string): readonly string[];
