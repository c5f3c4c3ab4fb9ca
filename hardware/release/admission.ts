import { readFileSync, statSync } from 'node:fs';
import type { Architecture } from './architecture.ts';
import { MaxEnvelopeBytes, openEnvelope, type ReleaseKey } from './envelope.ts';
import { signaturePath } from './seal.ts';
import { compareVersions, decodeStatement, type Statement } from './statement.ts';

/** This box, as a release is held against it. */
export interface Box {
  readonly keys: readonly ReleaseKey[];
  readonly arch: Architecture;
  /** The version that runs. */
  readonly version: string;
  /** Bytes free where releases are kept. */
  readonly free: number;
}

export type Admission =
  | { readonly ok: true; readonly statement: Statement; readonly signer: string }
  | { readonly ok: false; readonly problem: string };

/** Whether a release may come onto this box, by its signed statement alone: nothing of its archive is opened. */
export function admitRelease(archive: string, box: Box): Admission {
  const text = readSignature(signaturePath(archive));
  if (text === undefined)
    return refuse(`${signaturePath(archive)} is not there: the signature comes beside the archive.`);
  const opened = openEnvelope(text, box.keys);
  if (!opened.ok) return refuse(opened.problem);
  const statement = decodeStatement(opened.payload);
  if (statement === undefined) return refuse('It is signed in a form this release does not know.');
  const { arch, version, archive: packed, unpacked } = statement;
  if (arch !== box.arch) return refuse(`It is for ${arch}, and this box is ${box.arch}.`);
  if (compareVersions(version, box.version) <= 0) {
    return refuse(
      `${version} is not higher than ${box.version}, which runs. To go back: penstock update --back.`,
    );
  }
  // The archive is copied before it is opened, and both lie there for a while; the rest is for evidence and logs.
  const needed = packed.bytes + unpacked + Reserve;
  if (box.free < needed)
    return refuse(`It needs ${inMebibytes(needed)}, and ${inMebibytes(box.free)} are free.`);
  return { ok: true, statement, signer: opened.signer };
}

function readSignature(path: string): string | undefined {
  try {
    return statSync(path).size > MaxEnvelopeBytes ? '' : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function refuse(problem: string): Admission {
  return { ok: false, problem };
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_048_576)} MiB`;
}

/** Bytes that stay free. */
const Reserve = 67_108_864;
