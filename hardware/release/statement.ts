import { type Architecture, isArchitecture } from './architecture.ts';
import { VersionForm } from './manifest.ts';

/** What is signed of a release: enough to refuse its archive before anything in it is looked at. */
export interface Statement {
  readonly format: 1;
  readonly version: string;
  readonly arch: Architecture;
  readonly commit: string;
  readonly archive: { readonly bytes: number; readonly sha256: string };
  /** SHA-256 of `manifest.json`, which has that of every file. */
  readonly manifest: string;
  /** Bytes of all files once unpacked. */
  readonly unpacked: number;
}

export function encodeStatement(statement: Statement): Uint8Array {
  return Buffer.from(JSON.stringify(statement));
}

/** Reads a statement, or undefined where the bytes are none of a form this release knows. */
export function decodeStatement(bytes: Uint8Array): Statement | undefined {
  let value: Partial<Record<keyof Statement, unknown>> | null;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as typeof value;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || value.format !== 1) return undefined;
  const { version, arch, commit, archive, manifest, unpacked } = value;
  if (typeof version !== 'string' || !VersionForm.test(version) || !isArchitecture(arch)) return undefined;
  if (typeof commit !== 'string' || !isDigest(manifest) || !isSize(unpacked)) return undefined;
  if (typeof archive !== 'object' || archive === null) return undefined;
  const { bytes: size, sha256 } = archive as { bytes?: unknown; sha256?: unknown };
  if (!isSize(size) || !isDigest(sha256)) return undefined;
  return { format: 1, version, arch, commit, archive: { bytes: size, sha256 }, manifest, unpacked };
}

/** Below 0, 0 or above as the one version is lower than the other, the same, or higher. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [one, other].map((version) => version.split('.').map(Number)) as [
    number[],
    number[],
  ];
  return first.map((part, index) => part - (second[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
