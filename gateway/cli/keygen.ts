import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyId } from '../load/trusted-keys.ts';
import { ExitStatus, UsageError } from './output.ts';

/** Where a new key pair was written. */
export interface KeyPairFiles {
  readonly secret: string;
  readonly public: string;
  /** SHA-256 of the raw public key, hexadecimal. */
  readonly id: string;
}

/** `penstock keygen DIR`: a new Ed25519 pair for signing bundles. An existing key is never overwritten. */
export async function keygen(directory: string): Promise<number> {
  const files = makeKeyPair(directory);
  console.log(
    `signing key  ${files.secret}   keep it off the gateway\npublic key   ${files.public}   name it under trusted_keys\nkey id       ${files.id}`,
  );
  return ExitStatus.good;
}

/** @throws UsageError when the directory holds a key already or cannot be written */
export function makeKeyPair(directory: string): KeyPairFiles {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const secret = join(directory, 'site.key.pem');
  const open = join(directory, 'site.pub.pem');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // 'wx': losing the only key of a site to a second keygen would end its bundles.
    writeFileSync(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o644, flag: 'wx' });
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw exists
      ? new UsageError(
          `${directory} holds a key already.`,
          'Choose another directory; keys are never overwritten.',
        )
      : new UsageError(`${directory} cannot be written.`, 'Choose a directory you may write.');
  }
  return { secret, public: open, id: keyId(publicKey) };
}
