import { InspectorShards, type Policy } from '../../rules/policy.ts';
import type { Listener } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { ProxyListener } from '../ipc/reports.ts';

/**
 * The configured listeners of the proxy back end under a policy. Each must stand for an inspected flow of
 * the policy: a listener without one would accept connections only to cut them.
 * @throws GatewayError PST_ERR_CONFIG naming the listener
 */
export function proxyListeners(listeners: readonly Listener[], policy: Policy): readonly ProxyListener[] {
  const servers = [...new Set(listeners.map((one) => one.to))].sort();
  return listeners.map((one) => {
    const name = `the listener as ${one.as} to ${one.to}`;
    if (!hasFlow(policy, one)) {
      throw new GatewayError(
        'PST_ERR_CONFIG',
        `${name}: the policy has no inspected flow for it on port ${one.port}.`,
      );
    }
    const address = addressOf(policy, one.to);
    // An empty host would be this machine itself.
    if (one.server === undefined && address === '') {
      throw new GatewayError(
        'PST_ERR_CONFIG',
        `${name}: the model has no address for ${one.to}; name a server.`,
      );
    }
    return {
      as: one.as,
      to: one.to,
      port: one.port,
      listen: one.listen,
      server: one.server ?? { address, port: one.port },
      shard: servers.indexOf(one.to) % InspectorShards,
    };
  });
}

function hasFlow(policy: Policy, listener: Listener): boolean {
  const zoneOf = (asset: string): string => policy.assets.find((one) => one.name === asset)?.zone ?? '';
  return policy.flows.some(
    (flow) =>
      flow.profile !== '' &&
      flow.ports.some(({ first, last }) => first <= listener.port && listener.port <= last) &&
      flow.sources.some((end) =>
        end.asset === '' ? end.zone === zoneOf(listener.as) : end.asset === listener.as,
      ) &&
      flow.destinations.some((end) =>
        end.asset === '' ? end.zone === zoneOf(listener.to) : end.asset === listener.to,
      ),
  );
}

function addressOf(policy: Policy, asset: string): string {
  return policy.assets.find((one) => one.name === asset)?.addresses[0]?.split('/')[0] ?? '';
}
