import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRunIn, startIn } from '../../plant/namespaces/exec.ts';
import type { Lane } from './lane.ts';
import { Legs, Servers, Sources } from './model.ts';

/**
 * Starts HAProxy in TCP mode on a lane's box: connections are diverted to it by TPROXY and go on from the client's own
 * address, as the gateway's do, and without it nothing passes.
 */
export async function startHaproxy(lane: Lane, threads: number): Promise<void> {
  const configuration = join(lane.folder, 'haproxy.cfg');
  const rules = join(lane.folder, 'haproxy.nft');
  writeFileSync(configuration, configurationText(threads));
  writeFileSync(rules, Ruleset);
  for (const words of Routes) await mustRunIn(lane.box, ...words);
  await mustRunIn(lane.box, 'nft', '-f', rules);
  startIn(lane.box, [...lane.under, 'haproxy', '-db', '-f', configuration]);
}

function configurationText(threads: number): string {
  return `
global
  nbthread ${threads}
  maxconn 8000
defaults
  mode tcp
  maxconn 4000
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen modbus
  bind 127.0.0.1:15502 transparent
  source 0.0.0.0 usesrc clientip
  server any 0.0.0.0:0
`;
}

const Routes = [
  ['sysctl', '-qw', 'net.ipv4.ip_forward=1'],
  ['ip', 'rule', 'add', 'fwmark', '0x1', 'lookup', '100'],
  ['ip', 'route', 'replace', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', '100'],
] as const;

const [Inner, Outer] = Legs;
/**
 * The recipe of the inspectors' own diversion, by hand: the same hooks and keys, a set of exact elements, which the
 * kernel keeps as a hash, and no look-up behind the first match. Dearer rules would make the peer look dearer than it is.
 */
const Ruleset = `
table inet diversion {
  set inspected {
    type ipv4_addr . ipv4_addr . inet_service
    elements = { ${Sources.flatMap((from) => Servers.map((to) => `${from} . ${to} . 502`)).join(', ')} }
  }
  chain raw_pre { type filter hook prerouting priority raw; policy accept;
    iifname "${Inner}" ip saddr . ip daddr . tcp dport @inspected notrack accept
    iifname "${Outer}" ip daddr . ip saddr . tcp sport @inspected notrack accept
  }
  chain raw_out { type filter hook output priority raw; policy accept;
    ip daddr . ip saddr . tcp sport @inspected notrack accept
    ip saddr . ip daddr . tcp dport @inspected notrack accept
  }
  chain divert { type filter hook prerouting priority mangle; policy accept;
    iifname "${Outer}" ip daddr . ip saddr . tcp sport @inspected socket transparent 1 socket wildcard 0 meta mark set 0x1 accept
    iifname "${Inner}" ip saddr . ip daddr . tcp dport @inspected socket transparent 1 socket wildcard 0 meta mark set 0x1 accept
    iifname "${Inner}" ip saddr . ip daddr . tcp dport @inspected tproxy ip to 127.0.0.1:15502 meta mark set 0x1 accept
  }
  chain forward { type filter hook forward priority filter; policy drop; }
}
`;
