import { type Prefix, parsePrefix } from '../../rules/address.ts';
import type { Endpoint, FlowRule, Policy } from '../../rules/policy.ts';
import type { Inexpressible } from './needs.ts';

/** What a renderer writes out: the flows its firewall can hold to, and what was left out. */
export interface Subject {
  readonly policy: Policy;
  readonly flows: readonly FlowRule[];
  readonly leftOut: readonly Inexpressible[];
}

/** The first lines of every text, to be made comments. */
export function heading({ policy, leftOut }: Subject, what: string): readonly string[] {
  return [
    `${policy.site} ${policy.gateway}, policy version ${policy.version}, for ${what}.`,
    'Beside the gateway, not instead of it: nothing is inspected and no MAC address is checked here. Mode normal only.',
    ...leftOut.map(({ sentence }) => `Left out, stays shut: ${remark(sentence)}`),
  ];
}

/** For firewalls that add what they are told to what they have: nobody knows here what that was. */
export const RemoveEarlier =
  'Remove first what an earlier text of this kind left there: it would go on permitting.';

/** Owner and ticket of a flow as a comment that no syntax takes for anything else. */
export function flowRemark({ id, source }: FlowRule, most: number): string {
  return remark([id, source.owner, source.ticket].filter((text) => text !== '').join(' ')).slice(0, most);
}

/** Letters, digits and harmless marks only: what people write must never become a command of another firewall. */
export function remark(text: string): string {
  return text
    .replace(/[^A-Za-z0-9 .,:@/_-]/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

/** A name no two flows share, whatever the target cuts off. */
export function flowName(flow: FlowRule, most: number): string {
  return `f${flow.number}-${flow.id.replace(/[^A-Za-z0-9-]/g, '_')}`.slice(0, most);
}

/** The zones of a flow. */
export function pairOf({ conduits }: Policy, flow: FlowRule): { readonly from: string; readonly to: string } {
  const conduit = conduits.find(({ id }) => id === flow.conduit);
  if (conduit === undefined) throw new Error(`no conduit ${flow.conduit}`);
  return conduit;
}

/** The prefixes of one side in one family, each once. */
export function prefixesOf(ends: readonly Endpoint[], family: 4 | 6): readonly Prefix[] {
  const texts = new Set(ends.flatMap(({ prefixes }) => prefixes));
  return [...texts].flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix?.family === family ? [prefix] : [];
  });
}

/** Zones that stand at either end of one of the flows, in the order of the policy. */
export function zonesOf({ policy, flows }: Subject): readonly string[] {
  const used = new Set(flows.flatMap((flow) => Object.values(endsOf(policy, flow))));
  return policy.zones.map(({ name }) => name).filter((name) => used.has(name));
}

function endsOf(policy: Policy, flow: FlowRule) {
  const { from, to } = pairOf(policy, flow);
  return { from, to };
}
