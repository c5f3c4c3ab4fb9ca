import type { FlowRule, Gate, Policy, VendorRule } from '../policy.ts';
import { isOpen, nextChange } from '../schedule.ts';
import { scheduleText } from '../schedule-text.ts';

/** What a policy lets one person of a vendor ask for: the vendor's rule and the flows of what was named. */
export interface VendorTerms {
  readonly vendor: VendorRule;
  readonly flows: readonly FlowRule[];
  /** Opened for everybody behind the flow's sources, and not dialled by the box. */
  readonly pinhole: boolean;
}

/**
 * What a policy permits of these targets; undefined where it does not know the vendor, the person or one of them, or
 * where they are of both kinds.
 */
export function termsOf(
  policy: Policy,
  asked: { readonly vendor: string; readonly person: string; readonly targets: readonly string[] },
): VendorTerms | undefined {
  const vendor = policy.vendors.find(({ id }) => id === asked.vendor);
  if (vendor?.people.some(({ id }) => id === asked.person) !== true) return undefined;
  const dialled = found(vendor.targets, asked.targets);
  if (dialled !== undefined) return { vendor, flows: dialled, pinhole: false };
  const opened = found(
    policy.flows.filter(({ id, gate }) => gate?.session === true && vendor.opens.includes(id)),
    asked.targets,
  );
  return opened && { vendor, flows: opened, pinhole: true };
}

/**
 * One text of what was permitted, down to the last value of the profile: another text permits something else, and
 * what was approved under the former holds no more.
 */
export function termsText(policy: Policy, terms: VendorTerms | undefined): string {
  if (terms === undefined) return '';
  const { vendor, flows, pinhole } = terms;
  return JSON.stringify([
    [vendor.id, vendor.approval.role, vendor.approval.second, pinhole, vendor.record],
    flows.map(({ id, protocol, sources, destinations, ports, profile }) => [
      ...[id, protocol, sources, destinations, ports],
      policy.profiles.find(({ name }) => name === profile) ?? '',
    ]),
  ]);
}

/** When targets may be open, as far as the time decides. */
export interface Window {
  readonly inWindow: boolean;
  readonly contractEnded: boolean;
  /** Milliseconds until the first of them shuts; Infinity where none will. */
  readonly longest: number;
  readonly text: string;
}

/** @param now wall time, milliseconds; of an open grant the one that no step of the clock has touched */
export function windowOf(flows: readonly FlowRule[], now: number): Window {
  const gates = flows.flatMap(({ gate }) => (gate === undefined ? [] : [{ ...gate, session: false }]));
  const ends = gates.map((gate) => (nextChange(gate, now) ?? Number.POSITIVE_INFINITY) - now);
  const texts = gates.map(({ schedule }) => (schedule === undefined ? '' : scheduleText(schedule)));
  return {
    inWindow: gates.every((gate) => isOpen(gate, now)),
    contractEnded: gates.some((gate) => hasEnded(gate, now)),
    longest: Math.min(Number.POSITIVE_INFINITY, ...ends),
    text: [...new Set(texts.filter((text) => text !== ''))].join(' and '),
  };
}

function hasEnded({ closesAt }: Gate, now: number): boolean {
  return closesAt !== 0 && now >= closesAt;
}

/** Each of the named ones, in the order they are named; undefined where one is missing or named twice. */
function found(flows: readonly FlowRule[], ids: readonly string[]): readonly FlowRule[] | undefined {
  const known = ids.flatMap((id) => flows.find((flow) => flow.id === id) ?? []);
  return ids.length > 0 && new Set(known).size === ids.length ? known : undefined;
}
