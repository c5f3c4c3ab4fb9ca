import { expect, test } from 'vitest';
import { MaxRulesPerChain } from '../../../rules/nft/ruleset.ts';
import { isNftBatch, type NftAdd } from '../../../rules/nft/schema.ts';
import { compileText } from './compile-text.ts';

test('no chain of five thousand flows of every kind is longer than one of fifty', () => {
  const few = lengths(chainsOf(plant(3, 50)));
  const many = chainsOf(plant(50, 5000));
  expect(many.size).toBeGreaterThan(100);
  expect(lengths(many)).toEqual(few);
  expect(Math.max(...many.values())).toBeLessThanOrEqual(MaxRulesPerChain);
});

test('what grows with the flows is elements: one of each set for a flow, and not one for each mode', () => {
  const elements = (flows: number) => countElements(plant(10, flows));
  const [some, more] = [elements(500), elements(1000)];
  // A plain flow needs two, an inspected one five; the modes, which keep none of the added ones, none.
  expect(more - some).toBeLessThan(500 * 6);
});

test('a switch of the mode makes the kernel go over no verdict for what passes, and over no map once for each gate', () => {
  const { elements, lookups } = verdictsOf(plant(3, 50));
  expect(elements.length).toBeGreaterThan(0);
  expect(elements.filter((element) => element.includes('"permitted"'))).toEqual([]);
  expect(lookups).toEqual(verdictsOf(plant(10, 1000)).lookups);
});

/** Elements of verdict maps, and how many rules look each kind of map up. */
function verdictsOf(text: string) {
  const items = added(text);
  const elements = items.flatMap((item) =>
    'element' in item ? item.element.elem.map((element) => JSON.stringify(element)) : [],
  );
  const maps = items
    .flatMap((item) => ('rule' in item ? item.rule.expr : []))
    .flatMap((statement) => {
      return 'vmap' in statement ? [statement.vmap.data.split('/')[0] ?? ''] : [];
    });
  const lookups = Object.fromEntries(
    Map.groupBy(maps, (map) => map)
      .entries()
      .map(([map, all]) => [map, all.length]),
  );
  return { elements: elements.filter((element) => /goto|jump/.test(element)), lookups };
}

/** Rules of every chain. */
function chainsOf(text: string): ReadonlyMap<string, number> {
  const chains = new Map<string, number>();
  for (const item of added(text)) {
    if ('chain' in item) chains.set(item.chain.name, 0);
    if ('rule' in item) chains.set(item.rule.chain, (chains.get(item.rule.chain) ?? 0) + 1);
  }
  return chains;
}

/** Length of the longest chain of each kind, `pair/a/b` and `pair/b/c` being of one. */
function lengths(chains: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const longest: Record<string, number> = {};
  for (const [name, rules] of chains) {
    const kind = name.split('/')[0] ?? '';
    longest[kind] = Math.max(longest[kind] ?? 0, rules);
  }
  return longest;
}

function countElements(text: string): number {
  return added(text).reduce((sum, item) => sum + ('element' in item ? item.element.elem.length : 0), 0);
}

function added(text: string): readonly NftAdd[] {
  const { findings, policies } = compileText(text);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const [policy] = policies.values();
  const batch: unknown = JSON.parse(policy?.nft ?? '');
  if (!isNftBatch(batch)) throw new Error('not of our form');
  return batch.nftables.flatMap((command) => ('add' in command ? [command.add] : []));
}

/** Zones in a ring, each with a conduit of every kind to the next. */
function plant(zones: number, flows: number): string {
  const each = (make: (zone: number, next: number) => string) =>
    Array.from({ length: zones }, (_, zone) => make(zone, (zone + 1) % zones)).join('');
  const perZone = Math.ceil(flows / zones);
  return `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: large, suc: Test, owner: ot@large.example, policy_version: 1, reviewed: 2026-06-01}
gateways:
  gw:
    interfaces:
${each((zone) => `      e${zone}: {zone: z${zone}, address: 10.${zone}.0.1/16}\n`)}
zones:
${each((zone) => `  z${zone}: ${zoneText(zone)}\n`)}
modbus_profiles:
  read: {allow: [{fc: [3], units: [1], address: 0-9}]}
conduits:
${each((zone, next) => conduits(zone, next, perZone))}
modes:
  island: {purpose: Alone, keep: [${each((zone) => `C-${zone}/F-0, C-${zone}/F-1, `)}]}
  lockdown: {purpose: Almost nothing, keep: [C-0/F-0]}
`;
}

function zoneText(zone: number): string {
  const assets = Array.from({ length: Assets }, (_, index) => {
    return `a${zone}-${index}: {ip: 10.${zone}.0.${10 + index}, type: plc, criticality: low}`;
  });
  return `{kind: control, networks: [10.${zone}.0.0/16], sl_t: {level: 1, rationale: test}, assets: {${assets.join(', ')}}}`;
}

function conduits(zone: number, next: number, flows: number): string {
  const head = `from: z${zone}, to: z${next}, sl_t: {level: 1, rationale: test}, purpose: Test, ticket: T-1`;
  const plain = Array.from({ length: flows - 3 }, (_, index) => flowText(zone, next, index)).join(', ');
  const schedule = 'schedule: {days: [mon], hours: "07:00-16:00", tz: UTC}';
  const stage = 'stage: {audit_until: 2026-12-24T12:00:00Z, undeclared: pass}';
  const one = `src: a${zone}-0, dst: a${next}-1, proto: udp`;
  return `  C-${zone}: {${head}, ${stage}, flows: {${plain}}}
  G-${zone}: {${head}, ${schedule}, flows: {F-0: {${one}, port: 60000}, F-1: {src: a${zone}-0, dst: a${next}-1, proto: tcp, port: 60001, modbus: read}}}
  O-${zone}: {${head}, one_way: true, flows: {F-0: {${one}, port: 60002}}}
`;
}

function flowText(zone: number, next: number, index: number): string {
  const ends = `src: a${zone}-${index % Assets}, dst: a${next}-${Math.floor(index / Assets) % Assets}`;
  const limits = `limits: {packets_per_second: ${100 + (index % 3)}, new_per_second_per_source: 5, connections_per_source: 4}`;
  if (index === 2) return `F-${index}: {src: z${zone}, dst: z${next}, proto: icmp-echo}`;
  if (index % 5 === 0) return `F-${index}: {${ends}, proto: tcp, port: ${20_000 + index}, modbus: read}`;
  if (index % 5 === 1) return `F-${index}: {${ends}, proto: udp, port: ${1000 + index}, ${limits}}`;
  return `F-${index}: {${ends}, proto: tcp, port: ${1000 + index}}`;
}

const Assets = 10;
