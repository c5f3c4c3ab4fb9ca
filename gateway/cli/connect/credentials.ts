import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readNamedFile, UsageError } from '../output.ts';

/** What a vendor was given for one grant. */
export interface Credentials {
  readonly grant: string;
  readonly certificate: string;
  readonly key: string;
  /** Of the box's own authority: the only one that may vouch for the other side. */
  readonly authority: string;
  /** When the certificate ends, milliseconds since the Unix epoch. */
  readonly until: number;
}

/**
 * Reads the one file that holds certificate, key and authority, in any order.
 * @throws UsageError
 */
export function readCredentials(path: string): Credentials {
  const text = readNamedFile(path).toString('latin1');
  const [keyText, ...otherKeys] = blocks(text, '[A-Z ]*PRIVATE KEY');
  if (keyText === undefined || otherKeys.length > 0) throw wrong(path, 'one private key');
  const key = keyOf(keyText);
  const certificates = blocks(text, 'CERTIFICATE').map(certificateOf);
  if (key === undefined || certificates.includes(undefined)) throw wrong(path, 'parts in PEM form');
  const known = certificates.filter((one) => one !== undefined);
  const own = known.find((one) => !one.ca && one.checkPrivateKey(key));
  const authority = known.find((one) => one.ca);
  if (own === undefined || authority === undefined) {
    throw wrong(path, 'the certificate of the key and that of the authority');
  }
  const [, grant = ''] = /URI:urn:penstock:grant:([A-Z0-9-]+)/.exec(own.subjectAltName ?? '') ?? [];
  if (grant === '') throw wrong(path, 'the certificate of a granted session');
  return {
    grant,
    certificate: own.toString(),
    key: keyText,
    authority: authority.toString(),
    until: own.validToDate.getTime(),
  };
}

function blocks(text: string, kind: string): readonly string[] {
  const found = text.matchAll(new RegExp(`-----BEGIN (${kind})-----[^-]+-----END \\1-----`, 'g'));
  return [...found].map(([block]) => `${block}\n`);
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function wrong(path: string, what: string): UsageError {
  return new UsageError(
    `${path} does not hold ${what}.`,
    'Save the file of credentials again as the page gives it, whole and unchanged.',
  );
}
