import type { Permit } from '../../rules/admission/flow-table.ts';
import type { Peer } from '../ipc/reports.ts';

/** How many connections there may be, dialling ones included (62443-3-3 SR 7.1). */
export interface ConnectionLimits {
  /** From one client address to one server. */
  readonly perPair: number;
  readonly total: number;
}

export const DefaultLimits: ConnectionLimits = { perPair: 128, total: 2000 };

/** Counts connections against their limits. */
export interface Places {
  /** Takes a place and gives the function that frees it, or undefined when there is none left. */
  readonly take: (
    ends: { readonly client: Peer; readonly server: Peer },
    permit: Permit,
  ) => (() => void) | undefined;
}

export function createPlaces({ perPair, total }: ConnectionLimits): Places {
  const open = new Map<string, number>();
  let taken = 0;

  function count(key: string, by: 1 | -1): void {
    const next = (open.get(key) ?? 0) + by;
    if (next > 0) open.set(key, next);
    else open.delete(key);
  }

  return {
    take: ({ client, server }, { flow, profile, clientAsset }) => {
      const pair = `${client.address} ${server.address} ${server.port}`;
      // In the proxy back end every source has the same address, and the asset tells them apart.
      // One server is in one process alone, so that no limit is the sum of several.
      const source = JSON.stringify([flow.id, clientAsset, client.address, server.address]);
      const perSource = profile.limits.connectionsPerSource;
      if (taken >= total || (open.get(pair) ?? 0) >= perPair) return undefined;
      if (perSource > 0 && (open.get(source) ?? 0) >= perSource) return undefined;
      count(pair, 1);
      count(source, 1);
      taken += 1;
      return () => {
        count(pair, -1);
        count(source, -1);
        taken -= 1;
      };
    },
  };
}
