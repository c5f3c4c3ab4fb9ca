import { moveToInterface, packetTime, splitBlocks } from './pcapng-blocks.ts';
import { openRecording } from './read-recording.ts';
import { recordingFile, recordingsOf } from './stored-files.ts';

/**
 * The channels of a grant as one pcapng file, an interface for each, packets in the order of their time. Lends each
 * piece until the next one is asked for. Throws an Error where a recording is not as it was written.
 * @param directory `<state>/recordings`
 * @param keys that it may have been made under
 */
export function* exportRecording(
  directory: string,
  grant: string,
  ...keys: readonly Uint8Array[]
): Generator<Buffer, void> {
  const channels = recordingsOf(directory, grant).map((name) =>
    pcapngBlocks(openRecording(recordingFile(directory, name), name, ...keys)),
  );
  const heads = channels.map((blocks) => {
    const [section, description] = [blocks.next().value, blocks.next().value];
    const next = blocks.next().value;
    return { blocks, section, description, next };
  });
  const [first] = heads;
  if (first?.section === undefined) return;
  yield first.section;
  for (const { description } of heads) if (description !== undefined) yield description;
  for (;;) {
    let at = -1;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [index, { next }] of heads.entries()) {
      const time = next === undefined ? Number.POSITIVE_INFINITY : packetTime(next);
      if (time < earliest) [earliest, at] = [time, index];
    }
    const head = heads[at];
    if (head?.next === undefined) return;
    moveToInterface(head.next, at);
    yield head.next;
    head.next = head.blocks.next().value;
  }
}

function* pcapngBlocks(pieces: Iterable<{ readonly plain: Buffer }>): Generator<Buffer, undefined> {
  for (const { plain } of pieces) yield* splitBlocks(plain);
  return undefined;
}
