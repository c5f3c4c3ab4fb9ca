import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatewayError } from '../errors.ts';
import { syncDirectory } from '../load/durable-file.ts';

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

const KeyBytes = 32;
