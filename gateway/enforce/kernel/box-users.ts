import { vendorTargets } from '../../../rules/admission/vendor-targets.ts';
import { TableName } from '../../../rules/nft/ruleset.ts';
import type { NftCommand } from '../../../rules/nft/schema.ts';
import { VendorSets } from '../../../rules/nft/vendor-targets.ts';
import type { Policy } from '../../../rules/policy.ts';

/** What of this box the ruleset must know and a bundle cannot. */
export interface BoxFacts {
  /**
   * Users of the processes that meet people's and the plant's bytes: front and inspectors. They may open no
   * connection into any zone, the box's own egress included, but for the inspectors' marked legs and what they dial
   * for vendors. Empty where they have no users of their own.
   */
  readonly barredUids: readonly number[];
  /** User of the inspectors: the only one that reaches the targets of vendors, while a session is granted. */
  readonly dialerUid: number;
}

/** The set of users whose processes the output chain bars from every zone. */
export const BarredSet = 'barred';

/** Makes the sets of users hold exactly this box's: those who are barred, and those who dial for vendors. */
export function renderUsers({ barredUids, dialerUid }: BoxFacts, policy: Policy): readonly NftCommand[] {
  const dials = vendorTargets(policy).length > 0;
  return [...holdUsers(BarredSet, barredUids), ...(dials ? holdUsers(VendorSets.dialers, [dialerUid]) : [])];
}

function holdUsers(name: string, uids: readonly number[]): readonly NftCommand[] {
  const set = { family: 'inet', table: TableName, name } as const;
  const flush: NftCommand = { flush: { set } };
  const elem = [...new Set(uids)];
  return elem.length === 0 ? [flush] : [flush, { add: { element: { ...set, elem } } }];
}
