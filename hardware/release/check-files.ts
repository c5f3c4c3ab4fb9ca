import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareTree, decodeManifest, ManifestFile } from './manifest.ts';

/** `check-files.ts DIR`: whether a release lies there as it was made, for this machine. Exit status 0 or 1. */
function main(directory: string): number {
  const manifest = decodeManifest(readFileSync(join(directory, ManifestFile), 'utf8'));
  const found =
    manifest === undefined
      ? [`${ManifestFile} cannot be read`]
      : manifest.arch === process.arch
        ? compareTree(directory, manifest)
        : [`it is for ${manifest.arch}, and this is ${process.arch}`];
  for (const sentence of found.slice(0, 10)) console.error(sentence);
  return found.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv[2] ?? '.');
