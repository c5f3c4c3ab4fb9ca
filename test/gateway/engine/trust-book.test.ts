import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import { formatConfig, readConfig, withTrustedKeys } from '../../../gateway/config.ts';
import { openTrustBook } from '../../../gateway/engine/trust-book.ts';
import { readTrustMemory } from '../../../gateway/load/trust-memory.ts';
import type { Act } from '../../../rules/record/record.ts';
import { examplePolicy } from './box.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-trust-'));
  mkdirSync(join(home, 'state'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (...parts: readonly string[]): string => join(home, ...parts);

function openBook() {
  const file = at('gateway.yaml');
  const first = makeKeyPair(at('first')).public;
  const { site, gateway } = examplePolicy;
  const raw = { back_end: 'proxy', site, gateway, state: 'state', run: 'run' } as const;
  const listen = { page: { listen: '127.0.0.1:0' }, metrics: { listen: '127.0.0.1:0' } };
  writeFileSync(file, formatConfig({ ...raw, ...listen, trusted_keys: [first] }));
  const config = readConfig(file);
  const book = openTrustBook({ config, confirmed: () => undefined, wall: () => 1 });
  const acts: Act[] = [];
  const look = () =>
    book.look('anna', async (act) => {
      acts.push(act);
    });
  const add = (name: string): void => {
    const key = makeKeyPair(at(name)).public;
    writeFileSync(
      file,
      withTrustedKeys(readFileSync(file, 'utf8'), (paths) => [...paths, key]),
    );
  };
  return { config, book, acts, look, add };
}

test.each([
  ['holds no key', () => writeFileSync(at('release-keys/torn.pem'), 'no key')],
  [
    'cannot be listed',
    () => {
      rmSync(at('release-keys'), { recursive: true });
      writeFileSync(at('release-keys'), 'no directory');
    },
  ],
])(
  'takes nothing over and puts nothing on record where what names the keys of releases %s',
  async (_, spoil) => {
    const { config, book, acts, look, add } = openBook();
    mkdirSync(at('release-keys'));
    await look();
    const before = readTrustMemory(config.state);
    add('second');
    spoil();
    await expect(look()).rejects.toThrow(expect.objectContaining({ code: 'PST_ERR_KEY_READ' }));
    expect(acts).toEqual([]);
    expect(book.trust.keys).toHaveLength(1);
    expect(readTrustMemory(config.state)).toEqual(before);

    rmSync(at('release-keys'), { recursive: true });
    expect(await look()).toEqual([expect.objectContaining({ use: '', trusted: true })]);
    expect(book.trust.keys).toHaveLength(2);
  },
);
