import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate with its key, both PEM, and what the engine calls it by. */
export interface TestIdentity {
  readonly certificate: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** An authority for tests; its key lives as long as the test. */
export interface TestAuthority {
  readonly certificate: string;
  readonly server: () => Promise<TestIdentity>;
  /** For a grant, good from an hour ago for so many milliseconds from now. */
  readonly client: (grant: string, validFor?: number) => Promise<TestIdentity>;
}

const Algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const Hour = 3_600_000;

export async function createTestAuthority(): Promise<TestAuthority> {
  const keys = await generate();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=test authority',
    keys,
    signingAlgorithm: Algorithm,
    notBefore: new Date(Date.now() - Hour),
    notAfter: new Date(Date.now() + 24 * Hour),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });

  async function issue(name: string, usage: string, san: x509.JsonGeneralName, validFor: number) {
    const own = await generate();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: `CN=${name}`,
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: Algorithm,
      notBefore: new Date(Date.now() - Hour),
      notAfter: new Date(Date.now() + validFor),
      extensions: [
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.SubjectAlternativeNameExtension([san]),
      ],
    });
    const pem = certificate.toString('pem');
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
    return {
      certificate: `${pem}\n`,
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`,
      fingerprint: new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase(),
    };
  }

  return {
    certificate: `${authority.toString('pem')}\n`,
    server: () => issue('carrier', ServerAuth, { type: 'ip', value: '127.0.0.1' }, 24 * Hour),
    client: (grant, validFor = Hour) =>
      issue(grant, ClientAuth, { type: 'url', value: `urn:penstock:grant:${grant}` }, validFor),
  };
}

function generate(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(Algorithm, true, ['sign', 'verify']);
}

function serial(): string {
  return `01${randomBytes(8).toString('hex')}`;
}

const ServerAuth = '1.3.6.1.5.5.7.3.1';
const ClientAuth = '1.3.6.1.5.5.7.3.2';
