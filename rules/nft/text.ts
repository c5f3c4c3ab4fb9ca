import { canonicalElement, canonicalField, canonicalStatement } from './canonical.ts';
import type { NftAdd, NftBatch } from './schema.ts';

/**
 * A batch for people to read and to review in a diff: nft's own language as far as it goes, one element and
 * one rule per line. It is never fed to nft.
 */
export function describeBatch(batch: NftBatch): string {
  const added = batch.nftables.flatMap((command) => ('add' in command ? [command.add] : []));
  return [
    ...added.flatMap((item) => ('counter' in item ? [`counter ${item.counter.name}`] : [])),
    ...added.flatMap((item) => describeSet(item, added)),
    ...added.flatMap((item) => describeChain(item, added)),
    '',
  ].join('\n');
}

function describeSet(item: NftAdd, added: readonly NftAdd[]): readonly string[] {
  const [kind, set] = 'map' in item ? ['map', item.map] : 'set' in item ? ['set', item.set] : ['', undefined];
  if (set === undefined) return [];
  const type = `${canonicalField(set.type)}${'map' in item ? ` : ${item.map.map}` : ''}`;
  const flags = set.flags === undefined ? '' : `; flags ${set.flags.join(',')}`;
  const counted = set.stmt === undefined ? '' : '; counter';
  const elements = added.flatMap((other) =>
    'element' in other && other.element.name === set.name ? [...other.element.elem] : [],
  );
  return ['', `${kind} ${set.name} { type ${type}${flags}${counted} }`, ...elements.map(describeElement)];
}

function describeElement(element: unknown): string {
  const { key, data } = canonicalElement(element);
  return data === '' ? `  ${key}` : `  ${key} : ${data}`;
}

function describeChain(item: NftAdd, added: readonly NftAdd[]): readonly string[] {
  if (!('chain' in item)) return [];
  const { chain } = item;
  const hook =
    'hook' in chain ? ` { hook ${chain.hook} priority ${chain.prio}; policy ${chain.policy} }` : '';
  const rules = added.flatMap((other) =>
    'rule' in other && other.rule.chain === chain.name ? [other.rule] : [],
  );
  return [
    '',
    `chain ${chain.name}${hook}`,
    ...rules.map(({ expr, comment }) => {
      const text = expr.map(canonicalStatement).join(' ');
      return comment === undefined ? `  ${text}` : `  ${text} comment ${comment}`;
    }),
  ];
}
