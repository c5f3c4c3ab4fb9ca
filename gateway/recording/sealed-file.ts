import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/** Whose bytes a file holds. */
export interface RecordingName {
  readonly grant: string;
  readonly channel: string;
}

/** Seals and opens the blocks of one file. */
export interface FileCipher {
  /** A block as it lies in the file. A number is used once: never give the same one twice with other bytes. */
  readonly seal: (plain: Uint8Array, at: BlockPlace) => Buffer;
  /** The plain bytes; undefined where the block is not what was sealed at this place. */
  readonly open: (sealed: Uint8Array, at: BlockPlace) => Buffer | undefined;
}

export interface BlockPlace {
  /** From 0 on in the file. */
  readonly block: number;
  /** From 0 on in the channel. */
  readonly chunk: number;
  /** The last block of its chunk. */
  readonly last: boolean;
}

/** What a file begins with. */
export function fileHeader(salt: Uint8Array): Buffer {
  return Buffer.concat([Magic, salt]);
}

/** The salt of a file by its first {@link HeaderBytes} bytes; undefined where it is no recording. */
export function saltOf(header: Uint8Array): Uint8Array | undefined {
  return header.length === HeaderBytes && Magic.equals(header.subarray(0, Magic.length))
    ? header.subarray(Magic.length)
    : undefined;
}

/** A key of its own for each file, so that block numbers may begin at 0 in each (RFC 5869; NIST SP 800-38D §8.2.1). */
export function createFileCipher(
  key: Uint8Array,
  salt: Uint8Array,
  { grant, channel }: RecordingName,
): FileCipher {
  const own = Buffer.from(hkdfSync('sha256', key, salt, `penstock recording\n${grant}\n${channel}`, 32));
  const bound = (word: Buffer, { block, chunk }: BlockPlace): Buffer =>
    Buffer.concat([Buffer.from(`${grant}\n${channel}\n${chunk}\n${block}\n`), word]);
  return {
    seal: (plain, at) => {
      const word = wordOf(plain.length + TagBytes, at.last);
      const cipher = createCipheriv('aes-256-gcm', own, nonceOf(at.block), { authTagLength: TagBytes });
      cipher.setAAD(bound(word, at));
      return Buffer.concat([word, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, at) => {
      const word = wordOf(sealed.length, at.last);
      const decipher = createDecipheriv('aes-256-gcm', own, nonceOf(at.block), { authTagLength: TagBytes });
      decipher.setAAD(bound(word, at));
      decipher.setAuthTag(sealed.subarray(sealed.length - TagBytes));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(0, -TagBytes)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

/** Opens the blocks of a file that was sealed under one of these keys; the first block tells under which. */
export function createFileOpener(
  keys: readonly Uint8Array[],
  salt: Uint8Array,
  name: RecordingName,
): Pick<FileCipher, 'open'> {
  const ciphers = keys.map((key) => createFileCipher(key, salt, name));
  let own: FileCipher | undefined;
  return {
    open: (sealed, at) => {
      if (own !== undefined) return own.open(sealed, at);
      for (const cipher of ciphers) {
        const plain = cipher.open(sealed, at);
        if (plain === undefined) continue;
        own = cipher;
        return plain;
      }
      return undefined;
    },
  };
}

/** Length and mark of the block that a word stands before; undefined where no block can be so long or short. */
export function readWord(word: Uint8Array): { readonly length: number; readonly last: boolean } | undefined {
  if (word.length !== WordBytes) return undefined;
  const value = Buffer.from(word).readUInt32BE(0);
  const length = value & ~LastBit;
  const fits = length >= TagBytes && length <= MaxBlockBytes + TagBytes;
  return fits ? { length, last: value >>> 31 === 1 } : undefined;
}

function wordOf(length: number, last: boolean): Buffer {
  const word = Buffer.alloc(WordBytes);
  word.writeUInt32BE(last ? (length | LastBit) >>> 0 : length);
  return word;
}

function nonceOf(block: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(block, 6, 6);
  return nonce;
}

const Magic = Buffer.from('PSTREC1\n');
const TagBytes = 16;
const LastBit = 0x8000_0000 | 0;
export const HeaderBytes = 24;
export const SaltBytes = 16;
export const WordBytes = 4;
/** Plain bytes of one block at most. */
export const MaxBlockBytes = 4 * 1024 * 1024;
