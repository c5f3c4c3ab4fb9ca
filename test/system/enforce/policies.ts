import { formatLogPrefix } from '../../../rules/nft/log-prefix.ts';
import { batchText, renderReplace } from '../../../rules/nft/render.ts';
import type { Ruleset } from '../../../rules/nft/ruleset.ts';
import { accept, accepted, count, drop, inSet, is, log, rule, vmap } from '../../../rules/nft/statements.ts';
import type { Policy } from '../../../rules/policy.ts';
import { policyOf } from '../../gateway/enforce/policies.ts';
import { BenchAssets, BenchInterfaces, HmiAddress, PlcAddress } from './bench.ts';

/** Plain flows of the bench's HMI to its controller: ids and TCP ports. Everything else is dropped and logged. */
export function plainPolicy(...flows: readonly (readonly [id: string, port: number])[]): Policy {
  return benchPolicy(plainRuleset(flows));
}

/** A policy of the bench with this ruleset. */
export function benchPolicy(ruleset: Ruleset): Policy {
  return policyOf({
    interfaces: BenchInterfaces,
    assets: BenchAssets,
    nft: batchText(renderReplace(ruleset)),
  });
}

/** As many flows as asked for, to addresses nobody has: for the weight of them. */
export function heavyRuleset(flows: number): Ruleset {
  const light = plainRuleset([]);
  const [map] = light.maps;
  if (map === undefined) throw new Error('the plain ruleset has a map');
  const elements = Array.from({ length: flows }, (_, index) => ({
    key: [HmiAddress, `10.30.${1 + (index >> 8)}.${index & 255}`, 'tcp', 443],
    comment: `C-9/F-${index}`,
    verdict: accepted,
  }));
  return { ...light, maps: [{ ...map, elements }] };
}

export function plainRuleset(flows: readonly (readonly [id: string, port: number])[]): Ruleset {
  return {
    counters: ['no-flow'],
    sets: [
      { name: 'alive', type: ['mark'], flags: ['timeout'], counted: false, elements: [] },
      { name: 'barred', type: ['uid'], flags: [], counted: false, elements: [] },
    ],
    maps: [
      {
        name: 'flows',
        type: ['ipv4_addr', 'ipv4_addr', 'inet_proto', 'inet_service'],
        flags: [],
        counted: true,
        elements: flows.map(([id, port]) => ({
          key: [HmiAddress, PlcAddress, 'tcp', port],
          comment: id,
          verdict: accepted,
        })),
      },
    ],
    chains: [
      {
        name: 'forward',
        hook: { hook: 'forward', priority: 0, policy: 'drop' },
        rules: [
          rule({ kind: 'match', selector: 'ct state', op: '==', value: ['established', 'related'] }, accept),
          rule(is('icmp type', 'echo-request'), accept),
          rule(vmap(['ip saddr', 'ip daddr', 'l4proto', 'th dport'], 'flows')),
          rule(count('no-flow'), log(formatLogPrefix({ reason: 'no-flow', where: 'supervisory>process' }))),
          rule(drop),
        ],
      },
      {
        name: 'input',
        hook: { hook: 'input', priority: 0, policy: 'drop' },
        rules: [rule(is('iifname', 'lo'), accept)],
      },
      {
        name: 'output',
        hook: { hook: 'output', priority: 0, policy: 'drop' },
        rules: [rule(is('oifname', 'lo'), accept), rule(inSet(['skuid'], 'barred'), drop)],
      },
    ],
  };
}
