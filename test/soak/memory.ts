import { heldBy } from '../plant/namespaces/processes.ts';
import { type Kind, Kinds, processesByKind } from './processes.ts';

/** The largest process of each kind, bytes of proportional set size; 0 where none was there. */
export type Sizes = Readonly<Record<Kind, number>>;

/** One look, and when, milliseconds since the start of the soak. */
export interface Sample {
  readonly at: number;
  readonly sizes: Sizes;
}

/** Looks at the memory of the gateway's processes once a second. */
export interface MemoryWatch {
  /** The largest of each kind since the last call. */
  readonly peak: () => Sizes;
  readonly now: () => Promise<Sizes>;
  readonly samples: () => readonly Sample[];
  readonly stop: () => void;
}

/** @param namespace the gateway's */
export function watchMemory(namespace: string): MemoryWatch {
  const begun = performance.now();
  const samples: Sample[] = [];
  let peak = None;
  let looking = false;

  async function look(): Promise<Sizes> {
    const sizes = { ...None };
    const running = await processesByKind(namespace);
    for (const kind of Kinds) {
      sizes[kind] = Math.max(0, ...running[kind].map((pid) => heldBy(pid)?.pss ?? 0));
      peak = { ...peak, [kind]: Math.max(peak[kind], sizes[kind]) };
    }
    return sizes;
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look()
      .then((sizes) => samples.push({ at: performance.now() - begun, sizes }))
      .catch(() => undefined) // a process that ends while it is looked at is none
      .finally(() => {
        looking = false;
      });
  }, Interval);

  return {
    peak: () => {
      const taken = peak;
      peak = None;
      return taken;
    },
    now: look,
    samples: () => samples,
    stop: () => clearInterval(timer),
  };
}

/** Bytes an hour by which the calm size of a kind of process rises: the slope of the least squares. */
export function slopeOf(samples: readonly Sample[], kind: Kind): number {
  const seen = samples.filter(({ sizes }) => sizes[kind] > 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, size] = [mean(seen.map((one) => one.at)), mean(seen.map(({ sizes }) => sizes[kind]))];
  const covariance = mean(seen.map((one) => (one.at - at) * (one.sizes[kind] - size)));
  const variance = mean(seen.map((one) => (one.at - at) ** 2));
  return variance > 0 ? (covariance / variance) * 3_600_000 : 0;
}

const None: Sizes = { engine: 0, inspector: 0, front: 0, 'nft child': 0, 'drop reader': 0 };
/** Milliseconds. */
const Interval = 1_000;
