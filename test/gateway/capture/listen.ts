import { bytesInMemory } from '../../../gateway/capture/byte-source.ts';
import { type CaptureTotals, readConnections } from '../../../gateway/capture/read-connections.ts';

/** What a capture is heard to hold, one line for each thing told. */
export interface Heard {
  readonly lines: readonly string[];
  readonly totals: CaptureTotals;
}

/** Reads a capture and writes down everything it tells; a connection is `#1`, data is text. */
export function listen(capture: Uint8Array, servers: readonly number[] = [502]): Heard {
  const lines: string[] = [];
  const totals = readConnections(bytesInMemory(capture), (_, port) => servers.includes(port), {
    opened: ({ number, client, server, isMidstream }) =>
      void lines.push(
        `#${number} ${client.address}:${client.port} > ${server.address}:${server.port}${isMidstream ? ' midstream' : ''}`,
      ),
    data: ({ number }, from, bytes) =>
      void lines.push(`#${number} ${from} ${Buffer.from(bytes).toString('latin1')}`),
    lost: ({ number }, from, bytes) => void lines.push(`#${number} ${from} lost ${bytes}`),
    differs: ({ number }, from, bytes) => void lines.push(`#${number} ${from} differs ${bytes}`),
    stray: ({ number }, from) => void lines.push(`#${number} ${from} stray`),
    ended: ({ number }, how) => void lines.push(`#${number} ended: ${how}`),
    datagram: (protocol, from, to) =>
      void lines.push(`${protocol} ${from.address}:${from.port} > ${to.address}:${to.port}`),
    flaw: (text) => void lines.push(text),
  });
  return { lines, totals };
}

export function text(letters: string): Uint8Array {
  return Uint8Array.from(Buffer.from(letters, 'latin1'));
}
