import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sealRelease } from '../../../../hardware/release/seal.ts';

/** The release of the last commit for this machine, and others made of it. */
export interface Releases {
  readonly folder: string;
  readonly archive: string;
  /** A release of that version; each file named is given the text its former one becomes. Gives its archive. */
  readonly variant: (version: string, edits?: Readonly<Record<string, (text: string) => string>>) => string;
}

/** Builds the release as `npm run release` does, with one Debian package, signed with a key made here. */
export function buildReleases(folder: string): Releases {
  mkdirSync(folder, { recursive: true });
  const key = makeKey(join(folder, 'release.key.pem'));
  const build = fileURLToPath(new URL('../../../../hardware/release/release.ts', import.meta.url));
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const keyFile = join(folder, 'release.key.pem');
  const args = [build, '--arch', arch, '--out', folder, '--key', keyFile, '--no-packages'];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const built = join(folder, readdirSync(folder).find((name) => name.endsWith('.tar.gz')) ?? '');
  const base = join(folder, 'base');
  mkdirSync(base);
  execFileSync('tar', ['-xzf', built, '-C', base, '--strip-components=1']);
  enclosePackage(base);
  const common = { arch, out: folder, key, epoch: 1_700_000_000 } as const;
  const { version: first } = JSON.parse(readFileSync(join(base, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { archive } = sealRelease(base, { ...common, version: first, commit: 'of the last commit' });
  return {
    folder,
    archive,
    variant: (version, edits = {}) => {
      const stage = join(folder, `penstock-${version}-${arch}`);
      execFileSync('cp', ['-al', base, stage]);
      rmSync(join(stage, 'manifest.json'));
      rmSync(join(stage, 'release-keys'), { recursive: true });
      const all = {
        'package.json': (text: string) => text.replace(/"version": ".*"/, `"version": "${version}"`),
        ...edits,
      };
      for (const [path, edit] of Object.entries(all)) {
        const text = edit(readFileSync(join(stage, path), 'utf8'));
        if (text === readFileSync(join(base, path), 'utf8')) throw new Error(`${path} stays as it is`);
        // Its other name is the base's.
        rmSync(join(stage, path));
        writeFileSync(join(stage, path), text);
      }
      const made = sealRelease(stage, { ...common, version, commit: 'doctored' });
      rmSync(stage, { recursive: true });
      return made.archive;
    },
  };
}

/** The one package whose files lie where a container without a `/usr` of its own may write: the names of protocols. */
function enclosePackage(base: string): void {
  const control =
    'Package: netbase\nVersion: 6.4\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: names\n';
  const tree = join(base, '.netbase');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'etc'));
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  copyFileSync('/etc/protocols', join(tree, 'etc/protocols'));
  const packages = join(base, 'packages/debian-12');
  mkdirSync(packages, { recursive: true });
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, packages]);
  rmSync(tree, { recursive: true });
  rmSync(join(base, 'manifest.json'));
}

function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return createPrivateKey(readFileSync(file));
}
