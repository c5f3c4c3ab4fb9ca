import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../loopback.ts';
import { type ChannelBench, OpaqueTarget, openChannelBench } from './channel-bench.ts';

let bench: ChannelBench;
beforeEach(async () => {
  bench = await openChannelBench();
});
afterEach(() => bench.close());

/** A server that answers each byte with one, and keeps what it got. */
async function echo(): Promise<{ readonly port: number; readonly got: () => Buffer }> {
  const chunks: Buffer[] = [];
  const port = await bench.loopback.listen((socket) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      socket.write(chunk);
    });
    socket.on('end', () => socket.end());
  });
  return { port, got: () => Buffer.concat(chunks) };
}

function streams(channel: string): { client: Buffer; server: Buffer } {
  const of = (from: string) =>
    Buffer.concat(
      bench
        .said('bytes', channel)
        .flatMap((one) => (one.from === from ? [Buffer.from(one.data, 'base64')] : [])),
    );
  return { client: of('client'), server: of('server') };
}

/** Bytes, both ways. */
function handedOver(channel: string): number {
  return bench.said('bytes', channel).reduce((sum, { data }) => sum + Buffer.byteLength(data, 'base64'), 0);
}

describe('a recorded channel', () => {
  test('hands every byte over, both ways, numbered, before it goes on', async () => {
    const { port, got } = await echo();
    bench.recordAll();
    const { client, id } = await bench.open({
      target: OpaqueTarget,
      dial: { address: '127.0.0.1', port },
      recordBytes: true,
    });
    const sent = randomBytes(3_000_000);
    client.socket.write(sent);
    // The plus sign is one more.
    await until(() => client.socket.bytesRead > sent.length && handedOver(id) === 2 * sent.length);
    expect(got().equals(sent) && client.received().equals(sent)).toBe(true);
    const recorded = streams(id);
    expect(recorded.client.equals(sent) && recorded.server.equals(sent)).toBe(true);
    client.socket.end();
    const { pieces } = await bench.says('closed', id);
    expect(bench.said('bytes', id).map(({ piece }) => piece)).toEqual(
      Array.from({ length: pieces }, (_, index) => index + 1),
    );
  });

  test('goes on no further than a mebibyte ahead of what is on the medium', async () => {
    const { port, got } = await echo();
    const { client, id } = await bench.open({
      target: OpaqueTarget,
      dial: { address: '127.0.0.1', port },
      recordBytes: true,
    });
    client.socket.write(randomBytes(8_000_000));
    await until(() => handedOver(id) >= 1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { client: fromClient, server } = streams(id);
    expect(fromClient.length + server.length).toBeLessThan(1_400_000);
    expect(got().length).toBeLessThanOrEqual(fromClient.length);
    expect(client.received().length).toBeLessThanOrEqual(server.length);
    bench.recordAll();
    const last = bench.said('bytes', id).at(-1)!.piece;
    bench.link.send({ kind: 'recorded', channel: id, upTo: last });
    await until(() => client.socket.bytesRead > 8_000_000);
  });

  test('ends when nobody says in time that its bytes are on the medium', async () => {
    const { port } = await echo();
    const { client, id } = await bench.open({
      target: OpaqueTarget,
      dial: { address: '127.0.0.1', port },
      recordBytes: true,
    });
    client.socket.write('one');
    const { piece } = await bench.says('bytes', id);
    bench.link.send({ kind: 'recorded', channel: id, upTo: piece - 1 });
    await client.ended;
    expect(await bench.says('closed', id)).toMatchObject({ reason: 'recording-lost' });
  });

  test('forwards nothing it could not hand over: with the engine gone the server gets no byte more', async () => {
    const { port, got } = await echo();
    const { client } = await bench.open({
      target: OpaqueTarget,
      dial: { address: '127.0.0.1', port },
      recordBytes: true,
    });
    await bench.engine.stop();
    client.socket.on('error', () => undefined);
    client.socket.write('after');
    await client.ended;
    expect(got()).toHaveLength(0);
  });
});
