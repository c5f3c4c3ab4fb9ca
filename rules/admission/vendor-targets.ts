import type { FlowRule, Policy } from '../policy.ts';

/** What granted sessions may lead to on this box, all vendors together, in the order of the policy. */
export function vendorTargets({ vendors }: Pick<Policy, 'vendors'>): readonly FlowRule[] {
  return vendors.flatMap(({ targets }) => targets);
}
