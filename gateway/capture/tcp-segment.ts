/** One TCP segment (RFC 9293 §3.1). Checksums are not looked at: network cards fill them in after the capture. */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** As much of its data as was kept. */
  readonly data: Uint8Array;
  /** Bytes of data it had on the wire. */
  readonly length: number;
}

/** Reads a segment of `length` bytes, of which `bytes` were kept; text says why it is none. */
export function tcpSegment(bytes: Uint8Array, length: number): TcpSegment | string {
  if (bytes.length < 20) return 'ends within its TCP header';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = 4 * (view.getUint8(12) >> 4);
  if (header < 20 || header > length) return 'has no sound TCP header';
  const flags = view.getUint8(13);
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    ack: (flags & 0x10) !== 0,
    data: bytes.subarray(Math.min(header, bytes.length)),
    length: length - header,
  };
}
