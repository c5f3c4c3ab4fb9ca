import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';

/**
 * Encryption with a passphrase in the form of C2SP age (age-encryption.org/v1, one scrypt stanza), so that a backup
 * opens with the stock tool as well: `age -d backup | tar t`. scrypt makes guessing dear; every 64 KiB are sealed with
 * their place and whether they are the last, so that nothing can be changed, moved, cut or added.
 * @param logN scrypt's work factor, N = 2^logN; 128·8·N bytes of memory
 */
export function* sealWithPassphrase(
  plain: Iterable<Buffer>,
  passphrase: string,
  logN: number = WorkFactor,
): Generator<Buffer> {
  const fileKey = randomBytes(16);
  const salt = randomBytes(16);
  const wrapped = seal(wrapKey(passphrase, salt, logN), Buffer.alloc(NonceBytes), fileKey);
  const head = `${Intro}\n-> scrypt ${base64(salt)} ${logN}\n${base64(wrapped)}\n---`;
  const nonce = randomBytes(16);
  yield Buffer.concat([Buffer.from(`${head} ${base64(macOf(fileKey, head))}\n`), nonce]);
  const key = derived(fileKey, nonce, 'payload');
  let number = 0;
  for (const { chunk, last } of inChunks(plain, ChunkBytes)) yield seal(key, nonceOf(number++, last), chunk);
}

/** Why a file cannot be opened: it is none of these, the passphrase is another, or it is not as it was written. */
export class Unopenable extends Error {
  readonly problem: 'no-backup' | 'passphrase' | 'changed';

  constructor(problem: Unopenable['problem']) {
    super(problem);
    this.name = 'Unopenable';
    this.problem = problem;
  }
}

/**
 * The plain bytes, each piece authenticated before it is given away; only when all have been asked for is it known
 * that none is missing at the end. @throws Unopenable
 */
export function* openWithPassphrase(sealed: Iterable<Buffer>, passphrase: string): Generator<Buffer> {
  const source = createSource(sealed);
  const lines = readHeader(source);
  const [, saltText = '', factor = ''] = /^-> scrypt (\S{22}) ([1-9]\d?)$/.exec(lines[1] ?? '') ?? [];
  const [, macText = ''] = /^--- (\S{43})$/.exec(lines[3] ?? '') ?? [];
  const logN = Number(factor);
  // A work factor of somebody else's choosing must not take all memory of the box.
  if (lines[0] !== Intro || saltText === '' || logN > MostWork || macText === '') {
    throw new Unopenable('no-backup');
  }
  const key = wrapKey(passphrase, Buffer.from(saltText, 'base64'), logN);
  const fileKey = unseal(key, Buffer.alloc(NonceBytes), Buffer.from(lines[2] ?? '', 'base64'));
  if (fileKey?.length !== 16) throw new Unopenable('passphrase');
  const mac = macOf(fileKey, `${lines.slice(0, 3).join('\n')}\n---`);
  const told = Buffer.from(macText, 'base64');
  if (told.length !== mac.length || !timingSafeEqual(told, mac)) throw new Unopenable('changed');
  const nonce = source.take(16);
  if (nonce.length < 16) throw new Unopenable('changed');
  const payloadKey = derived(fileKey, nonce, 'payload');
  let number = 0;
  for (const { chunk, last } of inChunks(source.rest(), ChunkBytes + TagBytes)) {
    const plain = unseal(payloadKey, nonceOf(number, last), chunk);
    if (plain === undefined || (plain.length === 0 && number > 0)) throw new Unopenable('changed');
    number += 1;
    yield plain;
  }
}

/** The four lines of a header with one stanza. @throws Unopenable */
function readHeader(source: Source): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (let length = 0; lines.length < 4; length += 1) {
    const [byte] = source.take(1);
    if (byte === undefined || length > LongestHeader) throw new Unopenable('no-backup');
    if (byte === 0x0a) {
      lines.push(line);
      line = '';
    } else line += String.fromCharCode(byte);
  }
  return lines;
}

interface Source {
  /** As many bytes as there are, at most `length`. */
  readonly take: (length: number) => Buffer;
  readonly rest: () => Iterable<Buffer>;
}

function createSource(pieces: Iterable<Buffer>): Source {
  const iterator = pieces[Symbol.iterator]();
  let held: Buffer = Buffer.alloc(0);
  function fill(length: number): void {
    while (held.length < length) {
      const { done, value } = iterator.next();
      if (done === true) return;
      held = held.length === 0 ? value : Buffer.concat([held, value]);
    }
  }
  return {
    take: (length) => {
      fill(length);
      const taken = held.subarray(0, length);
      held = held.subarray(length);
      return taken;
    },
    *rest() {
      if (held.length > 0) yield held;
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value;
    },
  };
}

/** Chunks of exactly `size` bytes; the last one is shorter or as long, and empty only where there is nothing at all. */
function* inChunks(
  pieces: Iterable<Buffer>,
  size: number,
): Generator<{ readonly chunk: Buffer; readonly last: boolean }> {
  const source = createSource(pieces);
  let chunk = source.take(size);
  for (;;) {
    const next = source.take(size);
    yield { chunk, last: next.length === 0 };
    if (next.length === 0) return;
    chunk = next;
  }
}

function wrapKey(passphrase: string, salt: Buffer, logN: number): Buffer {
  const salted = Buffer.concat([Buffer.from(`${Intro}/scrypt`), salt]);
  const N = 2 ** logN;
  return scryptSync(passphrase.normalize('NFC'), salted, 32, { N, r: 8, p: 1, maxmem: 2048 * N });
}

function macOf(fileKey: Buffer, head: string): Buffer {
  return createHmac('sha256', derived(fileKey, Buffer.alloc(0), 'header'))
    .update(head)
    .digest();
}

function derived(fileKey: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, salt, info, 32));
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(NonceBytes);
  nonce.writeUIntBE(number, 5, 6);
  nonce[NonceBytes - 1] = last ? 1 : 0;
  return nonce;
}

function seal(key: Buffer, nonce: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TagBytes });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < TagBytes) return undefined;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TagBytes });
  decipher.setAuthTag(sealed.subarray(-TagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Without padding, as the format has it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

const Intro = 'age-encryption.org/v1';

/** 128 MiB, what a box with 1 GiB has to spare. */
const WorkFactor = 17;

/** 1 GiB. */
const MostWork = 20;

const ChunkBytes = 64 * 1024;
const TagBytes = 16;
const NonceBytes = 12;
const LongestHeader = 400;
