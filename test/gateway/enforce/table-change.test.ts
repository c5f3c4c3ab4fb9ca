import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFakeNft } from '../../../gateway/enforce/kernel/fake-nft.ts';
import { switchRuleset } from '../../../gateway/enforce/kernel/ruleset-switch.ts';
import { renderReplace } from '../../../rules/nft/render.ts';
import type { Chain, NftSet, NftVerdict, Ruleset, VerdictMap } from '../../../rules/nft/ruleset.ts';
import { count, drop, goTo, inSet, is, jump, rule, vmap } from '../../../rules/nft/statements.ts';

/** Rulesets whose rules and elements refer to their other parts, as compiled ones do. */
const rulesets: fc.Arbitrary<Ruleset> = fc
  .record({
    counters: fc.subarray(['no-flow', 'no-conduit', 'expired']),
    chains: fc.subarray(['alpha', 'beta', 'gamma'], { minLength: 1 }),
    sets: fc.subarray(['one', 'two']),
    maps: fc.subarray(['flows', 'echoes']),
    ports: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
    seed: fc.nat(1000),
  })
  .map(({ counters, chains, sets, maps, ports, seed }) => {
    const target = (index: number) => chains[(index + seed) % chains.length] ?? 'alpha';
    const unique = [...new Set(ports)];
    return {
      counters,
      sets: sets.map((name, index): NftSet => {
        const elements = unique.map((port) => ({ key: [port + index], comment: '' }));
        return { name, type: ['inet_service'], flags: [], counted: false, elements };
      }),
      maps: maps.map((name, index): VerdictMap => {
        const verdict = (port: number): NftVerdict =>
          (port + seed) % 2 === 0 ? { kind: 'accept' } : { kind: 'goto', chain: target(port + index) };
        const elements = unique.map((port) => ({
          key: [port],
          comment: `C-${(port + seed) % 3}/F`,
          verdict: verdict(port),
        }));
        return { name, type: ['inet_service'], flags: [], counted: true, elements };
      }),
      chains: [
        {
          name: 'forward',
          hook: { hook: 'forward', priority: 0, policy: 'drop' },
          rules: [
            ...sets.map((set, index) => rule(inSet(['tcp dport'], set), jump(target(index)))),
            ...maps.map((map) => rule(vmap(['tcp dport'], map))),
            ...counters.map((counter) => rule(count(counter))),
            rule(goTo(target(seed))),
          ],
        } satisfies Chain,
        ...chains.map(
          (name, index): Chain => ({
            name,
            hook: undefined,
            rules: (seed + index) % 3 === 0 ? [] : [rule(is('tcp dport', seed % 5), drop)],
          }),
        ),
      ],
    };
  });

describe('a table turned into another', () => {
  test('is what it should be, in one transaction, whatever both are', async () => {
    await fc.assert(
      fc.asyncProperty(rulesets, rulesets, async (from, to) => {
        const nft = createFakeNft();
        await nft.apply(renderReplace(from).nftables);
        await switchRuleset(nft, { fixed: renderReplace(to).nftables, additions: [] });
        expect(nft.transactions.length).toBeLessThanOrEqual(2);
        expect(JSON.stringify(nft.transactions.slice(1))).not.toContain('"delete":{"table"');
      }),
    );
  });

  test('that is the same already takes no transaction', async () => {
    await fc.assert(
      fc.asyncProperty(rulesets, async (ruleset) => {
        const nft = createFakeNft();
        await nft.apply(renderReplace(ruleset).nftables);
        await switchRuleset(nft, { fixed: renderReplace(ruleset).nftables, additions: [] });
        expect(nft.transactions).toHaveLength(1);
      }),
    );
  });

  test('is replaced whole where a set would become another kind of thing', async () => {
    const nft = createFakeNft();
    await nft.apply(renderReplace(withSet(['mark'])).nftables);
    await switchRuleset(nft, { fixed: renderReplace(withSet(['inet_service'])).nftables, additions: [] });
    expect(JSON.stringify(nft.transactions.at(-1))).toContain('"delete":{"table"');
  });
});

function withSet(type: NftSet['type']): Ruleset {
  return {
    counters: [],
    sets: [{ name: 'one', type, flags: [], counted: false, elements: [] }],
    maps: [],
    chains: [],
  };
}
