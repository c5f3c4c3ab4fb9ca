import { TableName } from '../../../rules/nft/ruleset.ts';
import type { NftCommand } from '../../../rules/nft/schema.ts';

/** What of this box the ruleset must know and a bundle cannot. */
export interface BoxFacts {
  /**
   * Users of the processes that meet people's and the plant's bytes: front and inspectors. They may open no
   * connection into any zone, the box's own egress included, but for the inspectors' marked legs. Empty
   * where they have no users of their own.
   */
  readonly barredUids: readonly number[];
}

/** The set of users whose processes the output chain bars from every zone. */
export const BarredSet = 'barred';

/** Makes the set hold exactly this box's barred users. */
export function renderBarredUsers({ barredUids }: BoxFacts): readonly NftCommand[] {
  const set = { family: 'inet', table: TableName, name: BarredSet } as const;
  const flush: NftCommand = { flush: { set } };
  const elem = [...new Set(barredUids)];
  return elem.length === 0 ? [flush] : [flush, { add: { element: { ...set, elem } } }];
}
