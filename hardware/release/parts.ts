import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

/** An npm package as it lies in a staged release. */
export interface ModulePart {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, or what the package says instead; empty where it says nothing. */
  readonly licence: string;
  /** Names and texts of its licence files. */
  readonly texts: readonly { readonly file: string; readonly text: string }[];
}

/** A Debian package that a release brings along. */
export interface DebianPart {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Of the Debian release it is for, `12`. */
  readonly system: string;
  /** Its place under `packages`. */
  readonly file: string;
  /** `/usr/share/doc/NAME/copyright`; a package may share that of another from the same source. */
  readonly copyright: string;
}

/** Every npm package in a stage, by name and version. */
export function moduleParts(stage: string): readonly ModulePart[] {
  return packageFolders(join(stage, 'node_modules')).map(readModule).sort(byName);
}

/** Every Debian package in a stage. @throws HardwareError PST_ERR_RELEASE_BUILD */
export function debianParts(stage: string): readonly DebianPart[] {
  const packages = join(stage, 'packages');
  if (!existsSync(packages)) return [];
  return readdirSync(packages).flatMap((folder) =>
    readdirSync(join(packages, folder)).map((file) => readDebian(packages, join(folder, file))),
  );
}

/** Licences as a Debian copyright file names them (DEP-5); empty where it is free text. */
export function debianLicences(copyright: string): readonly string[] {
  if (!/^Format: /m.test(copyright)) return [];
  const named = [...copyright.matchAll(/^License: *(\S.*)$/gm)].map(([, name = '']) => name.trim());
  return [...new Set(named)].sort();
}

function packageFolders(modules: string): readonly string[] {
  return readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== '.bin')
    .flatMap(({ name }) => {
      const folder = join(modules, name);
      if (name.startsWith('@')) return packageFolders(folder);
      const nested = join(folder, 'node_modules');
      return [folder, ...(existsSync(nested) ? packageFolders(nested) : [])];
    });
}

function readModule(folder: string): ModulePart {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string | { readonly type?: string };
    readonly licenses?: readonly { readonly type?: string }[];
  };
  const { name, version, license, licenses = [] } = about;
  const older = [...(typeof license === 'object' ? [license] : []), ...licenses].map(({ type = '' }) => type);
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  return { name, version, licence: typeof license === 'string' ? license : older.join(' OR '), texts };
}

function readDebian(packages: string, file: string): DebianPart {
  const path = join(packages, file);
  const field = (name: string): string => run('dpkg-deb', ['--field', path, name]).trim();
  const name = field('Package');
  return {
    name,
    version: field('Version'),
    architecture: field('Architecture'),
    system: /^debian-(\d+)/.exec(file)?.[1] ?? '',
    file,
    copyright: readCopyright(path, name),
  };
}

function readCopyright(path: string, name: string): string {
  const script =
    'dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards "./usr/share/doc/$2/copyright" 2>/dev/null || true';
  return run('sh', ['-c', script, 'sh', path, name]);
}

function byName(one: ModulePart, other: ModulePart): number {
  return `${one.name}@${one.version}` < `${other.name}@${other.version}` ? -1 : 1;
}
