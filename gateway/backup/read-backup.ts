import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openWithPassphrase, Unopenable } from './age.ts';
import { classOf } from './box-files.ts';
import { ConfigName, type Manifest, ManifestName, readManifest } from './manifest.ts';
import { readTar, StrangeArchive, type TarEntry } from './tar.ts';
import { piecesOf } from './write-backup.ts';

/** A backup whose every byte was found to be as it was written. */
export interface OpenedBackup {
  readonly manifest: Manifest;
  /** gateway.yaml and what it names, by name in the archive. */
  readonly configuration: ReadonlyMap<string, ConfigurationFile>;
  /** Writes the state into a directory of its own. @throws the system's error, Unopenable */
  readonly unpackState: (directory: string) => void;
}

export interface ConfigurationFile extends Pick<TarEntry, 'mode' | 'group'> {
  readonly bytes: Buffer;
}

/** Reads a backup to its last byte before anything is done with it. @throws Unopenable, the system's error */
export function openBackup(file: string, passphrase: string): OpenedBackup {
  const configuration = new Map<string, ConfigurationFile>();
  let manifest: Manifest | undefined;
  for (const { entry, pieces } of filesIn(file, passphrase)) {
    if (entry.name !== ManifestName && !entry.name.startsWith('config/')) continue;
    const bytes = Buffer.concat([...pieces()]);
    if (entry.name === ManifestName) manifest = readManifest(bytes);
    else configuration.set(entry.name, { bytes, mode: entry.mode, group: entry.group });
  }
  if (manifest === undefined || !configuration.has(ConfigName)) throw new Unopenable('no-backup');
  return {
    manifest,
    configuration,
    unpackState: (directory) => {
      for (const { entry, pieces } of filesIn(file, passphrase)) {
        if (!entry.name.startsWith(StatePrefix)) continue;
        const name = entry.name.slice(StatePrefix.length);
        // One of another release, which this one would not know where to put.
        if (classOf(name) === undefined) continue;
        write(join(directory, name), pieces());
      }
    },
  };
}

interface ArchivedFile {
  readonly entry: TarEntry;
  /** May be asked for once, before the next file. */
  readonly pieces: () => Iterable<Buffer>;
}

function* filesIn(file: string, passphrase: string): Generator<ArchivedFile> {
  try {
    const parts = readTar(openWithPassphrase(piecesOf(file), passphrase));
    let next = parts.next();
    while (next.done !== true) {
      if (next.value.kind === 'bytes') {
        next = parts.next();
        continue;
      }
      const { entry } = next.value;
      next = parts.next();
      const take = function* (): Generator<Buffer> {
        for (; next.done !== true && next.value.kind === 'bytes'; next = parts.next()) yield next.value.bytes;
      };
      yield { entry, pieces: take };
    }
  } catch (cause) {
    if (cause instanceof StrangeArchive) throw new Unopenable('no-backup');
    throw cause;
  }
}

function write(path: string, pieces: Iterable<Buffer>): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (const piece of pieces) for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  chmodSync(path, 0o600);
}

const StatePrefix = 'state/';
