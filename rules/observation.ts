/**
 * What one gateway saw over a time: how often each permission was used. Kept across restarts, so that "never
 * used" means something. Times are milliseconds since the Unix epoch; counts are exact.
 */
export interface Observation {
  readonly site: string;
  readonly gateway: string;
  /** From when on it counts, and until when it was last looked. */
  readonly since: number;
  readonly until: number;
  /** Milliseconds within that time in which nobody counted: restarts, gaps. */
  readonly blind: number;
  /** By id; a flow that is not listed was not in force in this time. */
  readonly flows: readonly UseCount[];
  /** By id of the Modbus permission, `scada-setpoints/2`, all flows that use it together. */
  readonly permissions: readonly UseCount[];
  /** By id of the vendor access: sessions. */
  readonly vendors: readonly UseCount[];
  /** Source addresses that no asset has, newest first, at most 1000. */
  readonly strangers: readonly Stranger[];
}

export interface UseCount {
  readonly id: string;
  /** Since when it is in force and counted. */
  readonly since: number;
  /** Packets of a plain flow, requests of an inspected one or of a permission, sessions of a vendor. */
  readonly hits: number;
  /** 0 is never. */
  readonly last: number;
}

export interface Stranger {
  readonly address: string;
  /** Zone of the wire it was seen on, or empty. */
  readonly zone: string;
  readonly first: number;
  readonly last: number;
  readonly packets: number;
}
