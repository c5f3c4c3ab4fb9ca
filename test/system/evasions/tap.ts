import { fileURLToPath } from 'node:url';
import { Python } from '../../groups.ts';
import { startIn } from '../../plant/namespaces/exec.ts';
import type { PlantNetwork } from '../../plant/namespaces/topology.ts';

/** Every byte of TCP data that the gateway puts on one wire, packet by packet and not as a socket sees it. */
export interface Tap {
  /** What went from one `ADDRESS:PORT` to another, put together by sequence number. */
  readonly stream: (from: string, to: string) => Buffer;
  /** The same as it lay in packets, in hex; none of them twice. */
  readonly segments: (from: string, to: string) => readonly string[];
  /** Whether a connection was ever opened between these two. */
  readonly opened: (from: string, to: string) => boolean;
  readonly stop: () => Promise<void>;
}

const Program = fileURLToPath(new URL('../attacks/tap.py', import.meta.url));
const Syn = 2;
const Urgent = 32;

/** Listens on the wire behind a device of the gateway, on the gateway's own plug. */
export async function startTap(network: PlantNetwork, device: string): Promise<Tap> {
  const running = startIn(network.wire(device), [Python, Program, 'gateway']);
  await running.says(/listening/);
  const segments = (from: string, to: string) =>
    running
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith(`${from}>${to} `))
      .map((line) => {
        const [, sequence = '', flags = '', hex = ''] = line.split(' ');
        if ((Number(flags) & Urgent) !== 0) throw new Error(`the gateway sends urgent data: ${line}`);
        const data = Buffer.from(hex.replace('.', ''), 'hex');
        return { sequence: Number(sequence), opens: (Number(flags) & Syn) !== 0, data };
      });
  return {
    stream: (from, to) => assemble(segments(from, to)),
    segments: (from, to) => {
      const bySequence = segments(from, to).filter(({ data }) => data.length > 0);
      return [...new Map(bySequence.map(({ sequence, data }) => [sequence, data.toString('hex')])).values()];
    },
    opened: (from, to) => segments(from, to).some(({ opens }) => opens),
    stop: running.stop,
  };
}

interface Segment {
  readonly sequence: number;
  readonly opens: boolean;
  readonly data: Buffer;
}

/** Throws where two segments disagree about a byte, and where one is missing: then nobody knows what was said. */
function assemble(segments: readonly Segment[]): Buffer {
  const first = segments.find(({ opens }) => opens);
  const bytes: number[] = [];
  for (const { sequence, opens, data } of segments) {
    const start =
      ((sequence - (first?.sequence ?? sequence) - (first === undefined || opens ? 0 : 1)) | 0) >>> 0;
    for (const [index, byte] of data.entries()) {
      if (bytes[start + index] !== undefined && bytes[start + index] !== byte)
        throw new Error(`two segments of the gateway disagree at ${start + index}`);
      bytes[start + index] = byte;
    }
  }
  for (let index = 0; index < bytes.length; index++)
    if (bytes[index] === undefined) throw new Error(`the tap missed byte ${index}`);
  return Buffer.from(bytes);
}
