import type { IpCommand } from '../../../gateway/enforce/kernel/ip-command.ts';
import type { Sysctl } from '../../../gateway/enforce/kernel/sysctl.ts';
import { GatewayError } from '../../../gateway/errors.ts';

/** Rules, routes, proxy neighbours and settings in memory, changed by the same commands as the real ones. */
export interface FakeNetwork {
  readonly ip: IpCommand;
  readonly sysctl: Sysctl;
  readonly settings: Map<string, string>;
  readonly rules: string[];
  readonly routes: Map<string, string>;
  readonly proxies: Set<string>;
  /** What was changed since the last call: commands and settings, in order. */
  readonly changes: () => readonly string[];
}

/** A box with these devices and nothing set. */
export function fakeNetwork(...devices: readonly string[]): FakeNetwork {
  const settings = new Map(devices.map((device) => [`ipv4/conf/${device}/forwarding`, '0']));
  const rules: string[] = [];
  const routes = new Map<string, string>();
  const proxies = new Set<string>();
  const changed: string[] = [];

  const ip: IpCommand = async (...args) => {
    const line = args.join(' ');
    if (args[0] === '-json') return JSON.stringify(show(args.slice(1).join(' ')));
    changed.push(line);
    if (line.startsWith('rule add ')) rules.push(line);
    else if (line.startsWith('route replace local ')) routes.set('local', 'lo');
    else if (line.startsWith('route replace ')) routes.set(String(args[2]), String(args[4]));
    else if (line.startsWith('route del ')) removeRoute(String(args[2]));
    else if (line.startsWith('neigh replace proxy ')) proxies.add(`${args[3]} ${args[5]}`);
    else if (line.startsWith('neigh del proxy ')) proxies.delete(`${args[3]} ${args[5]}`);
    else throw new GatewayError('PST_ERR_ROUTING', line);
    return '';
  };

  function removeRoute(address: string): void {
    if (!routes.delete(`${address}/32`)) throw new GatewayError('PST_ERR_ROUTING', 'No such process');
  }

  function show(what: string): readonly object[] {
    if (what === 'rule show') return rules.map(() => ({ priority: 100, fwmark: '0x1', table: '100' }));
    if (what === 'route show proto 186') {
      const ours = [...routes].filter(([address]) => address !== 'local');
      return ours.map(([address, dev]) => ({ dst: address.replace('/32', ''), dev }));
    }
    return [...proxies].map((entry) => {
      const [dst, dev] = entry.split(' ');
      return { dst, dev, protocol: 186 };
    });
  }

  return {
    ip,
    sysctl: {
      read: (path) => settings.get(path),
      write: (path, value) => {
        if (settings.get(path) !== value) changed.push(`${path} = ${value}`);
        settings.set(path, value);
      },
    },
    settings,
    rules,
    routes,
    proxies,
    changes: () => changed.splice(0),
  };
}
