import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import {
  createFileOpener,
  HeaderBytes,
  type RecordingName,
  readWord,
  saltOf,
  WordBytes,
} from './sealed-file.ts';

/** A chunk as it lies in a file: what its record in the evidence log speaks of. */
export interface StoredChunk {
  readonly index: number;
  /** SHA-256. */
  readonly digest: Uint8Array;
  /** Where in the file it begins and ends. */
  readonly start: number;
  readonly end: number;
  /** False for the last one of a recording that was broken off. */
  readonly closed: boolean;
}

/** One block, and where it stands. */
interface StoredBlock {
  readonly sealed: Buffer;
  readonly block: number;
  readonly chunk: number;
  readonly last: boolean;
  readonly start: number;
  readonly end: number;
}

/** The chunks of a file. It wants no key. Bytes after the last whole block are passed over. @throws the system's error */
export function* storedChunks(file: string): Generator<StoredChunk, void> {
  let hash = createHash('sha256');
  let start = 0;
  let open: StoredBlock | undefined;
  for (const found of storedBlocks(file)) {
    if (found.kind === 'header') {
      hash.update(found.bytes);
      continue;
    }
    hash.update(found.word).update(found.block.sealed);
    open = found.block;
    if (!open.last) continue;
    yield { index: open.chunk, digest: hash.digest(), start, end: open.end, closed: true };
    start = open.end;
    hash = createHash('sha256');
    open = undefined;
  }
  if (open !== undefined)
    yield { index: open.chunk, digest: hash.digest(), start, end: open.end, closed: false };
}

/** Where what can be decrypted ends: after a sudden stop the last block may be torn. @throws the system's error */
export function soundEnd(file: string, name: RecordingName, ...keys: readonly Uint8Array[]): number {
  let end = 0;
  let cipher: ReturnType<typeof createFileOpener> | undefined;
  for (const found of storedBlocks(file)) {
    if (found.kind === 'header') {
      const salt = saltOf(found.bytes);
      if (salt === undefined) return 0;
      cipher = createFileOpener(keys, salt, name);
      end = HeaderBytes;
    } else if (cipher?.open(found.block.sealed, found.block) === undefined) {
      return end;
    } else {
      end = found.block.end;
    }
  }
  return end;
}

/**
 * The plain pcapng bytes of a file, each piece whole pcapng blocks, and which chunk it is of. Throws an Error that says at which byte of the file, where they are
 * not what was sealed there for this grant and channel.
 */
export function* openRecording(
  file: string,
  name: RecordingName,
  ...keys: readonly Uint8Array[]
): Generator<{ readonly plain: Buffer; readonly chunk: number }, void> {
  let cipher: ReturnType<typeof createFileOpener> | undefined;
  for (const found of storedBlocks(file)) {
    if (found.kind === 'header') {
      const salt = saltOf(found.bytes);
      if (salt === undefined) throw new Error(`${file} is no recording`);
      cipher = createFileOpener(keys, salt, name);
      continue;
    }
    const plain = cipher?.open(found.block.sealed, found.block);
    if (plain === undefined)
      throw new Error(`${file}: what begins at byte ${found.block.start} is not as it was written`);
    yield { plain, chunk: found.block.chunk };
  }
}

/** How many chunks a file has, without reading what is in them. @throws the system's error */
export function countChunks(file: string): number {
  const fd = openSync(file, 'r');
  try {
    let chunks = 0;
    let open = false;
    for (let at = HeaderBytes; ; ) {
      const said = readWord(readAt(fd, at, WordBytes));
      if (said === undefined) return open ? chunks + 1 : chunks;
      open = !said.last;
      if (said.last) chunks += 1;
      at += WordBytes + said.length;
    }
  } finally {
    closeSync(fd);
  }
}

type Found =
  | { readonly kind: 'header'; readonly bytes: Buffer }
  | { readonly kind: 'block'; readonly word: Buffer; readonly block: StoredBlock };

function* storedBlocks(file: string): Generator<Found, void> {
  const fd = openSync(file, 'r');
  try {
    const header = readAt(fd, 0, HeaderBytes);
    if (header.length < HeaderBytes) return;
    yield { kind: 'header', bytes: header };
    let at = HeaderBytes;
    let chunk = 0;
    for (let block = 0; ; block += 1) {
      const word = readAt(fd, at, WordBytes);
      const said = readWord(word);
      if (said === undefined) return;
      const sealed = readAt(fd, at + WordBytes, said.length);
      if (sealed.length < said.length) return;
      const end = at + WordBytes + sealed.length;
      yield { kind: 'block', word, block: { sealed, block, chunk, last: said.last, start: at, end } };
      at = end;
      if (said.last) chunk += 1;
    }
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, at + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
