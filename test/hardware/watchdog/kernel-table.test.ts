import { describe, expect, test } from 'vitest';
import { judgeChains, lookAtKernelTable } from '../../../hardware/watchdog/kernel-table.ts';

describe('the kernel table is', () => {
  test('right when input, forward and output each drop what no rule accepts', () => {
    expect(judgeChains(listing(['input', 'forward', 'output']))).toBe('right');
  });

  test('right beside other tables and ordinary chains of ours', () => {
    const others = [
      { family: 'ip', table: 'nat', name: 'post', type: 'nat', hook: 'postrouting', policy: 'accept' },
      { family: 'inet', table: 'penstock', name: 'zone_process' },
    ];
    expect(judgeChains(listing(['input', 'forward', 'output'], others))).toBe('right');
  });

  test.for([
    { name: 'wrong when it is gone', text: listing([]) },
    { name: 'wrong when one hook is open', text: listing(['input', 'output']) },
    {
      name: 'wrong when the drop is another program’s',
      text: listing(['input', 'forward'], [{ ...chain('output'), table: 'filter' }]),
    },
    {
      name: 'wrong when a chain accepts by default',
      text: listing(['input', 'output'], [{ ...chain('forward'), policy: 'accept' }]),
    },
    {
      name: 'wrong when only one address family is guarded',
      text: listing(['input', 'output'], [{ ...chain('forward'), family: 'ip' }]),
    },
  ])('$name', ({ text }) => {
    expect(judgeChains(text)).toBe('wrong');
  });

  test.for(['', 'null', '{}', '{"nftables": 7}', '[1', '{"nftables": "chain"}'])(
    'unknown when the listing is %j',
    (text) => {
      expect(judgeChains(text)).toBe('unknown');
    },
  );

  test('unknown when nft cannot be run', async () => {
    await expect(lookAtKernelTable('/nonexistent/nft')).resolves.toBe('unknown');
    await expect(lookAtKernelTable('/bin/false')).resolves.toBe('unknown');
  });
});

function chain(hook: string): Readonly<Record<string, unknown>> {
  return {
    family: 'inet',
    table: 'penstock',
    name: hook,
    type: 'filter',
    hook,
    prio: 0,
    policy: 'drop',
  };
}

function listing(hooks: readonly string[], more: readonly Readonly<Record<string, unknown>>[] = []): string {
  const chains = [...hooks.map(chain), ...more].map((one) => ({ chain: one }));
  return JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, ...chains] });
}
