import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, isArchitecture } from './architecture.ts';

/** What a release is made of. It lies in the release as `manifest.json`, and its digest is signed. */
export interface Manifest {
  readonly format: 1;
  /** `major.minor.patch`. */
  readonly version: string;
  readonly arch: Architecture;
  /** The git commit its sources are of, hexadecimal. */
  readonly commit: string;
  /** SHA-256 of each file, hexadecimal, by its path. The manifest itself is left out. */
  readonly files: Readonly<Record<string, string>>;
  /** Where each symbolic link points to. */
  readonly links: Readonly<Record<string, string>>;
}

export const ManifestFile = 'manifest.json';

/** Every file and link under a directory, by path in byte order, and the bytes all files take. */
export function describeTree(
  directory: string,
): Pick<Manifest, 'files' | 'links'> & { readonly bytes: number } {
  const files: Record<string, string> = {};
  const links: Record<string, string> = {};
  let bytes = 0;
  for (const path of pathsUnder(directory)) {
    const full = join(directory, path);
    const entry = lstatSync(full);
    if (entry.isSymbolicLink()) links[path] = readlinkSync(full);
    else if (path !== ManifestFile) files[path] = sha256OfFile(full);
    bytes += entry.size;
  }
  return { files, links, bytes };
}

/** What differs between a directory and its manifest, as sentences; none when it is as it was made. */
export function compareTree(directory: string, manifest: Manifest): readonly string[] {
  const found = describeTree(directory);
  return [...differences(manifest.files, found.files), ...differences(manifest.links, found.links)];
}

export function encodeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

/** Reads a manifest, or undefined where the text is none of a form this release knows. */
export function decodeManifest(text: string): Manifest | undefined {
  let value: Partial<Record<keyof Manifest, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || value.format !== 1) return undefined;
  const { version, arch, commit, files, links } = value;
  if (typeof version !== 'string' || !VersionForm.test(version) || !isArchitecture(arch)) return undefined;
  if (typeof commit !== 'string' || !isTexts(files) || !isTexts(links)) return undefined;
  return { format: 1, version, arch, commit, files, links };
}

/** SHA-256 of a file, hexadecimal; of any size. */
export function sha256OfFile(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1_048_576);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** `major.minor.patch`, and nothing a path could be hidden in. */
export const VersionForm = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/;

function differences(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    ...Object.keys(wanted)
      .filter((path) => found[path] !== wanted[path])
      .map((path) => (found[path] === undefined ? `${path} is missing` : `${path} is another one`)),
    ...Object.keys(found)
      .filter((path) => wanted[path] === undefined)
      .map((path) => `${path} does not belong there`),
  ];
}

function pathsUnder(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, '/').length))
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'string')
  );
}
