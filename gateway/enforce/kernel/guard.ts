import { GuardChain } from '../../../rules/nft/guard.ts';
import type { BoxInterface, Policy } from '../../../rules/policy.ts';

/**
 * Rules by which the box routes nothing on from a device of the plant that its ruleset has not marked as seen. Whoever
 * flushes the ruleset, by mistake as a rule (the restart of another firewall's unit does), closes the way with it.
 */
export function guardRules(policy: Policy, family: 4 | 6): readonly string[] {
  if (!marksWhatItSees(policy)) return [];
  const protocols = family === 6 ? [''] : protocolsOf(policy.interfaces);
  return policy.interfaces.flatMap(({ device }) =>
    protocols.map((protocol) => `iif ${device} fwmark 0/0xffffffff${protocol} blackhole priority 110`),
  );
}

/** A bundle of an older compiler has no such chain: under it the guard would end all that it permits. */
export function marksWhatItSees({ nft }: Policy): boolean {
  return nft.includes(`"name":"${GuardChain}"`);
}

/**
 * Where a leg is inline the kernel asks for the route of an address before it answers ARP for it, for no protocol
 * and without a mark: only what hosts speak can be held there, and another protocol of IPv4 (GRE, ESP) passes while
 * there is no table.
 */
function protocolsOf(interfaces: readonly BoxInterface[]): readonly string[] {
  const isInline = interfaces.some(({ attach }) => attach === 'inline');
  return isInline ? [' ipproto tcp', ' ipproto udp', ' ipproto icmp'] : [''];
}
