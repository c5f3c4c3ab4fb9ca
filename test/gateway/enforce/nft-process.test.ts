import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Nft } from '../../../gateway/enforce/kernel/nft.ts';
import { startNft } from '../../../gateway/enforce/kernel/nft-process.ts';

let nft: Nft | undefined;
let deaths: string[] = [];

afterEach(() => {
  nft?.close();
  deaths = [];
});

test('requests are answered one after the other, in order', async () => {
  nft = start('silly-nft.ts');
  const done: number[] = [];
  await Promise.all([1, 2, 3].map((which) => nft?.apply([]).then(() => done.push(which))));
  expect(done).toEqual([1, 2, 3]);
});

test('a refusal is told in the first words of the library', async () => {
  nft = start('silly-nft.ts');
  const refused = nft.apply([{ add: 'refuse' }]);
  await expect(refused).rejects.toMatchObject({ code: 'PST_ERR_NFT_APPLY' });
  await expect(refused).rejects.toThrow(/The library says: Error: no$/);
});

test('a missing right is told as one', async () => {
  nft = start('silly-nft.ts');
  await expect(nft.check([{ add: 'forbidden' }])).rejects.toMatchObject({ code: 'PST_ERR_CAPABILITY' });
});

test('the request in flight fails with a dead child, and the next one finds a new child', async () => {
  nft = start('silly-nft.ts');
  const dying = nft.apply([{ add: 'die' }]);
  const next = nft.apply([]);
  await expect(dying).rejects.toMatchObject({ code: 'PST_ERR_NFT_CHILD' });
  await next;
  expect(nft.state()).toBe('up');
  expect(deaths).toEqual(['SIGKILL']);
});

test('a child that speaks another protocol is killed', async () => {
  nft = start('silly-nft.ts');
  await expect(nft.apply([{ add: 'lie' }])).rejects.toMatchObject({ code: 'PST_ERR_NFT_CHILD' });
  await nft.apply([]);
});

test('a missing library is told by its name', async () => {
  nft = start('unusable-nft.ts');
  await expect(nft.apply([])).rejects.toMatchObject({ code: 'PST_ERR_NFT_LIBRARY' });
  expect(nft.state()).toBe('down');
});

test('a closed one takes no more requests', async () => {
  nft = start('silly-nft.ts');
  nft.close();
  await expect(nft.apply([])).rejects.toMatchObject({ code: 'PST_ERR_NFT_CHILD' });
});

function start(script: string): Nft {
  return startNft((how) => deaths.push(how), join(import.meta.dirname, 'children', script));
}
