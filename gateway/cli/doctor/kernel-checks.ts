import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Check, good, lacking, note } from './check.ts';
import { KernelFeatures } from './kernel-features.ts';
import type { Trials } from './kernel-trials.ts';

/** What the trials mean. Where nothing could be tried, the kernel back end is not promised. */
export function checkKernel({ how, trials, problem }: Trials): readonly Check[] {
  const library = trials.find(({ code }) => code === 'libnftables');
  if (library !== undefined) return [missingLibrary(library.problem)];
  if (how === 'not tried') return [untried(problem)];
  const results = new Map(trials.map((trial) => [trial.code, trial.problem]));
  const loaded = good('libnftables', 'libnftables', libraryVersion());
  const rest = Expectations.flatMap((one) => {
    const result = results.get(one.code);
    if (result === undefined) return [];
    if (result === '') return [good(one.code, one.what, how === 'tried' ? 'tried, works' : 'asked, works')];
    return one.needed
      ? [lacking(one.code, one.what, result, 'kernel', one.meaning, one.remedy)]
      : [note(one.code, one.what, result, one.meaning, one.remedy)];
  });
  return [loaded, checkProtocolNames(), ...rest];
}

function checkProtocolNames(): Check {
  const [code, what] = ['protocol-names', 'Protocol names'] as const;
  if (existsSync('/etc/protocols')) return good(code, what, '/etc/protocols');
  return lacking(
    code,
    what,
    '/etc/protocols is missing',
    'kernel',
    'libnftables says 6 where it was told tcp, and the read-back takes that for a foreign change.',
    'apt-get install netbase',
  );
}

/** The library tells its version only in listings; the package that brought it always does. */
function libraryVersion(): string {
  try {
    const line = execFileSync('dpkg-query', ['-W', 'libnftables1'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return `loaded, ${line.trim().split('\t')[1] ?? ''}`;
  } catch {
    return 'loaded';
  }
}

function missingLibrary(problem: string): Check {
  return lacking(
    'libnftables',
    'libnftables',
    problem,
    'kernel',
    'The kernel’s tables cannot be written.',
    'apt-get install libnftables1',
  );
}

function untried(problem: string): Check {
  return lacking(
    'kernel-untried',
    'Kernel features',
    `not tried: ${problem}`,
    'kernel',
    'Nothing can be said about the kernel without trying it.',
    'Run penstock doctor as root; in a container give it CAP_NET_ADMIN and CAP_NET_RAW.',
  );
}

interface Expectation {
  readonly code: string;
  readonly what: string;
  readonly needed: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

const Expectations: readonly Expectation[] = [
  ...KernelFeatures.map(({ code, what, meaning, module }) => ({
    code,
    what,
    needed: true,
    meaning,
    remedy: `modprobe ${module}; where there is no such module, use the kernel of the distribution.`,
  })),
  {
    code: 'transparent-listener',
    what: 'Listening for diverted connections',
    needed: true,
    meaning: 'The inspector cannot take over a Modbus connection.',
    remedy: 'Give the process CAP_NET_RAW.',
  },
  {
    code: 'transparent-upstream',
    what: 'Connecting with the client’s address',
    needed: true,
    meaning: 'The PLC would see the gateway instead of its HMI.',
    remedy: 'Give the process CAP_NET_RAW.',
  },
  {
    code: 'packet-log',
    what: 'Reading the drop log',
    needed: false,
    meaning: 'Drops are counted, but who was dropped is not recorded.',
    remedy: 'modprobe nfnetlink_log',
  },
  {
    code: 'policy-routing',
    what: 'Policy routing',
    needed: true,
    meaning: 'Diverted packets cannot be delivered locally.',
    remedy: 'Install iproute2; the kernel needs CONFIG_IP_MULTIPLE_TABLES.',
  },
  {
    code: 'vlan',
    what: 'VLAN devices',
    needed: false,
    meaning: 'Each zone needs a port of its own.',
    remedy: 'modprobe 8021q',
  },
  {
    code: 'wireguard',
    what: 'WireGuard',
    needed: false,
    meaning: 'Vendors’ sessions cannot use WireGuard as their carrier.',
    remedy: 'modprobe wireguard',
  },
  {
    code: 'tun',
    what: 'TUN devices',
    needed: false,
    meaning: 'Vendors’ sessions cannot carry arbitrary addresses.',
    remedy: 'modprobe tun',
  },
  {
    code: 'flowtable',
    what: 'Flowtable',
    needed: false,
    meaning: 'Uninspected flows take the ordinary way through the kernel, which is fast enough for a plant.',
    remedy: 'modprobe nf_flow_table_inet',
  },
];
