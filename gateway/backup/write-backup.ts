import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { scanSegment } from '../../rules/record/scan.ts';
import type { Config } from '../config.ts';
import { syncDirectory } from '../load/durable-file.ts';
import { sealWithPassphrase } from './age.ts';
import { type BoxFile, configFiles, readTogether, stateFiles } from './box-files.ts';
import { ConfigName, type Manifest, ManifestName } from './manifest.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

/** What goes into a backup, and what it says of itself. */
export interface BackupOptions
  extends Pick<Manifest, 'keys' | 'evidence' | 'by' | 'madeAt' | 'release' | 'devices'> {
  readonly config: Config;
  readonly out: string;
  readonly passphrase: string;
  /** Work factor of the passphrase, in tests only. */
  readonly logN?: number;
}

/**
 * Writes a backup of a box, whether its gateway runs or not: an archive that tar reads, encrypted and authenticated as
 * a whole in the form of age. What is written once and grows is taken as far as it goes; all else is of one moment.
 * @throws the system's error
 */
export function writeBackup(options: BackupOptions): Manifest {
  const { config, out, passphrase, logN } = options;
  const wanted = ({ class: kind }: BoxFile): boolean =>
    kind === 'state' || (kind === 'key' && options.keys) || (kind === 'evidence' && options.evidence);
  const isSmall = ({ class: kind }: BoxFile): boolean => kind !== 'evidence';
  const inState = (): readonly BoxFile[] => stateFiles(config.state).filter(wanted);
  const configured = configFiles(config).filter(wanted);
  // Checkpoints first: the segments hold at least what they cover.
  const small = readTogether(() => [
    { name: ConfigName, path: config.file, class: 'state' },
    ...configured,
    ...inState().filter(isSmall),
  ]);
  const large = openAll(() => inState().filter((file) => !isSmall(file)));
  try {
    const { keys, evidence, by, madeAt, release, devices } = options;
    const manifest: Manifest = {
      form: 'penstock-backup/1',
      ...{ release, madeAt, by, keys, evidence, devices: [...devices] },
      site: config.site,
      gateway: config.gateway,
      logKey: small.get('state/evidence/log.pub')?.toString('utf8').trim() ?? '',
      checkpoint: small.get('state/evidence/checkpoint')?.toString('utf8') ?? '',
      files: configured.map(({ name, belongs: path }) => ({ name, path })),
    };
    const places = new Map(configured.map((file) => [file.name, file]));
    const archive = function* (): Generator<Buffer> {
      yield* packed(ManifestName, Buffer.from(`${JSON.stringify(manifest, undefined, 1)}\n`));
      for (const [name, bytes] of small) yield* packed(name, bytes, places.get(name));
      for (const { name, fd, size } of large) yield* packedFile(name, fd, size);
      yield tarEnd();
    };
    writeWhole(out, sealWithPassphrase(archive(), passphrase, logN));
    return manifest;
  } finally {
    for (const { fd } of large) closeSync(fd);
  }
}

interface OpenFile {
  readonly name: string;
  readonly fd: number;
  readonly size: number;
}

/** All at once, so that what is given up for room meanwhile can still be read. */
function openAll(list: () => readonly BoxFile[]): readonly OpenFile[] {
  for (let tries = 0; ; tries += 1) {
    const opened: OpenFile[] = [];
    try {
      for (const { name, path } of list()) {
        const fd = openSync(path, 'r');
        opened.push({ name, fd, size: fstatSync(fd).size });
      }
      return cutLast(opened);
    } catch (cause) {
      for (const { fd } of opened) closeSync(fd);
      const isGone = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
      if (!isGone || tries > 10) throw cause;
    }
  }
}

/** The segment that is written may end in half a record. */
function cutLast(files: readonly OpenFile[]): readonly OpenFile[] {
  const last = files.findLast(({ name }) => name.endsWith('.seg'));
  return files.map((file) => {
    if (file !== last) return file;
    const bytes = Buffer.alloc(file.size);
    readSync(file.fd, bytes, 0, file.size, 0);
    return { ...file, size: scanSegment(bytes).validBytes };
  });
}

function* packed(
  name: string,
  bytes: Buffer,
  place: { readonly mode: number; readonly group: string } = { mode: 0o600, group: '' },
): Generator<Buffer> {
  yield tarHeader({ name, mode: place.mode, owner: '', group: place.group, size: bytes.length });
  yield bytes;
  yield tarPadding(bytes.length);
}

function* packedFile(name: string, fd: number, size: number): Generator<Buffer> {
  yield tarHeader({ name, mode: 0o600, owner: '', group: '', size });
  for (let at = 0; at < size; ) {
    const piece = Buffer.alloc(Math.min(PieceBytes, size - at));
    const read = readSync(fd, piece, 0, piece.length, at);
    if (read === 0) throw new Error(`${name} became shorter while it was read`);
    yield piece.subarray(0, read);
    at += read;
  }
  yield tarPadding(size);
}

/** Under its name only when all of it is on the medium; for its owner's eyes. */
function writeWhole(out: string, pieces: Iterable<Buffer>): void {
  const unfinished = `${out}.${process.pid}.new`;
  const fd = openSync(unfinished, 'wx', 0o600);
  try {
    try {
      fchmodSync(fd, 0o600);
      for (const piece of pieces) for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, out);
    syncDirectory(dirname(out));
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw cause;
  }
}

/** The pieces of a file, for reading a backup as it was written. @throws the system's error */
export function* piecesOf(file: string): Generator<Buffer> {
  const fd = openSync(file, 'r');
  try {
    for (;;) {
      const piece = Buffer.alloc(PieceBytes);
      const read = readSync(fd, piece, 0, piece.length, null);
      if (read === 0) return;
      yield piece.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

const PieceBytes = 256 * 1024;
