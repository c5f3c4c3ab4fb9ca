import 'reflect-metadata';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Identity } from './authority.ts';

/** First and last moment a certificate is good, milliseconds since the Unix epoch. X.509 keeps whole seconds. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

/**
 * A new authority that certifies these DNS names only: whoever trusts it on their machine trusts it for the box and
 * for nothing else (RFC 5280 §4.2.1.10).
 */
export async function makeAuthority(
  title: string,
  dnsNames: readonly string[],
  validity: Validity,
): Promise<Identity> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [commonName(title)] }],
    keys,
    signingAlgorithm: Signing,
    ...between(validity),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      new Extension(NameConstraintsOid, true, permitting(dnsNames)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** A new key with a certificate of the authority: for a server of these names and addresses. */
export function issueServer(
  authority: Identity,
  names: readonly string[],
  validity: Validity,
): Promise<Identity> {
  const [title = 'penstock'] = names;
  const alternatives = names.map(
    (value): JsonGeneralName => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }),
  );
  return issue(authority, title, alternatives, ExtendedKeyUsage.serverAuth, validity);
}

/** The same for the client of one grant, which is told by a name of our own: `urn:penstock:grant:G-…`. */
export function issueGrantClient(authority: Identity, grant: string, validity: Validity): Promise<Identity> {
  const name: JsonGeneralName = { type: 'url', value: grantName(grant) };
  return issue(authority, grant, [name], ExtendedKeyUsage.clientAuth, validity);
}

/** How a certificate names its grant. */
export function grantName(grant: string): string {
  return `urn:penstock:grant:${grant}`;
}

async function issue(
  authority: Identity,
  title: string,
  names: JsonGeneralName[],
  usage: ExtendedKeyUsage,
  validity: Validity,
): Promise<Identity> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [commonName(title)] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await readKey(authority.key),
    signingAlgorithm: Signing,
    ...between(validity),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage], true),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** Whether an authority is limited to exactly these DNS names. */
export function isLimitedTo(certificate: string, dnsNames: readonly string[]): boolean {
  const limits = new X509Certificate(certificate).getExtension(NameConstraintsOid)?.value;
  return limits !== undefined && Buffer.from(limits).equals(permitting(dnsNames));
}

/** Whether key and certificate of an identity belong together. */
export function belongsTogether({ certificate, key }: Identity): boolean {
  const spki = { type: 'spki', format: 'der' } as const;
  const own = createPublicKey(createPrivateKey(key)).export(spki);
  return createPublicKey(certificate).export(spki).equals(own);
}

/** At most 64 characters (X.520 ub-common-name). */
function commonName(title: string): string {
  return title.slice(0, 64);
}

function between({ from, until }: Validity): { notBefore: Date; notAfter: Date } {
  const second = (at: number) => new Date(Math.floor(at / 1000) * 1000);
  return { notBefore: second(from), notAfter: second(until) };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

/** 127 random bits and never negative (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** NameConstraints ::= SEQUENCE { permittedSubtrees [0] SEQUENCE OF { base [2] IA5String } } */
function permitting(dnsNames: readonly string[]): Uint8Array<ArrayBuffer> {
  const subtrees = dnsNames.map((name) => der(0x30, der(0x82, Buffer.from(name, 'ascii'))));
  return Uint8Array.from(der(0x30, der(0xa0, Buffer.concat(subtrees))));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const NameConstraintsOid = '2.5.29.30';
const Signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
