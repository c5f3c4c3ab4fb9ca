import type { Invariant } from '../../model/claims.ts';
import type { Permit } from '../permit.ts';
import type { CounterExample } from './counter-example.ts';
import { exampleText, otherNames, permitterWithLine } from './example-text.ts';
import { passing } from './passing.ts';
import type { Ground, InvariantResult } from './proof.ts';
import { selectClients, selectEnds } from './selected-ends.ts';

/** `never` and `only`: nothing of some traffic passes between two selections, but for what some flows permit. */
export function proveTraffic(
  ground: Ground,
  invariant: Extract<Invariant, { readonly kind: 'never' | 'only' }>,
): InvariantResult {
  const { model } = ground;
  const clients = selectClients(model, invariant.from);
  const servers = selectEnds(model, invariant.to);
  const permits = ground.between(clients.zones, servers.zones);
  const asked = permits.filter((permit) => !isAllowed(invariant, permit));
  const found = asked.flatMap((permit) => passing(ground, permit, clients, servers, invariant.what) ?? []);
  return resultOf(invariant, found, permits.length);
}

function rankOf({ by, isConfirmed }: CounterExample): number {
  return (isConfirmed ? 0 : 2) + (by.kind === 'flow' ? 0 : 1);
}

function isAllowed(
  invariant: Extract<Invariant, { readonly kind: 'never' | 'only' }>,
  { by }: Permit,
): boolean {
  if (invariant.kind !== 'only') return false;
  if (by.kind === 'vendor') return invariant.vendors.includes(by.vendor);
  return by.kind === 'flow' && invariant.allow.includes(by.flow);
}

function resultOf(invariant: Invariant, found: readonly CounterExample[], looked: number): InvariantResult {
  const confirmed = found.filter(({ isConfirmed }) => isConfirmed);
  // What a flow permits comes first: anyone can ask for it.
  const examples = found.toSorted((one, other) => rankOf(one) - rankOf(other));
  const base = { invariant, examples, looked };
  const [first] = examples;
  if (first === undefined) {
    return { ...base, outcome: 'holds', sentence: `${invariant.id} holds: nothing that passes breaks it.` };
  }
  const others = otherNames(first, examples);
  const text = exampleText(first);
  if (confirmed.length > 0) {
    return { ...base, outcome: 'broken', sentence: `${invariant.id} does not hold: ${text}${others}` };
  }
  const sentence = `${invariant.id} could not be proved for ${permitterWithLine(first)}: ${first.reason}.${others}`;
  return { ...base, outcome: 'unproved', sentence };
}
