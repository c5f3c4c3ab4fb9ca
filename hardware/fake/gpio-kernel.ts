import {
  type ChipInfo,
  type Edge,
  Flags,
  isActive,
  type LineRequest,
  packChipInfo,
  packEdge,
  packLineInfo,
  packValues,
  Requests,
  setLineDescriptor,
  unpackLineInfo,
  unpackLineRequest,
} from '../gpio/abi.ts';
import { GpioCallError, type GpioKernel } from '../gpio/kernel.ts';
import type { Level } from '../gpio/wiring.ts';

/**
 * A kernel with one GPIO chip, in memory: lines are exclusive and let go of when their descriptor closes, pulls hold
 * what nothing drives, a level that does not last long enough is no edge, and a chip can go.
 */
export interface FakeGpioKernel extends GpioKernel {
  /** What the wire of a line is connected to from now on; `cut` is to nothing. */
  readonly wire: (line: number, to: Level | 'cut') => void;
  /** Lets time pass, milliseconds: levels that lasted become edges. */
  readonly advance: (milliseconds: number) => void;
  /** The level at the line's pin, as a lamp there would see it. */
  readonly pin: (line: number) => Level;
  readonly unplug: () => void;
  readonly plugIn: () => void;
  /** Every descriptor is closed, as when its process dies. */
  readonly die: () => void;
  /** Somebody else holds the line from now on. */
  readonly take: (line: number) => void;
}

/** @param resting where each line's pin is while nothing drives or pulls it */
export function fakeGpioKernel(
  { name, label, lines }: ChipInfo = DefaultChip,
  resting: (line: number) => Level = () => 'low',
): FakeGpioKernel {
  const open = new Map<number, Held | 'chip'>();
  const wires = new Map<number, Level>();
  const taken = new Set<number>();
  let isThere = true;
  let next = 3;

  function levelAt(line: number): Level {
    const held = [...open.values()].find((one): one is Held => one !== 'chip' && one.request.offset === line);
    const flags = held?.request.flags ?? 0;
    if (held !== undefined && (flags & Flags.output) !== 0)
      return held.on === ((flags & Flags.activeLow) === 0) ? 'high' : 'low';
    const driven = wires.get(line);
    if (driven !== undefined) return driven;
    if ((flags & Flags.pullUp) !== 0) return 'high';
    if ((flags & Flags.pullDown) !== 0) return 'low';
    return resting(line);
  }

  function activeNow({ request }: Held): boolean {
    return (levelAt(request.offset) === 'low') === ((request.flags & Flags.activeLow) !== 0);
  }

  function get(line: Uint8Array): number {
    const request = unpackLineRequest(line);
    if (request.offset >= lines || !isPossible(request)) throw new GpioCallError('ioctl', 'EINVAL');
    const isHeld = [...open.values()].some((one) => one !== 'chip' && one.request.offset === request.offset);
    if (isHeld || taken.has(request.offset)) throw new GpioCallError('ioctl', 'EBUSY');
    const held: Held = { request, on: request.value ?? false, seen: false, since: 0, edges: [], sequence: 0 };
    open.set(next, held);
    held.seen = activeNow(held);
    next += 1;
    return next - 1;
  }

  function there(fd: number): Held | 'chip' {
    const what = open.get(fd);
    if (what === undefined) throw new GpioCallError('ioctl', 'EBADF');
    if (!isThere) throw new GpioCallError('ioctl', 'ENODEV');
    return what;
  }

  function control(fd: number, request: number, bytes: Uint8Array): void {
    const what = there(fd);
    if (what === 'chip') {
      if (request === Requests.chipInfo) bytes.set(packChipInfo({ name, label, lines }));
      else if (request === Requests.getLine) setLineDescriptor(bytes, get(bytes));
      else if (request === Requests.lineInfo) {
        const { offset } = unpackLineInfo(bytes);
        bytes.set(packLineInfo({ offset, name: `GPIO${offset}`, consumer: '' }));
      } else throw new GpioCallError('ioctl', 'EINVAL');
    } else if (request === Requests.getValues) bytes.set(packValues(what.seen));
    else if (request === Requests.setValues && what.request.value !== undefined) what.on = isActive(bytes);
    else throw new GpioCallError('ioctl', 'EPERM');
  }

  function advance(milliseconds: number): void {
    for (const held of open.values()) {
      if (held === 'chip' || (held.request.flags & Flags.input) === 0) continue;
      const active = activeNow(held);
      held.since = active === held.seen ? 0 : held.since + milliseconds * 1000;
      if (active === held.seen || held.since < held.request.debounce) continue;
      [held.seen, held.since, held.sequence] = [active, 0, held.sequence + 1];
      held.edges.push({ active, sequence: held.sequence });
      // The kernel keeps so many and forgets the oldest.
      if (held.edges.length > KeptEdges) held.edges.shift();
    }
  }

  return {
    chips: () => (isThere ? [name] : []),
    open: (chip) => {
      if (!isThere || chip !== name) throw new GpioCallError('open', 'ENOENT');
      open.set(next, 'chip');
      next += 1;
      return next - 1;
    },
    control,
    stopWaiting: (fd) => void there(fd),
    readEdges: (fd) => {
      const held = there(fd);
      if (held === 'chip') throw new GpioCallError('read', 'EINVAL');
      const packed = held.edges.splice(0).map((edge) => [...packEdge(held.request.offset, edge)]);
      return Uint8Array.from(packed.flat());
    },
    close: (fd) => void open.delete(fd),
    wire: (line, to) => void (to === 'cut' ? wires.delete(line) : wires.set(line, to)),
    advance,
    pin: levelAt,
    unplug: () => {
      isThere = false;
    },
    plugIn: () => {
      isThere = true;
    },
    die: () => open.clear(),
    take: (line) => void taken.add(line),
  };
}

interface Held {
  readonly request: LineRequest;
  on: boolean;
  /** The debounced level of an input: whether it is active. */
  seen: boolean;
  /** Microseconds for which another level has lasted. */
  since: number;
  readonly edges: Edge[];
  sequence: number;
}

/** What the kernel takes together (Documentation/userspace-api/gpio/gpio-v2-get-line-ioctl.rst). */
function isPossible({ flags, debounce, value }: LineRequest): boolean {
  const [isInput, isOutput] = [(flags & Flags.input) !== 0, (flags & Flags.output) !== 0];
  const biases = [Flags.pullUp, Flags.pullDown, Flags.noBias].filter((flag) => (flags & flag) !== 0).length;
  const edges = (flags & (Flags.risingEdge | Flags.fallingEdge)) !== 0;
  if (isInput === isOutput || biases > 1) return false;
  return isInput ? value === undefined : !edges && debounce === 0;
}

const DefaultChip: ChipInfo = { name: 'gpiochip0', label: 'pinctrl-bcm2711', lines: 58 };
const KeptEdges = 16;
