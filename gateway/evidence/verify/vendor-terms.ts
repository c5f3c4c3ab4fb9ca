import { toHex } from '../../../rules/evidence/base64.ts';
import type { Sha256 } from '../../../rules/evidence/tree.ts';
import type { Policy } from '../../../rules/policy.ts';

/** What a policy asks of a vendor's grants, as far as records can be held to it. */
export interface VendorTerms {
  /** Duties that have to approve, one or two; empty is anybody who may approve. */
  readonly duties: readonly string[];
  readonly people: ReadonlySet<string>;
  /** Ids of targets, and of flows that it opens. */
  readonly targets: ReadonlySet<string>;
  /** Milliseconds; 0 is no limit. */
  readonly maxDuration: number;
  /** Whether every byte has to be recorded. */
  readonly recordsBytes: boolean;
}

/** The terms of a vendor under the policy with this digest, where that policy is at hand. */
export type FindTerms = (policyDigest: string, vendor: string) => VendorTerms | undefined;

export const NoTerms: FindTerms = () => undefined;

/** The terms of policies at hand, each with the payload of its bundle: by its digest the log knows it. */
export function termsOf(
  policies: readonly { readonly payload: Uint8Array; readonly policy: Policy }[],
  sha256: Sha256,
): FindTerms {
  const known = new Map<string, VendorTerms>();
  for (const { payload, policy } of policies) {
    const digest = toHex(sha256(payload));
    for (const { id, approval, people, opens, targets, limits, record } of policy.vendors) {
      known.set(`${digest} ${id}`, {
        duties: approval.second === '' ? [approval.role] : [approval.role, approval.second],
        people: new Set(people.map((one) => one.id)),
        targets: new Set([...opens, ...targets.map((one) => one.id)]),
        maxDuration: limits.maxDuration,
        recordsBytes: record.includes('bytes'),
      });
    }
  }
  return (policyDigest, vendor) => known.get(`${policyDigest} ${vendor}`);
}

/** What of a grant is against the terms it was opened under, as sentences' ends; empty where nothing is. */
export function againstTerms(
  { duties, people, targets, maxDuration }: VendorTerms,
  grant: {
    readonly person: string;
    readonly targets: ReadonlySet<string>;
    readonly length: number;
    /** Duties in which it was approved. */
    readonly approvedAs: readonly string[];
    readonly alone: boolean;
  },
): readonly string[] {
  const left = [...grant.approvedAs];
  const missing = duties.filter((duty) => {
    const place = left.indexOf(duty);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
  return [
    ...(missing.length > 0 && !grant.alone
      ? [`without the approval of ${missing.join(' and ') || 'an approver'}`]
      : []),
    ...(people.has(grant.person) ? [] : [`to ${grant.person}, whom the model does not name`]),
    ...[...grant.targets]
      .filter((id) => !targets.has(id))
      .map((id) => `to ${id}, which the model does not grant`),
    ...(maxDuration > 0 && grant.length > maxDuration ? ['for longer than the model lets it be'] : []),
  ];
}
