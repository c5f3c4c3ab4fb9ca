import { createHash } from 'node:crypto';
import type { FlowRule, Policy } from '../../rules/policy.ts';

/** What is counted under a policy: ids with a digest of what each permits, so that a changed one starts anew. */
export interface ObservedKeys {
  readonly flows: ReadonlyMap<string, string>;
  readonly permissions: ReadonlyMap<string, string>;
  /** By id of the vendor: what its sessions lead to. */
  readonly vendors: ReadonlyMap<string, string>;
}

/** `carries` tells the flows this back end carries: nobody can count the others. */
export function observedKeys(policy: Policy, carries: (flow: FlowRule) => boolean): ObservedKeys {
  const flows = policy.flows.filter(carries).map((flow) => {
    const { protocol, sources, destinations, ports, profile, gate } = flow;
    const ends = [sources, destinations].map((side) => side.flatMap(({ prefixes }) => prefixes).sort());
    return [flow.id, digestOf([protocol, ends, ports, profile !== '', gate])] as const;
  });
  // A profile that only a mode or a vendor has may stand unused for years, and is needed on the day.
  const everyday = new Set(policy.flows.map(({ profile }) => profile));
  const permissions = policy.profiles
    .filter(({ name }) => everyday.has(name))
    .flatMap((profile) =>
      profile.permissions.map((permission) => {
        // How it is called, where it stands and how it says no is not what it permits.
        const { id, name, line, refusal, ...permitted } = permission;
        return [id, digestOf(permitted)] as const;
      }),
    );
  const vendors = policy.vendors.map(({ id, opens, targets }) => {
    const led = targets.map(({ destinations, ports, profile }) => [destinations, ports, profile]);
    return [id, digestOf([opens, led])] as const;
  });
  return { flows: new Map(flows), permissions: new Map(permissions), vendors: new Map(vendors) };
}

/** No keys: before the first policy. */
export const NoKeys: ObservedKeys = { flows: new Map(), permissions: new Map(), vendors: new Map() };

function digestOf(permitted: unknown): string {
  return createHash('sha256').update(JSON.stringify(permitted)).digest('hex').slice(0, 16);
}
