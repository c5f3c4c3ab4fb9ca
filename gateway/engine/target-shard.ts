import { shardOf } from '../../rules/nft/inspected.ts';
import { InspectorShards, type Policy } from '../../rules/policy.ts';
import type { Config } from '../config.ts';

/**
 * The shard that serves a vendor's target: the one that carries what the plant says to the same server, so that one
 * process sees everything. Undefined where the policy has no such target.
 */
export function targetShard(
  { backEnd, listeners }: Pick<Config, 'backEnd' | 'listeners'>,
  policy: Policy | undefined,
  target: string,
): number | undefined {
  const flow = policy?.vendors.flatMap(({ targets }) => targets).find(({ id }) => id === target);
  const [server] = flow?.destinations ?? [];
  if (server === undefined) return undefined;
  if (backEnd === 'kernel') return shardOf(server);
  const servers = [...new Set(listeners.map(({ to }) => to))].sort();
  // In the proxy back end a server without a listener has no shard of its own: any will do.
  return Math.max(0, servers.indexOf(server.asset)) % InspectorShards;
}
