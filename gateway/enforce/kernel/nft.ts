/** One libnftables JSON command, e.g. `{add: {table: {…}}}`. A policy's are checked by rules/nft/schema.ts. */
export type NftCommand = object;

/** One object of a listing, e.g. `{chain: {…}}`. */
export type NftObject = Readonly<Record<string, unknown>>;

/** The text of a table as the kernel held it, with counters and remaining times. Only for {@link Nft.restore}. */
export interface Snapshot {
  readonly table: string;
  readonly text: string;
}

/**
 * The kernel's nftables in this network namespace, in few words. All tables are of family `inet`. Calls run
 * one after the other. Errors of all: PST_ERR_NFT_CHILD when the process behind it died or fell silent (what
 * was asked may or may not have happened: read back), PST_ERR_NFT_LIBRARY.
 */
export interface Nft {
  /** Asks the kernel without changing it. @throws GatewayError PST_ERR_NFT_APPLY */
  readonly check: (commands: readonly NftCommand[]) => Promise<void>;
  /** One transaction: all or nothing. @throws GatewayError PST_ERR_NFT_APPLY */
  readonly apply: (commands: readonly NftCommand[]) => Promise<void>;
  /** Everything in the table, or undefined when there is none. */
  readonly listTable: (table: string) => Promise<readonly NftObject[] | undefined>;
  /** A number that every transaction of anybody changes, and an element that ends by itself does not. */
  readonly generation: () => Promise<number>;
  /** What {@link Nft.restore} takes, or undefined when there is no such table. */
  readonly snapshot: (table: string) => Promise<Snapshot | undefined>;
  /** Makes the table what it was, in one transaction. @throws GatewayError PST_ERR_NFT_APPLY */
  readonly restore: (snapshot: Snapshot) => Promise<void>;
  readonly state: () => 'up' | 'down';
  /** Ends what is behind it; calls after this fail. */
  readonly close: () => void;
}
