import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { readIfPresent, replaceDurably } from '../load/durable-file.ts';
import { createLine } from '../one-at-a-time.ts';
import type { Authority, AuthorityOptions, Identity, RecordKeyChange, RotatedIdentity } from './authority.ts';
import {
  belongsTogether,
  isLimitedTo,
  issueGrantClient,
  issueServer,
  makeAuthority,
} from './certificates.ts';

/** Milliseconds. */
const Day = 86_400_000;

/** How long the certificates of the box itself are good, and how long before their end they are made anew. */
const AuthorityTime = 10 * 365 * Day;
const ServerTime = 397 * Day;
const RenewBefore = 30 * Day;

/** A clock may be behind by some minutes on the other side. Milliseconds. */
const Skew = 5 * 60_000;

/** No box of this release runs before that: a clock that says so has not been set yet. */
const Earliest = Date.UTC(2026, 0, 1);

/**
 * Opens the site's authority in a directory, and makes it at the first start. Each key lies in one file with its
 * certificate, 0600, so that a power cut leaves both or neither.
 * What is there and cannot be used is never replaced by itself, because every operator and vendor trusts it: whoever
 * asks then gets PST_ERR_AUTHORITY, no vendor comes in, and the plant goes on.
 */
export async function openAuthority(
  directory: string,
  { site, gateway, name, addresses }: AuthorityOptions,
  { wall }: Clock,
): Promise<Authority> {
  const inTurn = createLine();
  const file = (one: string): string => join(directory, one);
  const now = (): number => Math.max(wall(), Earliest);
  const dnsNames = [...new Set(name === '' ? ['localhost'] : [name, 'localhost'])];
  const names = [...new Set([...dnsNames, ...addresses, '127.0.0.1', '::1'])];

  async function openRoot(): Promise<Identity> {
    const there = readIdentity(file('authority.pem'));
    // With another name the site starts anew: nobody can trust the former authority for it.
    if (there !== undefined && isLimitedTo(there.certificate, dnsNames)) return there;
    const made = await makeRoot();
    await keep(file('authority.pem'), made);
    return made;
  }

  function makeRoot(): Promise<Identity> {
    const title = `Penstock ${site} ${gateway}`;
    return makeAuthority(title, dnsNames, { from: Earliest, until: now() + AuthorityTime });
  }

  /** The identity in a file while it is good for these names for some time to come, else a new one. */
  function server(path: string, root: Identity): Promise<Identity> {
    return inTurn(async () => {
      const there = readUsable(path);
      if (there !== undefined && isGood(there, root, names, now())) return there;
      const made = await issue(root);
      await keep(path, made);
      return made;
    });
  }

  function issue(root: Identity): Promise<Identity> {
    return issueServer(root, names, { from: now() - Skew, until: now() + ServerTime });
  }

  async function openHostKey(): Promise<{ readonly key: string; readonly line: string }> {
    const path = file('ssh_host_ed25519_key');
    const there = read(path);
    const made = readHostKey(there ?? newHostKey(), path);
    if (there === undefined) await replaceDurably(path, Buffer.from(made.key), 0o600);
    return made;
  }

  function newHostKey(): string {
    return ssh2.utils.generateKeyPairSync('ed25519', { comment: `${site}/${gateway}` }).private;
  }

  async function rotate(what: RotatedIdentity, record: RecordKeyChange): Promise<void> {
    if (what === 'authority') {
      const made = await makeRoot();
      await record(root instanceof GatewayError ? '' : printOf(root), printOf(made));
      await keep(file('authority.pem'), made);
      root = made;
    } else if (what === 'ssh') {
      const path = file('ssh_host_ed25519_key');
      const made = readHostKey(newHostKey(), path);
      await record(hostKey instanceof GatewayError ? '' : printOfLine(hostKey.line), printOfLine(made.line));
      await replaceDurably(path, Buffer.from(made.key), 0o600);
      hostKey = made;
    } else {
      const former = readUsable(file('page.pem'));
      const made = await issue(usable(root));
      await record(former === undefined ? '' : printOf(former), printOf(made));
      await keep(file('page.pem'), made);
      await keep(file('carrier.pem'), await issue(usable(root)));
    }
  }

  let root = await openRoot().catch(unusable);
  let hostKey = await openHostKey().catch(unusable);

  return {
    get certificate() {
      return root instanceof GatewayError ? '' : root.certificate;
    },
    pageIdentity: async () => server(file('page.pem'), usable(root)),
    carrierIdentity: async () => server(file('carrier.pem'), usable(root)),
    issueClient: async (grant, until) => {
      const made = await issueGrantClient(usable(root), grant, { from: now() - Skew, until });
      const { raw, validToDate } = new X509Certificate(made.certificate);
      const fingerprint = createHash('sha256').update(raw).digest('hex');
      return { ...made, fingerprint, until: validToDate.getTime() };
    },
    sshHostKey: () => usable(hostKey),
    rotate: (what, record) => inTurn(() => rotate(what, record)),
    troubles: () => [root, hostKey].flatMap((one) => (one instanceof GatewayError ? [one.message] : [])),
  };
}

/** SHA-256 of a certificate in DER form, hexadecimal. */
function printOf({ certificate }: Pick<Identity, 'certificate'>): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
}

/** Fingerprint of a private host key as ssh-keygen -l says it. @throws Error where it is none */
export function printOfHostKey(key: string): string {
  return printOfLine(readHostKey(key, 'it').line);
}

function printOfLine(line: string): string {
  const bytes = Buffer.from(line.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`;
}

/** @throws Error where it is none */
function readHostKey(key: string, path: string): { readonly key: string; readonly line: string } {
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw new Error(`${path} holds no key: ${parsed.message}`);
  return { key, line: `${parsed.type} ${parsed.getPublicSSH().toString('base64')}` };
}

function read(path: string): string | undefined {
  const bytes = readIfPresent(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** @throws Error where it is there and cannot be used */
function readIdentity(path: string): Identity | undefined {
  const text = read(path);
  if (text === undefined) return undefined;
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text)?.[0];
  if (certificate === undefined || key === undefined) throw new Error(`${path} holds no key and certificate`);
  const identity = { certificate, key };
  if (!belongsTogether(identity)) throw new Error(`${path} holds a key and a certificate of another one`);
  return identity;
}

/** The same where a new one does as well. */
function readUsable(path: string): Identity | undefined {
  try {
    return readIdentity(path);
  } catch {
    return undefined;
  }
}

function keep(path: string, { certificate, key }: Identity): Promise<void> {
  return replaceDurably(path, Buffer.from(key + certificate), 0o600);
}

function isGood(one: Identity, root: Identity, names: readonly string[], now: number): boolean {
  const certificate = new X509Certificate(one.certificate);
  const named = (certificate.subjectAltName ?? '').split(', ');
  return (
    certificate.checkIssued(new X509Certificate(root.certificate)) &&
    certificate.verify(new X509Certificate(root.certificate).publicKey) &&
    certificate.validFromDate.getTime() <= now &&
    now < certificate.validToDate.getTime() - RenewBefore &&
    names.length === named.length &&
    names.every(
      (name) => certificate.checkHost(name) !== undefined || certificate.checkIP(name) !== undefined,
    )
  );
}

function unusable(cause: unknown): GatewayError {
  return new GatewayError('PST_ERR_AUTHORITY', cause instanceof Error ? `${cause.message}.` : '', cause);
}

/** @throws GatewayError PST_ERR_AUTHORITY */
function usable<T>(one: T | GatewayError): T {
  if (one instanceof GatewayError) throw one;
  return one;
}
