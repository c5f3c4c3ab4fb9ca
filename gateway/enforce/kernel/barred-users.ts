import { TableName } from '../../../rules/nft/ruleset.ts';
import type { NftCommand } from '../../../rules/nft/schema.ts';

/** What of this box the ruleset must know and a bundle cannot. */
export interface BoxFacts {
  /** User of the front, which may open no connection into any zone; undefined where it has no own user. */
  readonly frontUid: number | undefined;
}

/** The set of users whose processes the output chain bars from every zone. */
export const BarredSet = 'barred';

/** Makes the set hold exactly this box's barred users. */
export function renderBarredUsers({ frontUid }: BoxFacts): readonly NftCommand[] {
  const set = { family: 'inet', table: TableName, name: BarredSet } as const;
  const flush: NftCommand = { flush: { set } };
  return frontUid === undefined ? [flush] : [flush, { add: { element: { ...set, elem: [frontUid] } } }];
}
