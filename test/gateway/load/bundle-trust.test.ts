import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import type { Config } from '../../../gateway/config.ts';
import { readBundleTrust } from '../../../gateway/load/bundle-trust.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-trust-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const trusting = (trustedKeys: readonly string[], signatures: number) =>
  readBundleTrust({ file: 'gateway.yaml', trustedKeys, signatures } as Config);

test('a key goes by the name of its file', () => {
  const { public: key } = makeKeyPair(join(directory, 'one'));
  expect(trusting([key], 1).keys).toMatchObject([{ name: 'site' }]);
});

test('more signatures than there are different keys can never be had, which is told at the start', () => {
  const { public: key } = makeKeyPair(join(directory, 'one'));
  const { public: other } = makeKeyPair(join(directory, 'two'));
  expect(trusting([key, other], 2).signatures).toBe(2);
  expect(() => trusting([key, key], 2)).toThrow(
    expect.objectContaining({ code: 'PST_ERR_CONFIG', message: expect.stringContaining('1 different') }),
  );
});
