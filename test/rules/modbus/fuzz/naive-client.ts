/**
 * A client that believes what it reads: it holds every answer against what it has asked, by identifier, unit
 * and function, and against what the server really said to that very request.
 */
export interface NaiveClient {
  /** Bytes that the client sends, cut anyhow. */
  readonly sends: (bytes: Uint8Array) => void;
  /** The next of the client's ADUs has been decided. */
  readonly decided: () => void;
  /** The ADU being decided has gone to the server, under an identifier of the gateway's. */
  readonly forwarded: (upstreamId: number, write: Uint8Array) => void;
  readonly serverSaid: (bytes: Uint8Array) => void;
  /** Requests sent and not decided. */
  readonly undecided: number;
  /** Says what is wrong with an answer, if anything. */
  readonly receives: (adu: Uint8Array, by: 'server' | 'gateway') => string | undefined;
  /** Whether the server ever said anything under this identifier of the gateway's. */
  readonly wasAnswered: (upstreamId: number) => boolean;
}

interface Asked {
  readonly id: number;
  readonly unit: number;
  readonly functionCode: number;
  readonly pdu: Uint8Array;
  answered: boolean;
  upstreamId: number;
}

export function createNaiveClient(): NaiveClient {
  let stream: number[] = [];
  let serverStream: number[] = [];
  const asked: Asked[] = [];
  const said = new Map<number, string[]>();
  let decided = 0;

  function wrong(adu: Uint8Array, by: 'server' | 'gateway'): string | undefined {
    const id = (adu[0] ?? 0) * 256 + (adu[1] ?? 0);
    const code = adu[7] ?? 0;
    if (adu.length < 8 || adu[2] !== 0 || adu[3] !== 0) return 'no ADU for the client';
    if ((adu[4] ?? 0) * 256 + (adu[5] ?? 0) !== adu.length - 6) return 'a length that lies to the client';
    if (libmodbusLength(adu) !== adu.length) return 'a client that ignores the length reads another answer';
    const matching = asked.filter(
      (one) => !one.answered && one.id === id && one.unit === adu[6] && one.functionCode === (code & 0x7f),
    );
    if (matching.length === 0) return 'an answer to nothing that was asked';
    if (by === 'gateway') {
      const [first] = matching;
      if (code < 0x80 || adu.length !== 9) return 'the gateway answers with data';
      if (first !== undefined) first.answered = true;
      return undefined;
    }
    const answer = hex(adu.subarray(6));
    const one = matching.find(({ upstreamId }) => said.get(upstreamId)?.includes(answer));
    if (one === undefined) return 'an answer the server gave to another request';
    one.answered = true;
    if (code < 0x80 && !fits(one.pdu, adu.subarray(7))) return 'data that was not asked for';
    return undefined;
  }

  return {
    sends: (bytes) => {
      stream.push(...bytes);
      for (;;) {
        const end = 6 + (stream[4] ?? 0) * 256 + (stream[5] ?? 0);
        if (stream.length < 8 || stream.length < end || end < 8) return;
        const pdu = Uint8Array.from(stream.slice(7, end));
        const id = (stream[0] ?? 0) * 256 + (stream[1] ?? 0);
        asked.push({
          id,
          unit: stream[6] ?? 0,
          functionCode: stream[7] ?? 0,
          pdu,
          answered: false,
          upstreamId: -1,
        });
        stream = stream.slice(end);
      }
    },
    decided: () => {
      decided++;
    },
    forwarded: (upstreamId) => {
      const one = asked[decided];
      if (one !== undefined) one.upstreamId = upstreamId;
    },
    serverSaid: (bytes) => {
      serverStream.push(...bytes);
      for (;;) {
        const end = 6 + (serverStream[4] ?? 0) * 256 + (serverStream[5] ?? 0);
        if (serverStream.length < 8 || serverStream.length < end || end < 8) return;
        const id = (serverStream[0] ?? 0) * 256 + (serverStream[1] ?? 0);
        said.set(id, [...(said.get(id) ?? []), hex(Uint8Array.from(serverStream.slice(6, end)))]);
        serverStream = serverStream.slice(end);
      }
    },
    get undecided() {
      return asked.length - decided;
    },
    receives: wrong,
    wasAnswered: (upstreamId) => said.has(upstreamId),
  };
}

/** What libmodbus expects of a response, by its function code; its own length where libmodbus knows none. */
function libmodbusLength(adu: Uint8Array): number {
  const code = adu[7] ?? 0;
  if (code >= 0x80) return 9;
  if ((code >= 1 && code <= 4) || code === 23 || code === 17) return 9 + (adu[8] ?? 0);
  if (code === 5 || code === 6 || code === 15 || code === 16) return 12;
  if (code === 22) return 14;
  return adu.length;
}

/** Whether an answer says as much as was asked, and repeats what it has to. */
function fits(asked: Uint8Array, answer: Uint8Array): boolean {
  const [code = 0] = asked;
  const quantity = (asked[3] ?? 0) * 256 + (asked[4] ?? 0);
  if (code === 1 || code === 2) return answer.length === 2 + Math.ceil(quantity / 8);
  if (code === 3 || code === 4 || code === 23) return answer.length === 2 + 2 * quantity;
  if (code === 5 || code === 6 || code === 22) return hex(answer) === hex(asked);
  if (code === 15 || code === 16) return hex(answer) === hex(asked.subarray(0, 5));
  return true;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
