import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBundleStore } from '../../../gateway/load/bundle-store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-store-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('keeping bundles', () => {
  test('a new box has none', () => {
    expect(openBundleStore(directory).confirmed()).toBeUndefined();
  });

  test('a staged bundle is not yet the confirmed one', () => {
    const store = openBundleStore(directory);
    store.stage(Uint8Array.of(1));
    expect(openBundleStore(directory).confirmed()).toBeUndefined();
  });

  test('confirming keeps the one before as previous', () => {
    const store = openBundleStore(directory);
    store.stage(Uint8Array.of(1))();
    store.stage(Uint8Array.of(2))();
    expect(openBundleStore(directory).confirmed()).toEqual(Buffer.from([2]));
    expect(readFileSync(join(directory, 'bundles', 'previous.bundle'))).toEqual(Buffer.from([1]));
  });

  test('a state directory that is a file is told as such, with a remedy', () => {
    const file = join(directory, 'state');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    expect(() => openBundleStore(file).stage(Uint8Array.of(1))).toThrow(
      expect.objectContaining({ code: 'PST_ERR_STATE_DIR', remedy: expect.stringContaining('state') }),
    );
  });
});
