import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { VersionForm } from './manifest.ts';

/**
 * Which release a link names: the one that runs, the one before it, and while a release is on trial the one to go
 * back to. Each is moved in one rename, so that there is no moment without it.
 */
export type ReleaseLink = 'current' | 'previous' | 'trial';

/** Where the releases of a box are: `releases/VERSION`, and the links to them. */
export const HomeDirectory = '/opt/penstock';

/** What a link points to, as `releases/0.1.0`, or undefined. */
export function readRelease(home: string, link: ReleaseLink): string | undefined {
  try {
    return readlinkSync(join(home, link));
  } catch {
    return undefined;
  }
}

/** The version a release says of itself, or empty where it is none. */
export function versionOf(home: string, release: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(home, release, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    return typeof version === 'string' && VersionForm.test(version) ? version : '';
  } catch {
    return '';
  }
}

/** Lets a link name a release, on the medium when this returns. */
export function pointTo(home: string, link: ReleaseLink, release: string): void {
  const made = join(home, `${link}.new`);
  rmSync(made, { force: true });
  symlinkSync(release, made);
  renameSync(made, join(home, link));
  syncDirectory(home);
}

/** The trial is over and the release that runs is kept: what it would have gone back to is the one before it. */
export function keepTrial(home: string): void {
  renameSync(join(home, 'trial'), join(home, 'previous'));
  syncDirectory(home);
}

/** Removes every release but those a link names, and what an interrupted update left. */
export function removeOthers(home: string): void {
  const named = (['current', 'previous', 'trial'] as const).map((link) => readRelease(home, link));
  const releases = join(home, 'releases');
  if (!existsSync(releases)) return;
  for (const name of readdirSync(releases)) {
    if (!named.includes(`releases/${name}`)) rmSync(join(releases, name), { recursive: true, force: true });
  }
}

/** Bytes free for releases. */
export function freeBytes(home: string): number {
  const { bavail, bsize } = statfsSync(home);
  return bavail * bsize;
}

/** Puts the names in a directory on the medium. */
export function syncDirectory(directory: string): void {
  const opened = openSync(directory, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
