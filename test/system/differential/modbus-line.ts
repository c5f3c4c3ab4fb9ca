import type { Socket } from 'node:net';
import { adu, type Client, type Loopback } from '../../gateway/inspector/loopback.ts';
import { createHonestServer, type HonestServer } from '../../rules/modbus/fuzz/honest-server.ts';
import { type NaiveRequest, readNaively } from '../../rules/modbus/fuzz/naive-request.ts';
import { SentinelUnit } from './random-profile.ts';

/** A Modbus server on loopback that writes down what reaches it. */
export interface RecordingServer {
  readonly port: number;
  readonly server: HonestServer;
  /** Unit and PDU, in hex, of what came since this was asked last; sentinels left out. */
  readonly taken: () => readonly { readonly bytes: string; readonly request: NaiveRequest | undefined }[];
}

export async function startRecordingServer(loopback: Loopback): Promise<RecordingServer> {
  const server = createHonestServer();
  const came: { bytes: string; request: NaiveRequest | undefined }[] = [];
  const port = await loopback.listen((socket) => {
    let kept = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('end', () => socket.end());
    socket.on('data', (bytes: Buffer) => {
      kept = Buffer.concat([kept, bytes]);
      while (kept.length >= 8 && kept.length >= 6 + kept.readUInt16BE(4)) {
        const end = 6 + kept.readUInt16BE(4);
        answer(socket, kept.subarray(0, end));
        kept = kept.subarray(end);
      }
    });
  });

  function answer(socket: Socket, request: Buffer): void {
    const [unit, pdu] = [request.readUInt8(6), request.subarray(7)];
    const naive = readNaively(unit, pdu);
    if (unit !== SentinelUnit) came.push({ bytes: request.toString('hex', 6), request: naive });
    const said = naive === undefined ? undefined : server.carryOut(naive, pdu);
    if (said !== undefined) socket.write(adu(request.readUInt16BE(0), unit, ...said));
  }

  return { port, server, taken: () => came.splice(0) };
}

/** What a client was told: by an answer, by an exception, by nothing, or by the end of its connection. */
export interface Told {
  /** Function code and data of the answer; `undefined` where there was none. */
  readonly pdu: Buffer | undefined;
  readonly closed: boolean;
}

/** Asks one thing after the other, each followed by a request that is always permitted and shows that it is over. */
export interface Asker {
  readonly ask: (unit: number, pdu: Buffer) => Promise<Told>;
}

export function createAsker(loopback: Loopback, port: number): Asker {
  let client: Client | undefined;
  let read = 0;
  let transaction = 0;

  async function ask(unit: number, pdu: Buffer): Promise<Told> {
    if (client === undefined) {
      client = await loopback.connect(port);
      read = 0;
    }
    const { socket } = client;
    const number = ++transaction & 0x7fff;
    socket.write(Buffer.concat([adu(number, unit, ...pdu), adu(number | 0x8000, SentinelUnit, 7)]));
    let answer: Buffer | undefined;
    for (;;) {
      const next = await nextAdu(client, read);
      if (next === undefined) {
        socket.destroy();
        client = undefined;
        return { pdu: answer, closed: true };
      }
      read += next.length;
      if (next.readUInt16BE(0) === number) answer = next.subarray(7);
      else return { pdu: answer, closed: false };
    }
  }

  return { ask };
}

/** `undefined` when the connection ends first, in order or not. */
async function nextAdu(client: Client, from: number): Promise<Buffer | undefined> {
  const end = client.ended.then(() => undefined);
  const read = (length: number) => Promise.race([client.read(length).catch(() => undefined), end]);
  const head = await read(from + 6);
  if (head === undefined) return undefined;
  const length = from + 6 + head.readUInt16BE(from + 4);
  return (await read(length))?.subarray(from, length);
}
