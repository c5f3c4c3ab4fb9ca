import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { stageDurably, syncDirectory } from '../load/durable-file.ts';

/**
 * The key of all recordings of this box, 32 bytes, made at first start; only the engine's user may read it.
 * @throws GatewayError PST_ERR_RECORDING
 */
export function openRecordingKey(file: string): Uint8Array {
  try {
    return readKey(file) ?? makeKey(file);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('PST_ERR_RECORDING', cause instanceof Error ? cause.message : file, cause);
  }
}

/**
 * The key in force and every one before it, for who reads recordings: those made under a former key stay readable.
 * @throws GatewayError PST_ERR_RECORDING
 */
export function readRecordingKeys(file: string): readonly Uint8Array[] {
  const name = new RegExp(`^${basename(file)}\\.[0-9a-f]{8}$`);
  const former = readdirSync(dirname(file)).filter((one) => name.test(one));
  return [readRecordingKey(file), ...former.map((one) => readRecordingKey(join(dirname(file), one)))];
}

/** A fingerprint that tells keys apart and gives none away. */
export function printOfKey(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Puts a new key in the place of the one in force, which stays beside it under the start of its fingerprint. A power
 * cut leaves the former in force. @throws GatewayError PST_ERR_RECORDING, the system's error
 */
export function replaceRecordingKey(file: string, key: Uint8Array): void {
  const former = readRecordingKey(file);
  stageDurably(`${file}.${printOfKey(former).slice(0, 8)}`, former)();
  chmodSync(`${file}.${printOfKey(former).slice(0, 8)}`, 0o600);
  const put = stageDurably(file, key);
  chmodSync(`${file}.new`, 0o600);
  put();
}

/** For who reads recordings. @throws GatewayError PST_ERR_RECORDING */
export function readRecordingKey(file: string): Uint8Array {
  const key = readKey(file);
  if (key === undefined) throw new GatewayError('PST_ERR_RECORDING', `There is no key ${file}.`);
  return key;
}

function readKey(file: string): Uint8Array | undefined {
  let key: Uint8Array;
  try {
    key = readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GatewayError('PST_ERR_RECORDING', cause instanceof Error ? cause.message : file, cause);
  }
  if (key.length !== KeyBytes) throw new GatewayError('PST_ERR_RECORDING', `${file} is no key.`);
  return key;
}

/** Never over one that is there: with it every recording made so far would be lost. */
function makeKey(file: string): Uint8Array {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const key = randomBytes(KeyBytes);
  const fd = openSync(file, 'wx', 0o600);
  try {
    fchmodSync(fd, 0o600);
    writeSync(fd, key);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(dirname(file));
  return key;
}

/** Of a key. */
export const KeyBytes = 32;
