import type { IpCommand, IpEntry } from '../../../gateway/enforce/kernel/ip-command.ts';
import type { Sysctl } from '../../../gateway/enforce/kernel/sysctl.ts';
import { GatewayError } from '../../../gateway/errors.ts';

/** Rules, routes, proxy neighbours and settings in memory, changed by the same lines as the real ones. */
export interface FakeNetwork {
  readonly ip: IpCommand;
  readonly sysctl: Sysctl;
  readonly settings: ReadonlyMap<string, string>;
  /** `10.1.0.12/32` to its device. */
  readonly routes: ReadonlyMap<string, string>;
  /** `10.1.0.12 sup0`. */
  readonly proxies: ReadonlySet<string>;
  /** As `ip rule add` was told them, by family. */
  readonly rules: Readonly<Record<4 | 6, Set<string>>>;
  /** Devices that are up. */
  readonly devices: Set<string>;
  /** What was changed since the last call: lines and settings, in order. */
  readonly changes: () => readonly string[];
}

/** A box with these devices up and nothing set; its kernel knows IPv6. */
export function fakeNetwork(...devices: readonly string[]): FakeNetwork {
  const up = new Set(devices);
  const settings = new Map([['ipv6/conf/all/forwarding', '0']]);
  const routes = new Map<string, string>();
  const proxies = new Set<string>();
  const rules = { 4: new Set<string>(), 6: new Set<string>() };
  let hasLocal = false;
  let changed: string[] = [];

  function execute(line: string, family: 4 | 6): void {
    const [object = '', verb = '', ...rest] = line.split(' ');
    changed.push(line);
    if (line === 'route replace local 0.0.0.0/0 dev lo table 100') hasLocal = true;
    else if (object === 'rule') setRule(rules[family], verb, rest.join(' '));
    else if (object === 'route') setRoute(verb, rest);
    else if (object === 'neigh' && rest[0] === 'proxy') setProxy(verb, `${rest[1]} ${rest[3]}`);
    else throw new GatewayError('PST_ERR_ROUTING', line);
  }

  function setRoute(verb: string, [address = '', , device = '']: readonly string[]): void {
    if (!up.has(device)) throw new GatewayError('PST_ERR_ROUTING', 'Device for nexthop is not up.');
    if (verb === 'replace') routes.set(address, device);
    else if (routes.get(address) !== device || !routes.delete(address))
      throw new GatewayError('PST_ERR_ROUTING', 'No such process');
  }

  function setRule(held: Set<string>, verb: string, rule: string): void {
    if (verb === 'add') {
      if (held.has(rule)) throw new GatewayError('PST_ERR_ROUTING', 'File exists');
      held.add(rule);
    } else if (!held.delete(rule)) throw new GatewayError('PST_ERR_ROUTING', 'No such file or directory');
  }

  function setProxy(verb: string, place: string): void {
    if (verb === 'replace') proxies.add(place);
    else proxies.delete(place);
  }

  const listings: Readonly<Record<string, () => readonly IpEntry[]>> = {
    'link show up': () => [...up].map((ifname) => ({ ifname })),
    '-4 rule show': () => [{ priority: 0, table: 'local' }, ...[...rules[4]].map(listRule)],
    '-6 rule show': () => [...rules[6]].map(listRule),
    'route show table all type local dev lo': () => (hasLocal ? [{ dst: 'default', table: '100' }] : []),
    'route show proto 80': () =>
      [...routes].map(([address, dev]) => ({ dst: address.replace('/32', ''), dev })),
    'neigh show proxy': () => [
      { dst: '192.0.2.1', dev: 'other', protocol: 'static' },
      ...[...proxies].map((place) => ({ dst: place.split(' ')[0], dev: place.split(' ')[1], protocol: 80 })),
    ],
  };

  return {
    ip: {
      show: async (...args) => {
        const listing = listings[args.join(' ')];
        if (listing === undefined) throw new GatewayError('PST_ERR_ROUTING', args.join(' '));
        return listing();
      },
      change: async (lines, family = 4) => {
        for (const line of lines) execute(line, family);
      },
    },
    sysctl: {
      read: (path) => settings.get(path),
      write: (path, value) => {
        if (settings.get(path) !== value) changed.push(`${path} = ${value}`);
        settings.set(path, value);
      },
    },
    settings,
    routes,
    proxies,
    rules,
    devices: up,
    changes: () => {
      const since = changed;
      changed = [];
      return since;
    },
  };
}

/** As `ip -json rule show` lists it: a mask that is all of the mark is left out. */
function listRule(rule: string): IpEntry {
  const after = (word: string) => new RegExp(`(?:^| )${word} (\\S+)`).exec(rule)?.[1];
  const all = {
    priority: Number(after('priority')),
    src: after('from') ?? 'all',
    iif: after('iif'),
    fwmark: after('fwmark')?.replace('/0xffffffff', ''),
    ipproto: after('ipproto'),
    table: after('lookup'),
    action: rule.includes(' blackhole ') ? 'blackhole' : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
