import type { Fragment, IpPacket } from './ip-packet.ts';
import { createSparseBytes, type SparseBytes } from './sparse-bytes.ts';

/** Puts fragmented datagrams together, in bounded memory. */
export interface FragmentTable {
  /**
   * The whole datagram when this fragment was its last missing one. `problems` are told of datagrams that
   * never became whole, and of fragments that overlap with other content.
   */
  add(packet: IpPacket, fragment: Fragment, at: number): IpPacket | undefined;
  /** Gives up what is not whole. */
  end(): void;
}

export function createFragmentTable(problem: (text: string) => void): FragmentTable {
  const datagrams = new Map<string, Datagram>();

  function giveUp(key: string, { packet }: Datagram): void {
    datagrams.delete(key);
    problem(`lost: a fragmented datagram of ${packet.source} to ${packet.destination} never became whole`);
  }

  function add(packet: IpPacket, fragment: Fragment, at: number): IpPacket | undefined {
    for (const [key, datagram] of datagrams) {
      if (datagrams.size < MaxDatagrams && at - datagram.startedAt <= PatienceMs) break;
      giveUp(key, datagram);
    }
    const key = `${packet.source} ${packet.destination} ${packet.protocol} ${fragment.id}`;
    let datagram = datagrams.get(key);
    if (datagram === undefined) {
      datagram = { packet, startedAt: at, parts: createSparseBytes(), length: Number.POSITIVE_INFINITY };
      datagrams.set(key, datagram);
    }
    const end = fragment.offset + packet.length;
    const isCut = packet.bytes.length < packet.length;
    // What reaches past 65535 bytes, or past its own end, is the ping of death and its cousins.
    const isAbsurd = end > MaxDatagramBytes || end > datagram.length || datagram.parts.runs >= MaxRuns;
    if (isCut || isAbsurd) {
      giveUp(key, datagram);
      return undefined;
    }
    if (datagram.parts.add(fragment.offset, packet.bytes) > 0) {
      problem(
        `fragments of ${packet.source} to ${packet.destination} overlap and differ: the first one counts`,
      );
    }
    if (!fragment.more) datagram.length = end;
    if (datagram.parts.first !== 0 || datagram.parts.size < datagram.length) return undefined;
    const bytes = datagram.parts.takeFrom(0);
    // More than its length, and there is a fragment beyond its last one.
    if (bytes?.length !== datagram.length || datagram.parts.size > 0) {
      giveUp(key, datagram);
      return undefined;
    }
    datagrams.delete(key);
    return { ...datagram.packet, bytes, length: bytes.length, fragment: undefined };
  }

  return {
    add,
    end() {
      for (const [key, datagram] of datagrams) giveUp(key, datagram);
    },
  };
}

interface Datagram {
  readonly packet: IpPacket;
  readonly startedAt: number;
  readonly parts: SparseBytes;
  /** Known once the last fragment has been seen. */
  length: number;
}

const MaxDatagrams = 256;
const MaxDatagramBytes = 65_535;
const MaxRuns = 128;
/** RFC 8200 §4.5: what is not whole after a minute is given up. */
const PatienceMs = 60_000;
