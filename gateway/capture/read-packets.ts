import type { ByteSource } from './byte-source.ts';
import { type CaptureEntry, finding } from './packet.ts';
import { pcapOrder, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/**
 * The packets of a capture file, pcap or pcapng, in the order of the file. Whatever the bytes are, it ends,
 * in bounded memory, and what is wrong comes as a finding.
 */
export function* readPackets(source: ByteSource): Generator<CaptureEntry, void> {
  // A copy: what a source gives is lent, and the reader of the format goes on taking.
  const magic = Uint8Array.from(source.take(4));
  const order = pcapOrder(magic);
  if (order !== undefined) yield* readPcap(source, order);
  else if (isPcapng(magic)) yield* readPcapng(source);
  else if (magic[0] === 0x1f && magic[1] === 0x8b) yield finding('compressed: unpack it with gunzip first');
  else yield finding('neither a pcap nor a pcapng file');
}
