import type { Policy } from '../../rules/policy.ts';
import { ciscoAsa } from './cisco-asa.ts';
import { fortinet } from './fortinet.ts';
import { iptables } from './iptables.ts';
import { type Inexpressible, inexpressible } from './needs.ts';
import { panos } from './panos.ts';

/** Neighbouring firewalls a policy can be written out for. */
export const Targets = ['iptables', 'cisco-asa', 'fortinet', 'panos'] as const;
export type Target = (typeof Targets)[number];

/** One text to load, with the ending of its file name. */
export interface TargetText {
  readonly ending: string;
  readonly text: string;
}

export type TargetResult =
  | { readonly ok: true; readonly texts: readonly TargetText[]; readonly leftOut: readonly Inexpressible[] }
  | { readonly ok: false; readonly refused: readonly Inexpressible[] };

/**
 * A policy as the text of another firewall: a second layer beside this gateway and never a stand-in for it. What
 * that firewall cannot hold to is refused, or with `partial` left out and so stays shut there: an inspected flow
 * written as an open port would permit everything its profile forbids. Only the mode `normal` is written, and
 * nothing of the box's own services and egress.
 */
export function renderTarget(policy: Policy, target: Target, partial: boolean): TargetResult {
  const refused = inexpressible(policy, target);
  if (refused.length > 0 && !partial) return { ok: false, refused };
  const out = new Set(refused.map(({ flow }) => flow));
  const flows = policy.flows.filter(({ id }) => !out.has(id));
  // A neighbour has no inspector: nothing but plain flows may ever come here.
  if (flows.some(({ profile }) => profile !== '')) throw new Error('an inspected flow left the gateway');
  return { ok: true, texts: Renderers[target]({ policy, flows, leftOut: refused }), leftOut: refused };
}

const Renderers = { iptables, 'cisco-asa': ciscoAsa, fortinet, panos } as const satisfies Record<
  Target,
  unknown
>;
