/** One file of an archive. */
export interface TarEntry {
  /** `state/bundles/confirmed.bundle`: no `..`, no leading slash. */
  readonly name: string;
  readonly mode: number;
  /** Names of user and group, or empty. */
  readonly owner: string;
  readonly group: string;
  /** Bytes. */
  readonly size: number;
}

/** What is read of an archive that holds something else than plain files under plain names. */
export class StrangeArchive extends Error {}

/** The header of a file in the form of POSIX.1-1988 ustar, which every tar reads. */
export function tarHeader({ name, mode, owner, group, size }: TarEntry): Buffer {
  const header = Buffer.alloc(BlockBytes);
  const [prefix, last] = splitName(name);
  header.write(last, 0);
  for (const [value, at, length] of [
    [mode & 0o7777, 100, 8],
    [0, 108, 8],
    [0, 116, 8],
    [size, 124, 12],
    [0, 136, 12],
  ] as const) {
    header.write(value.toString(8).padStart(length - 1, '0'), at);
  }
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  header.write(owner.slice(0, 31), 265);
  header.write(group.slice(0, 31), 297);
  header.write(prefix, 345);
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Fills the last block of a file of so many bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BlockBytes - (size % BlockBytes)) % BlockBytes);
}

/** What an archive ends with. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BlockBytes);
}

/**
 * The files of an archive in order: for each a header, then pieces of its content. All is read to its very end.
 * @throws StrangeArchive for a link, a device, a name that leads elsewhere, or an end that comes too early
 */
export function* readTar(
  bytes: Iterable<Buffer>,
): Generator<
  { readonly kind: 'file'; readonly entry: TarEntry } | { readonly kind: 'bytes'; readonly bytes: Buffer }
> {
  const iterator = bytes[Symbol.iterator]();
  let held: Buffer = Buffer.alloc(0);
  function next(length: number): Buffer {
    while (held.length < length) {
      const { done, value } = iterator.next();
      if (done === true) throw new StrangeArchive('it ends too early');
      held = held.length === 0 ? value : Buffer.concat([held, value]);
    }
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  }
  for (;;) {
    const header = next(BlockBytes);
    if (header.every((byte) => byte === 0)) break;
    const entry = readHeader(header);
    yield { kind: 'file', entry };
    for (let left = entry.size; left > 0; ) {
      const piece = next(Math.min(left, PieceBytes));
      left -= piece.length;
      yield { kind: 'bytes', bytes: piece };
    }
    next(tarPadding(entry.size).length);
  }
  // To the last byte, whose seal says that nothing is missing.
  for (let rest = iterator.next(); rest.done !== true; rest = iterator.next());
}

function readHeader(header: Buffer): TarEntry {
  const text = (at: number, length: number): string =>
    header
      .subarray(at, at + length)
      .toString('utf8')
      .split('\0', 1)[0] ?? '';
  const number = (at: number, length: number): number => Number.parseInt(text(at, length).trim() || '0', 8);
  if (number(148, 8) !== checksum(header)) throw new StrangeArchive('a header is damaged');
  if (header.toString('latin1', 156, 157) !== '0') throw new StrangeArchive('it holds more than plain files');
  const [name, prefix] = [text(0, 100), text(345, 155)];
  const whole = prefix === '' ? name : `${prefix}/${name}`;
  if (!PlainName.test(whole)) throw new StrangeArchive('a name in it leads elsewhere');
  return {
    name: whole,
    mode: number(100, 8),
    owner: text(265, 32),
    group: text(297, 32),
    size: number(124, 12),
  };
}

/** The checksum field itself counts as spaces. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function splitName(name: string): readonly [prefix: string, last: string] {
  if (!PlainName.test(name)) throw new StrangeArchive(`${name} is no plain name`);
  if (Buffer.byteLength(name) <= 100) return ['', name];
  const slash = name.indexOf('/', name.length - 100);
  const [prefix, last] = [name.slice(0, slash), name.slice(slash + 1)];
  if (slash < 0 || prefix.length > 155) throw new StrangeArchive(`${name} is too long a name`);
  return [prefix, last];
}

/** Parts of letters, digits and `. _ @ + -`, none of which is `.` or `..`. */
const PlainName = /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._@+-]+(\/[A-Za-z0-9._@+-]+)*$/;

const BlockBytes = 512;
const PieceBytes = 64 * 1024;
