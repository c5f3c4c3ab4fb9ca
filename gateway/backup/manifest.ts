import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const Text = Type.String({ maxLength: 4096 });

/** What a backup says of itself, its first file. Times are milliseconds since the Unix epoch. */
export const Manifest = Type.Object({
  form: Type.Literal('penstock-backup/1'),
  release: Text,
  madeAt: Type.Number({ minimum: 0, maximum: 8.64e15 }),
  by: Text,
  site: Text,
  gateway: Text,
  /** Whether private keys are in it, and whether the evidence log and recordings are. */
  keys: Type.Boolean(),
  evidence: Type.Boolean(),
  /** Public key of the evidence log and its last checkpoint, as text; empty where there was none. */
  logKey: Text,
  checkpoint: Type.String({ maxLength: 70_000 }),
  /** The ports of the box it was made of. */
  devices: Type.Array(Type.Object({ name: Text, mac: Text }), { maxItems: 256 }),
  /** Where each file under `config/` belongs: from the directory of gateway.yaml, or an absolute path. */
  files: Type.Array(Type.Object({ name: Text, path: Text }), { maxItems: 256 }),
});
export type Manifest = Static<typeof Manifest>;

export const ManifestName = 'manifest.json';
export const ConfigName = 'config/gateway.yaml';

/** Undefined where the bytes are no manifest of this form. */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return form.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const form = Compile(Manifest);
