import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parse, stringify } from 'yaml';
import { GatewayError } from './errors.ts';

const strict = { additionalProperties: false } as const;

/** One explicit listener of the proxy back end: whoever connects here is the asset named in `as`. */
const ListenerSchema = Type.Object(
  {
    as: Type.String({ minLength: 1 }),
    to: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    listen: Type.String({ minLength: 3 }),
    server: Type.Optional(Type.String({ minLength: 3 })),
  },
  strict,
);

const ConfigSchema = Type.Object(
  {
    back_end: Type.Union([Type.Literal('kernel'), Type.Literal('proxy')]),
    site: Type.String({ minLength: 1 }),
    gateway: Type.String({ minLength: 1 }),
    trusted_keys: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    bundle: Type.Optional(Type.String({ minLength: 1 })),
    state: Type.String({ minLength: 1 }),
    run: Type.String({ minLength: 1 }),
    inspectors: Type.Optional(Type.Integer({ minimum: 1, maximum: 4 })),
    page: Type.Object(
      {
        listen: Type.String({ minLength: 3 }),
        tls: Type.Optional(Type.Object({ cert: Type.String(), key: Type.String() }, strict)),
      },
      strict,
    ),
    metrics: Type.Object({ listen: Type.String({ minLength: 3 }) }, strict),
    listeners: Type.Optional(Type.Array(ListenerSchema)),
    evidence: Type.Optional(
      Type.Object({ max_bytes: Type.Optional(Type.Integer({ minimum: 1_048_576 })) }, strict),
    ),
    users: Type.Optional(
      Type.Object({ engine: Type.String(), inspector: Type.String(), front: Type.String() }, strict),
    ),
  },
  strict,
);

/** The keys of `gateway.yaml` as they are written there. */
export type RawConfig = Static<typeof ConfigSchema>;

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

/** This box, not the plant: what `gateway.yaml` says. Every path is absolute. */
export interface Config {
  readonly file: string;
  readonly backEnd: 'kernel' | 'proxy';
  readonly site: string;
  readonly gateway: string;
  readonly trustedKeys: readonly string[];
  /** A bundle to take up at start when it is newer than the one in the state directory. */
  readonly bundle: string | undefined;
  readonly state: string;
  readonly run: string;
  /** Inspecting processes that share the servers out; one more stands by as the spare. 1 to 4. */
  readonly inspectors: number;
  readonly page: SocketAddress & {
    readonly tls: { readonly cert: string; readonly key: string } | undefined;
  };
  readonly metrics: SocketAddress;
  readonly listeners: readonly Listener[];
  /** Bytes of disk the evidence may take. */
  readonly evidenceBytes: number;
  readonly users: { readonly engine: string; readonly inspector: string; readonly front: string } | undefined;
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
  return toConfig(checked(value, file), resolve(file));
}

/** The text of a `gateway.yaml` with these keys. */
export function formatConfig(raw: RawConfig): string {
  return stringify(raw);
}

/** Reads `127.0.0.1:8080` or `[::1]:8080`. @throws GatewayError PST_ERR_CONFIG */
export function readSocketAddress(text: string, key: string): SocketAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const address = match?.[1] ?? match?.[2];
  if (address === undefined || !(port <= 65535)) {
    throw new GatewayError('PST_ERR_CONFIG', `${key}: “${text}” is not ADDRESS:PORT.`);
  }
  return { address, port };
}

const validator = Compile(ConfigSchema);

function checked(value: unknown, file: string): RawConfig {
  if (validator.Check(value)) return value;
  const [first] = validator.Errors(value);
  const where = first === undefined || first.instancePath === '' ? 'top level' : first.instancePath.slice(1);
  const extra = first?.keyword === 'additionalProperties' ? `: ${JSON.stringify(first.params)}` : '';
  throw new GatewayError('PST_ERR_CONFIG', `${file}: ${where} ${first?.message ?? 'is wrong'}${extra}.`);
}

function toConfig(raw: RawConfig, file: string): Config {
  const path = (relative: string): string => resolve(dirname(file), relative);
  const tls = raw.page.tls;
  const proxied = raw.listeners ?? [];
  if (raw.back_end === 'kernel' && proxied.length > 0) {
    throw new GatewayError('PST_ERR_CONFIG', `${file}: listeners belong to the proxy back end only.`);
  }
  return {
    file,
    backEnd: raw.back_end,
    site: raw.site,
    gateway: raw.gateway,
    trustedKeys: raw.trusted_keys.map(path),
    bundle: raw.bundle === undefined ? undefined : path(raw.bundle),
    state: path(raw.state),
    run: path(raw.run),
    inspectors: raw.inspectors ?? 1,
    page: {
      ...readSocketAddress(raw.page.listen, 'page.listen'),
      tls: tls === undefined ? undefined : { cert: path(tls.cert), key: path(tls.key) },
    },
    metrics: readSocketAddress(raw.metrics.listen, 'metrics.listen'),
    listeners: proxied.map((one, index) => ({
      as: one.as,
      to: one.to,
      port: one.port,
      listen: readSocketAddress(one.listen, `listeners[${index}].listen`),
      server:
        one.server === undefined ? undefined : readSocketAddress(one.server, `listeners[${index}].server`),
    })),
    evidenceBytes: raw.evidence?.max_bytes ?? DefaultEvidenceBytes,
    users: raw.users,
  };
}

function firstLine(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'it is not YAML';
}

/** 1 GiB: some years of a quiet plant, a bounded share of a 16 GB eMMC. */
const DefaultEvidenceBytes = 1_073_741_824;
