import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { LoggedPacket } from './packet-log.ts';

const strict = { additionalProperties: false } as const;
const Count = Type.Integer({ minimum: 0 });
const Port = Type.Integer({ minimum: 0, maximum: 65535 });
const Name = Type.String({ maxLength: 127 });

/** Dropped packets that agree in all but the source port, which is that of the first of them. */
export const Drop = Type.Object(
  {
    prefix: Name,
    indev: Name,
    outdev: Name,
    src: Name,
    dst: Name,
    protocol: Type.Integer({ minimum: 0, maximum: 255 }),
    sport: Port,
    dport: Port,
    count: Type.Integer({ minimum: 1 }),
  },
  strict,
);
export type Drop = Static<typeof Drop>;

/** Most tuples one summary tells apart; a scan must not cost memory or evidence without bound. */
export const MaxTuples = 512;

/** What was logged since the last summary: about one a second, none while nothing is dropped. */
export const DropSummary = Type.Object(
  {
    kind: Type.Literal('drops'),
    drops: Type.Array(Drop, { maxItems: MaxTuples }),
    /** Packets beyond the tuples that are told apart. */
    others: Count,
    /** Packets the kernel logged and we never got: gaps in their numbering. */
    lost: Count,
  },
  strict,
);
export type DropSummary = Static<typeof DropSummary>;

/** The reader cannot do its work; it ends after saying so. */
export const DropReaderProblem = Type.Object(
  { kind: Type.Literal('unusable'), problem: Type.String() },
  strict,
);
export type DropReaderProblem = Static<typeof DropReaderProblem>;

const reading = Compile(Type.Union([DropSummary, DropReaderProblem]));

/** Whether a message is one that the reader process sends. */
export function isDropReading(message: unknown): message is DropSummary | DropReaderProblem {
  return reading.Check(message);
}

/** Adds packets up; memory is bounded by {@link MaxTuples}. */
export interface DropSum {
  readonly add: (packet: LoggedPacket) => void;
  /** What was added since the last call; undefined when there was nothing. */
  readonly take: (deviceName: (index: number) => string) => DropSummary | undefined;
}

/** A sum of dropped packets; the first packet's running number must be 0, or those before it are lost. */
export function createDropSum(): DropSum {
  let tuples = new Map<string, { readonly packet: LoggedPacket; count: number }>();
  let others = 0;
  let lost = 0;
  let expected = 0;

  return {
    add: (packet) => {
      lost += (packet.sequence - expected) >>> 0;
      expected = (packet.sequence + 1) >>> 0;
      const key = keyOf(packet);
      const known = tuples.get(key);
      if (known !== undefined) known.count += 1;
      else if (tuples.size < MaxTuples) tuples.set(key, { packet, count: 1 });
      else others += 1;
    },
    take: (deviceName) => {
      if (tuples.size === 0 && others === 0 && lost === 0) return undefined;
      const drops = [...tuples.values()].map(({ packet, count }) => describe(packet, count, deviceName));
      const summary = { kind: 'drops', drops, others, lost } as const;
      tuples = new Map();
      others = 0;
      lost = 0;
      return summary;
    },
  };
}

function keyOf({ prefix, inIndex, outIndex, src, dst, protocol, dport }: LoggedPacket): string {
  return `${prefix} ${inIndex} ${outIndex} ${src} ${dst} ${protocol} ${dport}`;
}

function describe(packet: LoggedPacket, count: number, deviceName: (index: number) => string): Drop {
  const { prefix, inIndex, outIndex, src, dst, protocol, sport, dport } = packet;
  const indev = inIndex === 0 ? '' : deviceName(inIndex);
  const outdev = outIndex === 0 ? '' : deviceName(outIndex);
  return { prefix, indev, outdev, src, dst, protocol, sport, dport, count };
}
