import { batchText, renderReplace } from '../../../rules/nft/render.ts';
import type { Ruleset } from '../../../rules/nft/ruleset.ts';
import { accept, count, drop, inSet, rule } from '../../../rules/nft/statements.ts';
import type { AssetRule, BoxInterface, FlowRule, Policy } from '../../../rules/policy.ts';

/** A policy of the least that enforcement reads. */
export function policyOf(parts: Partial<Policy>): Policy {
  return {
    format: 1,
    site: 'bench',
    gateway: 'gw-1',
    version: 1,
    notBefore: 0,
    notAfter: 0,
    minGateway: '0.1.0',
    compiler: 'test',
    modelDigest: new Uint8Array(32),
    zones: [],
    interfaces: [],
    assets: [],
    conduits: [],
    flows: [],
    profiles: [],
    services: [],
    egress: [],
    modes: [],
    vendors: [],
    tests: [],
    nft: batchText(renderReplace(rulesetWithFlows())),
    ...parts,
  };
}

/** A gated plain flow. */
export function gatedFlow(number: number, id: string): FlowRule {
  return {
    number,
    id,
    conduit: id.split('/')[0] ?? '',
    sources: [],
    destinations: [],
    protocol: 'tcp',
    ports: [],
    profile: '',
    oneWay: false,
    essential: false,
    gate: { opensAt: 0, closesAt: 0, schedule: undefined, session: true },
    auditUntil: 0,
    auditMalformed: false,
    limits: undefined,
    source: { file: 'bench.yaml', line: 1, column: 1, owner: '', ticket: '', sr: [] },
  };
}

export function leg(device: string, zone: string, attach: BoxInterface['attach'] = 'routed'): BoxInterface {
  return { device, zone, address: '', sources: [], vlan: 0, lowerDevice: '', attach };
}

export function asset(name: string, zone: string, ...addresses: readonly string[]): AssetRule {
  return { name, zone, addresses, mac: '', modbus: { kind: 'direct', framing: 'mbap', line: undefined } };
}

/** One set of flows, a forward chain that looks them up, and the sets the engine fills. */
export function rulesetWithFlows(...flows: readonly (readonly [id: string, port: number])[]): Ruleset {
  return {
    counters: ['no-flow'],
    sets: [
      { name: 'alive', type: ['mark'], flags: ['timeout'], counted: false, elements: [] },
      { name: 'barred', type: ['uid'], flags: [], counted: false, elements: [] },
      {
        name: 'permits',
        type: ['inet_service'],
        flags: [],
        counted: true,
        elements: flows.map(([id, port]) => ({ key: [port], comment: id })),
      },
    ],
    maps: [],
    chains: [
      {
        name: 'forward',
        hook: { hook: 'forward', priority: 0, policy: 'drop' },
        rules: [rule(inSet(['tcp dport'], 'permits'), accept), rule(count('no-flow'), drop)],
      },
      {
        name: 'input',
        hook: { hook: 'input', priority: 0, policy: 'drop' },
        rules: [rule({ kind: 'match', selector: 'iifname', op: '==', value: 'lo' }, accept)],
      },
    ],
  };
}
