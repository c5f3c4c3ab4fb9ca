/**
 * The process around libnftables, which may abort or exit it: nothing else lives here. It takes one request
 * at a time on standard input and ends when that ends, so it never outlives the engine.
 */
import { writeSync } from 'node:fs';
import { readRulesetGeneration } from '../../ffi/netlink.ts';
import { createFrameReader, encodeFrame, MaxEngineFrame } from '../../ipc/frame.ts';
import { type Libnftables, loadLibnftables } from './libnftables.ts';
import { isNftRequest, type NftAnswer, type NftRequest } from './nft-protocol.ts';

const library = loadOrEnd();
const reader = createFrameReader(MaxEngineFrame);

process.stdin.on('data', (chunk: Buffer) => {
  const { messages, problem } = reader.push(chunk);
  for (const message of messages) {
    if (!isNftRequest(message)) process.exit(2);
    say(answer(library, message));
  }
  if (problem !== '') process.exit(2);
});
process.stdin.on('end', () => process.exit(0));

function answer(nft: Libnftables, request: NftRequest): NftAnswer {
  const { id } = request;
  if (request.kind === 'generation') return { kind: 'done', id, output: String(readRulesetGeneration()) };
  if (request.kind === 'list') {
    const listed = nft.list(request.command, request.form);
    return listed.ok
      ? { kind: 'done', id, output: listed.output }
      : { kind: 'refused', id, problem: listed.problem };
  }
  const problem =
    request.kind === 'restore'
      ? nft.runText(request.text)
      : nft.runJson(request.json, request.kind === 'check');
  return problem === '' ? { kind: 'done', id, output: '' } : { kind: 'refused', id, problem };
}

function loadOrEnd(): Libnftables {
  try {
    return loadLibnftables();
  } catch (error) {
    say({ kind: 'unusable', problem: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
}

/** Writes at once and wholly, so that an answer is out before the library can end the process. */
function say(message: NftAnswer): void {
  const frame = encodeFrame(message);
  let written = 0;
  while (written < frame.length) {
    try {
      written += writeSync(1, frame, written);
    } catch (error) {
      // A pipe shared with libuv may be non-blocking; the engine is about to read it.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(0);
    }
  }
}
