/** What a capture file holds, one after the other: packets, and what is wrong with the file. */
export type CaptureEntry = CapturedPacket | CaptureFinding;

/** One packet as it was seen on a wire. */
export interface CapturedPacket {
  readonly kind: 'packet';
  /** Its place in the file, counted from 1: the number other programs show. */
  readonly number: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** LINKTYPE of https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** As many bytes as were kept, lent until the next entry is asked for. */
  readonly bytes: Uint8Array;
}

/** Something in a capture that cannot be what it should, or is missing. Reading went on where it could. */
export interface CaptureFinding {
  readonly kind: 'finding';
  readonly text: string;
}

/** The longest packet that is believed: four times what any capturing program keeps by default. */
export const MaxPacketBytes = 1024 * 1024;

export function finding(text: string): CaptureFinding {
  return { kind: 'finding', text };
}
