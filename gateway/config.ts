import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { parse, parseDocument, stringify, YAMLSeq } from 'yaml';
import { KeyTypes, type NoteKey, parseKey } from '../rules/evidence/note.ts';
import { type BoardLines, boardContradiction, boardLines } from './board-lines.ts';
import { checkRawConfig, type RawConfig } from './config-schema.ts';
import { GatewayError } from './errors.ts';
import { sha256 } from './evidence/sha256.ts';

/** An address and a TCP port, as `127.0.0.1:8080` or `[::1]:8080`. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** A listener of the proxy back end; see {@link Config.listeners}. */
export interface Listener {
  /** The source asset whoever connects here is taken for. */
  readonly as: string;
  /** The server asset and its modelled port. */
  readonly to: string;
  readonly port: number;
  readonly listen: SocketAddress;
  /** Where to dial instead of the asset's modelled address. */
  readonly server: SocketAddress | undefined;
}

/** A serial port by the name the zone model calls it, and the tty it is on this box. */
export interface SerialPortName {
  readonly port: string;
  readonly tty: string;
}

/** Where vendors come in; a carrier without an address is not offered. Nothing listens without an open grant. */
export interface VendorEntry {
  readonly tls: SocketAddress | undefined;
  readonly ssh: SocketAddress | undefined;
  /** Whether vendors are in only while the key switch of the board is closed. */
  readonly keySwitch: 'required' | 'none';
  /** Proxy back end only: where a target is dialled instead of its modelled address. */
  readonly targets: readonly {
    readonly asset: string;
    readonly port: number;
    readonly server: SocketAddress;
  }[];
}

/** This box, not the plant: what `gateway.yaml` says. Every path is absolute. */
export interface Config {
  readonly file: string;
  readonly backEnd: 'kernel' | 'proxy';
  readonly site: string;
  readonly gateway: string;
  /** DNS name the page is opened by and passkeys are bound to, or empty. */
  readonly name: string;
  /** What everybody is told before signing in. */
  readonly banner: string;
  readonly trustedKeys: readonly string[];
  /** How many different trusted keys must have signed a new bundle. */
  readonly signatures: number;
  /** Who keeps the wall clock: permissions with an end wait for the kernel to call it synchronised, or not. */
  readonly clock: 'ntp' | 'by-hand';
  /** What becomes of a kernel table that somebody else changed: put back, or only told. */
  readonly drift: 'repair' | 'report';
  /** A bundle to take up at start when it is newer than the one in the state directory. */
  readonly bundle: string | undefined;
  readonly state: string;
  readonly run: string;
  /** Inspecting processes that share the servers out; one more stands by as the spare. 1 to 4. */
  readonly inspectors: number;
  /** Kernel back end: how inspectors carry transparent connections; `auto` is epoll where this box can. */
  readonly dataPath: 'auto' | 'epoll' | 'streams';
  readonly page: SocketAddress & {
    readonly tls: { readonly cert: string; readonly key: string } | undefined;
  };
  readonly metrics: SocketAddress;
  readonly listeners: readonly Listener[];
  readonly serial: readonly SerialPortName[];
  readonly vendor: VendorEntry;
  /** Milliseconds: how long a request waits for its answer, and how long a vendor's second factor counts as given. */
  readonly vendorTimes: { readonly requestLasts: number; readonly factorLasts: number };
  readonly board: BoardLines;
  /** Bytes of disk the evidence may take. */
  readonly evidenceBytes: number;
  /** Bytes of disk the recordings of granted sessions may take, all together. */
  readonly recordingsBytes: number;
  /** Days routine records and recordings are kept while there is room; undefined for as long as there is. */
  readonly evidenceDays: number | undefined;
  /** Whose cosignature of the evidence counts, C2SP tlog-cosignature. */
  readonly witnesses: readonly NoteKey[];
  readonly syslog: SyslogConfig | undefined;
  readonly users:
    | {
        readonly engine: string;
        readonly inspector: string;
        readonly front: string;
        readonly syslog?: string;
      }
    | undefined;
}

/** A collector that evidence is handed to over TLS. Paths are absolute. */
export interface SyslogConfig {
  readonly to: SocketAddress;
  /** Name its certificate must bear. */
  readonly name: string;
  readonly authority: string;
  /** What the box shows itself by, where the collector asks. */
  readonly identity: { readonly certificate: string; readonly key: string } | undefined;
}

/**
 * Reads and checks `gateway.yaml`.
 * @throws GatewayError PST_ERR_CONFIG_READ, PST_ERR_CONFIG naming the key
 */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new GatewayError('PST_ERR_CONFIG_READ', file, cause);
  }
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw new GatewayError('PST_ERR_CONFIG', `${file}: ${firstLine(cause)}`, cause);
  }
  const checked = checkRawConfig(value);
  if (!checked.ok) throw new GatewayError('PST_ERR_CONFIG', `${file}: ${checked.problem}`);
  const config = toConfig(checked.value, resolve(file));
  const problem = contradiction(config);
  if (problem !== '') throw new GatewayError('PST_ERR_CONFIG', `${file}: ${problem}`);
  return config;
}

/** The text of a `gateway.yaml` with these keys. */
export function formatConfig(raw: RawConfig): string {
  return stringify(raw);
}

/** A `gateway.yaml` with other trusted keys, all else as it was written. @param change takes and gives their paths */
export function withTrustedKeys(
  text: string,
  change: (keys: readonly string[]) => readonly string[],
): string {
  const document = parseDocument(text);
  const keys = document.get('trusted_keys');
  const paths = keys instanceof YAMLSeq ? keys.toJSON().map(String) : [];
  document.set('trusted_keys', document.createNode([...change(paths)]));
  return document.toString({ lineWidth: 0 });
}

/** Reads `127.0.0.1:8080` or `[::1]:8080`. @throws GatewayError PST_ERR_CONFIG */
export function readSocketAddress(text: string, key: string): SocketAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const address = match?.[1] ?? match?.[2];
  if (address === undefined || isIP(address) === 0 || !(port <= 65535)) {
    throw new GatewayError('PST_ERR_CONFIG', `${key}: “${text}” is not ADDRESS:PORT.`);
  }
  return { address, port };
}

function toConfig(raw: RawConfig, file: string): Config {
  const path = (relative: string): string => resolve(dirname(file), relative);
  const tls = raw.page.tls;
  return {
    file,
    backEnd: raw.back_end,
    site: raw.site,
    gateway: raw.gateway,
    name: raw.name ?? '',
    banner: raw.banner ?? DefaultBanner,
    trustedKeys: raw.trusted_keys.map(path),
    signatures: raw.signatures ?? 1,
    clock: raw.clock ?? 'ntp',
    drift: raw.drift ?? 'repair',
    bundle: raw.bundle === undefined ? undefined : path(raw.bundle),
    state: path(raw.state),
    run: path(raw.run),
    inspectors: raw.inspectors ?? 1,
    dataPath: raw.data_path ?? 'auto',
    page: {
      ...readSocketAddress(raw.page.listen, 'page.listen'),
      tls: tls === undefined ? undefined : { cert: path(tls.cert), key: path(tls.key) },
    },
    metrics: readSocketAddress(raw.metrics.listen, 'metrics.listen'),
    listeners: (raw.listeners ?? []).map((one, index) => ({
      as: one.as,
      to: one.to,
      port: one.port,
      listen: readSocketAddress(one.listen, `listeners[${index}].listen`),
      server:
        one.server === undefined ? undefined : readSocketAddress(one.server, `listeners[${index}].server`),
    })),
    vendor: vendorEntry(raw.vendor, raw.board?.key_switch !== undefined),
    vendorTimes: {
      requestLasts: (raw.vendor?.request_minutes ?? 60) * 60_000,
      factorLasts: (raw.vendor?.factor_hours ?? 8) * 3_600_000,
    },
    board: boardLines(raw.board),
    serial: Object.entries(raw.serial ?? {}).map(([port, { tty }]) => ({ port, tty: path(tty) })),
    evidenceBytes: raw.evidence?.max_bytes ?? DefaultEvidenceBytes,
    recordingsBytes: raw.evidence?.recordings_bytes ?? DefaultRecordingsBytes,
    evidenceDays: raw.evidence?.keep_days,
    witnesses: (raw.evidence?.witnesses ?? []).map(readWitness),
    syslog: raw.syslog === undefined ? undefined : syslogOf(raw.syslog, path),
    users: raw.users,
  };
}

function vendorEntry(raw: RawConfig['vendor'] = {}, hasKeySwitch: boolean): VendorEntry {
  const place = (carrier: 'tls' | 'ssh'): SocketAddress | undefined => {
    const listen = raw[carrier]?.listen;
    return listen === undefined ? undefined : readSocketAddress(listen, `vendor.${carrier}.listen`);
  };
  return {
    tls: place('tls'),
    ssh: place('ssh'),
    // Whoever wires one wants it asked, unless they say otherwise.
    keySwitch: raw.key_switch ?? (hasKeySwitch ? 'required' : 'none'),
    targets: (raw.targets ?? []).map(({ asset, port, server }, index) => ({
      asset,
      port,
      server: readSocketAddress(server, `vendor.targets[${index}].server`),
    })),
  };
}

/** A witness's key as it stands on paper: `name+keyid+base64`. */
function readWitness(text: string, index: number): NoteKey {
  const key = parseKey(text, sha256);
  if (key?.type === KeyTypes.cosignature) return key;
  const problem = key === undefined ? 'is no key' : 'is the key of a log, not of a witness';
  throw new GatewayError('PST_ERR_CONFIG', `evidence.witnesses[${index}]: “${text}” ${problem}.`);
}

function syslogOf(raw: NonNullable<RawConfig['syslog']>, path: (relative: string) => string): SyslogConfig {
  const { to, name, ca, cert, key } = raw;
  if ((cert === undefined) !== (key === undefined)) {
    throw new GatewayError('PST_ERR_CONFIG', 'syslog: cert and key belong together.');
  }
  const place = readSocketAddress(to, 'syslog.to');
  return {
    to: place,
    name: name ?? place.address,
    authority: path(ca),
    identity:
      cert === undefined || key === undefined ? undefined : { certificate: path(cert), key: path(key) },
  };
}

/** What no single key has wrong, or ''. */
function contradiction(config: Config): string {
  const { backEnd, listeners, serial, run, vendor, board, syslog, users } = config;
  if (syslog !== undefined && users !== undefined && users.syslog === undefined) {
    return 'users.syslog must be given where syslog: is: no other process may reach the collector.';
  }
  if (backEnd === 'kernel' && listeners.length > 0) return 'listeners belong to the proxy back end only.';
  if (backEnd === 'kernel' && vendor.targets.length > 0) {
    return 'vendor.targets belong to the proxy back end only.';
  }
  const places = listeners
    .filter(({ listen }) => listen.port !== 0)
    .map(({ listen }) => `${listen.address} port ${listen.port}`);
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) return `listeners: ${twice} stands for two assets.`;
  const ttys = serial.map(({ tty }) => tty);
  const shared = ttys.find((tty, index) => ttys.indexOf(tty) !== index);
  if (shared !== undefined) return `serial: ${shared} stands for two ports.`;
  const socket = join(run, 'carriers', '0123456789abcdef.sock');
  if (Buffer.byteLength(socket) > LongestSocketPath) {
    return `run: ${socket} is longer than the ${LongestSocketPath} bytes a local socket may have.`;
  }
  return boardContradiction(board, vendor.keySwitch === 'required');
}

function firstLine(cause: unknown): string {
  return cause instanceof Error
    ? (cause.message.split('\n')[0]?.replace(/:?$/, '.') ?? '')
    : 'it is not YAML.';
}

/** 62443-3-3 SR 1.12. */
const DefaultBanner = 'For authorised people only. What is done here is watched and put on record.';

/** 1 GiB: some years of a quiet plant, a bounded share of a 16 GB eMMC. */
const DefaultEvidenceBytes = 1_073_741_824;

/** 4 GiB: days of a polling tool, a bounded share of a 16 GB eMMC. */
const DefaultRecordingsBytes = 4_294_967_296;

/** unix(7): 108 bytes with the one that ends it. */
const LongestSocketPath = 107;
