import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { keyId, sealEnvelope } from './envelope.ts';
import { describeTree, encodeManifest, type Manifest, ManifestFile, sha256OfFile } from './manifest.ts';
import { run } from './run.ts';
import { encodeStatement } from './statement.ts';

/** What a staged release becomes: the archive, and its signature beside it where there is a key. */
export interface Sealed {
  readonly archive: string;
  readonly signature: string | undefined;
  readonly bytes: number;
  readonly unpacked: number;
}

export interface SealOptions extends Pick<Manifest, 'version' | 'arch' | 'commit'> {
  readonly out: string;
  readonly key: KeyObject | undefined;
  /** The time every file gets, seconds since the Unix epoch: the same inputs make the same bytes. */
  readonly epoch: number;
}

/**
 * Writes the manifest into a staged release, packs it and signs it. The archive holds one folder of the stage's name.
 * @throws HardwareError PST_ERR_RELEASE_BUILD
 */
export function sealRelease(stage: string, options: SealOptions): Sealed {
  const { version, arch, commit, out, key, epoch } = options;
  if (key !== undefined) enclosePublicKey(stage, key);
  const { files, links, bytes: unpacked } = describeTree(stage);
  const manifest = encodeManifest({ format: 1, version, arch, commit, files, links });
  writeFileSync(join(stage, ManifestFile), manifest);
  const archive = join(out, `penstock-${version}-${arch}.tar.gz`);
  pack(stage, archive, epoch);
  const { size: bytes } = statSync(archive);
  const signature = key === undefined ? undefined : signaturePath(archive);
  if (key !== undefined && signature !== undefined) {
    const digests = {
      archive: { bytes, sha256: sha256OfFile(archive) },
      manifest: createHash('sha256').update(manifest).digest('hex'),
    };
    const statement = encodeStatement({ format: 1, version, arch, commit, ...digests, unpacked });
    writeFileSync(signature, sealEnvelope(statement, key));
  }
  return { archive, signature, bytes, unpacked };
}

/** Where the signature of an archive lies: beside it, so that the archive is checked before it is opened. */
export function signaturePath(archive: string): string {
  return `${archive}.dsse`;
}

function pack(stage: string, archive: string, epoch: number): void {
  const same = [
    '--sort=name',
    '--format=gnu',
    `--mtime=@${epoch}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  const plain = ['--hard-dereference', '--mode=u=rwX,go=rX', '--use-compress-program=gzip -n'];
  const made = `${archive}.new`;
  run('tar', ['-cf', made, ...same, ...plain, '-C', dirname(stage), basename(stage)]);
  renameSync(made, archive);
}

/** For the box that is installed with it: the next release is to be of the same hand. */
function enclosePublicKey(stage: string, key: KeyObject): void {
  const folder = join(stage, 'release-keys');
  mkdirSync(folder, { recursive: true });
  const open = createPublicKey(key);
  const name = `release-${keyId(open).slice(0, 8)}.pub.pem`;
  writeFileSync(join(folder, name), readable(open));
}

function readable(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
