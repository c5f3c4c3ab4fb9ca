import { InspectorMark } from '../../../gateway/ffi/socket.ts';
import { mustRunIn } from '../../plant/namespaces/exec.ts';
import type { Bench } from '../enforce/bench.ts';

/** An inspector on the bench's gateway. */
export interface Diverted {
  /** Where it listens. */
  readonly port: number;
  /** Ports of the clients that it is given, `30000-39999`; absent for all. */
  readonly clientPorts?: string;
}

/** Leads the HMI's Modbus connections to inspectors as the product does, by hand: nothing else runs here. */
export async function divert({ gateway, nft }: Bench, ...inspectors: readonly Diverted[]): Promise<void> {
  await mustRunIn(gateway, 'ip', 'rule', 'add', 'fwmark', '0x1', 'lookup', '100');
  await mustRunIn(gateway, 'ip', 'route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', '100');
  await mustRunIn(gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await nft(tableFor(inspectors));
}

function tableFor(inspectors: readonly Diverted[]): string {
  return `
table inet bench {
  chain untracked { type filter hook prerouting priority raw; policy accept;
    tcp dport 502 notrack
    tcp sport 502 notrack
  }
  chain untracked_out { type filter hook output priority raw; policy accept;
    tcp dport 502 notrack
    tcp sport 502 notrack
  }
  chain divert { type filter hook prerouting priority mangle; policy accept;
    iifname "proc0" tcp sport 502 socket transparent 1 socket wildcard 0 meta mark set 0x1 accept
    iifname "sup0" tcp dport 502 socket transparent 1 socket wildcard 0 meta mark set 0x1 accept
${inspectors.map(tproxy).join('\n')}
  }
  chain input { type filter hook input priority filter; policy drop;
    iif lo accept
    meta mark 0x1 meta l4proto tcp accept
  }
  chain output { type filter hook output priority filter; policy drop;
    oif lo accept
    meta mark ${InspectorMark} accept
    tcp sport 502 tcp flags rst accept
  }
  chain forward { type filter hook forward priority filter; policy drop;
    tcp dport 502 counter reject with tcp reset
  }
}
`;
}

function tproxy({ port, clientPorts }: Diverted): string {
  const whose = clientPorts === undefined ? '' : `tcp sport ${clientPorts} `;
  return `    iifname "sup0" tcp dport 502 ${whose}tproxy ip to 127.0.0.1:${port} meta mark set 0x1 accept`;
}
