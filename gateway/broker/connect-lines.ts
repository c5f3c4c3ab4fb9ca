import { targetServerName } from '../ipc/target-name.ts';

/** One way to connect: for which system, with what, and the lines to copy. */
export interface ConnectLine {
  readonly system: string;
  readonly title: string;
  readonly text: string;
}

/** A target of the grant as its person knows it. */
export interface ConnectTarget {
  readonly id: string;
  readonly asset: string;
  readonly port: number;
}

/** How a carrier is reached. Everything in here is of a form that no shell reads anything into. */
export type Entry =
  | {
      readonly carrier: 'tls';
      readonly grant: string;
      readonly host: string;
      readonly port: number;
      readonly targets: readonly ConnectTarget[];
    }
  | {
      readonly carrier: 'ssh';
      readonly grant: string;
      readonly host: string;
      readonly port: number;
      readonly targets: readonly ConnectTarget[];
      /** Account that signs in. */
      readonly person: string;
      /** `ssh-ed25519 AAAA…` */
      readonly hostKey: string;
    };

/**
 * Lines for each way to connect, to be copied as they are. Over TLS they expect certificate, key and authority in one
 * file `<grant>.pem` (see {@link credentialsFile}) in the folder they are run in.
 */
export function connectLines(entry: Entry): readonly ConnectLine[] {
  const tunnels = localTunnels(entry.targets);
  return entry.carrier === 'tls' ? tlsLines(entry, tunnels) : sshLines(entry, tunnels);
}

/** Name of the file that holds a grant's credentials. */
export function credentialsFileName(grant: string): string {
  return `${grant}.pem`;
}

/** What belongs into that file, which `penstock connect`, `openssl` and `stunnel` take whole. */
export function credentialsFile(parts: {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}): string {
  return [parts.certificate, parts.key, parts.authority].map((pem) => `${pem.trim()}\n`).join('');
}

/** A target with the port of the vendor's own machine that leads to it. */
interface Tunnel extends ConnectTarget {
  readonly local: number;
}

/** 502 becomes 1502: recognisable, and nobody needs a right for it. No port stands for two targets. */
function localTunnels(targets: readonly ConnectTarget[]): readonly Tunnel[] {
  const taken = new Set<number>();
  return targets.map((target) => {
    let local = target.port < 64_536 ? target.port + 1000 : target.port;
    while (taken.has(local)) local = local < 65_535 ? local + 1 : 1024;
    taken.add(local);
    return { ...target, local };
  });
}

function tlsLines(
  { grant, host, port }: Extract<Entry, { readonly carrier: 'tls' }>,
  tunnels: readonly Tunnel[],
): readonly ConnectLine[] {
  const file = credentialsFileName(grant);
  const to = joined(host, port);
  const stunnel = (foreground: boolean): string =>
    [
      ...(foreground ? ['foreground = yes'] : []),
      ...tunnels.flatMap(({ id, asset, local, port: its }) => [
        `[${asset}-${its}]`,
        'client = yes',
        `accept = 127.0.0.1:${local}`,
        `connect = ${to}`,
        `sni = ${targetServerName(id)}`,
        `cert = ${file}`,
        `key = ${file}`,
        `CAfile = ${file}`,
        'verifyChain = yes',
        'sslVersionMin = TLSv1.3',
      ]),
    ].join('\n');
  return [
    ...tunnels.map((tunnel) => ({
      system: 'Linux, macOS, Windows',
      title: `penstock: ${leadsTo(tunnel)}`,
      text: `penstock connect --credentials ${file} --to ${to} --target ${targetServerName(tunnel.id)} --listen 127.0.0.1:${tunnel.local}`,
    })),
    {
      system: 'Linux, macOS',
      title: `stunnel: ${tunnels.map(leadsTo).join(', ')}`,
      text: `stunnel -fd 0 <<'END'\n${stunnel(true)}\nEND`,
    },
    {
      system: 'Windows',
      title: `stunnel: as ${grant}.conf next to ${file}`,
      text: stunnel(false),
    },
    ...tunnels.map(({ id, asset, port: its }) => ({
      system: 'Linux, macOS',
      title: `openssl: ${asset} port ${its} on this terminal`,
      text: `openssl s_client -quiet -no_ign_eof -verify_return_error -connect ${to} -servername ${targetServerName(id)} -cert ${file} -key ${file} -CAfile ${file}`,
    })),
  ];
}

function sshLines(
  { grant, host, port, person, hostKey }: Extract<Entry, { readonly carrier: 'ssh' }>,
  tunnels: readonly Tunnel[],
): readonly ConnectLine[] {
  const known = `${grant}.known_hosts`;
  const line = `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}`;
  const forwards = tunnels.map(({ local, asset, port: its }) => `-L 127.0.0.1:${local}:${asset}:${its}`);
  const ssh = [
    `ssh -N -p ${port} -l ${person}`,
    ...forwards,
    `-o UserKnownHostsFile=${known} -o StrictHostKeyChecking=yes`,
    '-o PreferredAuthentications=keyboard-interactive -o ExitOnForwardFailure=yes',
    host,
  ].join(' ');
  const title = `ssh: ${tunnels.map(leadsTo).join(', ')}`;
  return [
    { system: 'Linux, macOS', title, text: `echo '${line}' > ${known}\n${ssh}` },
    { system: 'Windows', title, text: `Set-Content -Encoding ascii ${known} '${line}'\n${ssh}` },
  ];
}

function leadsTo({ local, asset, port }: Tunnel): string {
  return `127.0.0.1:${local} is ${asset} port ${port}`;
}

function joined(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
