import type { Act, ChunkRecord, OperationRecord, RequestSummary } from '../../../../rules/record/record.ts';
import type { Decode } from '../verify-session.ts';
import { type Message, readMessage } from './wire.ts';

/** Reads the kinds of records that a session's evidence holds, as `rules/record/codec.ts` does for all. */
export const decodeRecord: Decode = (type, payload) => {
  const read = Readers[type];
  if (read === undefined) return { ok: false, problem: `record type ${type} is not known here` };
  try {
    return { ok: true, record: read(payload) };
  } catch {
    return { ok: false, problem: `the payload is no record of type ${type}` };
  }
};

type Read = (payload: Uint8Array) => Extract<ReturnType<Decode>, { readonly ok: true }>['record'];

const Readers: Readonly<Record<number, Read | undefined>> = { 4: readAct, 5: readOperation, 6: readChunk };

function readAct(payload: Uint8Array): ReturnType<Read> {
  const message = readMessage('Act', payload);
  const kind = message['act'];
  const fields = typeof kind === 'string' ? message[kind] : undefined;
  if (typeof fields !== 'object') throw new RangeError('an act of no known kind');
  // The descriptor gives every field its type and default, so the shape is that of the kind named.
  return { kind: 'act', at: Number(message['at']), act: { ...fields, kind } as Act };
}

function readOperation(payload: Uint8Array): ReturnType<Read> {
  const fields = readMessage('Operation', payload);
  const request = (fields['request'] ?? readMessage('Request', new Uint8Array())) as RequestSummary;
  return { ...(fields as unknown as OperationRecord), kind: 'operation', request: withoutEmpty(request) };
}

function readChunk(payload: Uint8Array): ReturnType<Read> {
  return { ...(readMessage('Chunk', payload) as unknown as Message & ChunkRecord), kind: 'chunk' };
}

/** What is not known of the time before the write is left out. */
function withoutEmpty({ before = [], ...request }: RequestSummary): RequestSummary {
  return before.length === 0 ? request : { ...request, before };
}
