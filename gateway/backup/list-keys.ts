import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatKey } from '../../rules/evidence/note.ts';
import { printOfHostKey } from '../authority/open-authority.ts';
import type { Config } from '../config.ts';
import { releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { type KeyMemory, readTrustMemory } from '../load/trust-memory.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { printOfKey } from '../recording/recording-key.ts';

/** A key the box has, or that it trusts. */
export interface ListedKey {
  readonly owner: 'box' | 'trusted';
  /** What `penstock keys rotate` calls it; empty for what is changed elsewhere. */
  readonly key: string;
  /** What it is for. */
  readonly use: string;
  readonly name: string;
  /** As the tools of its kind print it: SHA-256 of a certificate, `SHA256:…` of an SSH key, the line of a log's key. */
  readonly print: string;
  /** Milliseconds since the Unix epoch; 0 where nobody can tell. */
  readonly since: number;
  /** Where it lies, or which line of gateway.yaml names it. */
  readonly where: string;
  /** End of its validity, milliseconds since the Unix epoch; 0 where it has none. */
  readonly until: number;
}

/**
 * Every key of a box, the gateway running or not. Needs the rights to read its state.
 * @throws GatewayError PST_ERR_KEY_READ, the system's error
 */
export function listKeys(config: Config): readonly ListedKey[] {
  const at = (...parts: readonly string[]): string => join(config.state, ...parts);
  const memory = readTrustMemory(config.state);
  return [
    ...present(at('evidence', 'log.pub'), (text) => ({
      ...boxKey('evidence', 'signs the checkpoints of the evidence log', at('evidence', 'log.key')),
      name: text.split('+')[0] ?? '',
      print: text.trim(),
    })),
    ...certificate(
      'authority',
      'vouches for page and carriers, and lets vendors in',
      at('authority', 'authority.pem'),
    ),
    ...(config.page.tls === undefined
      ? certificate('page', 'shows the page', at('authority', 'page.pem'))
      : certificate('', 'shows the page; changed where it was made', config.page.tls.cert)),
    ...certificate('page', 'shows the TLS carrier to vendors', at('authority', 'carrier.pem')),
    ...present(at('authority', 'ssh_host_ed25519_key'), (text, file) => ({
      ...boxKey('ssh', 'shows the SSH carrier to vendors', file),
      name: 'ssh-ed25519',
      print: printOfHostKey(text),
    })),
    ...recordingKeys(config.state),
    ...signers('signs policies', config.trustedKeys, memory),
    ...signers('signs releases', releaseKeyFiles(releaseKeyDirectory(config)), memory?.releases),
    ...config.witnesses.map((witness) => ({
      ...trusted('cosigns the evidence log', `${config.file} evidence.witnesses`),
      name: witness.name,
      print: formatKey(witness),
    })),
    ...(config.syslog === undefined
      ? []
      : certificate('', 'vouches for the syslog collector', config.syslog.authority).map((one) => ({
          ...one,
          owner: 'trusted' as const,
        }))),
  ];
}

function signers(use: string, files: readonly string[], memory: KeyMemory | undefined): readonly ListedKey[] {
  return files.flatMap((file) =>
    readTrustedKeys([file]).map(({ id, name }) => ({
      ...trusted(use, file),
      name,
      print: id,
      since: memory?.trusted.find((one) => one.id === id)?.since ?? timeOf(file),
    })),
  );
}

function recordingKeys(state: string): readonly ListedKey[] {
  const directory = join(state, 'recordings');
  const names = readdirIfPresent(directory).filter((name) => /^key(\.[0-9a-f]{8})?$/.test(name));
  return names.sort().map((name) => {
    const file = join(directory, name);
    const isNow = name === 'key';
    return {
      ...boxKey(
        isNow ? 'recordings' : '',
        isNow ? 'seals recordings of sessions' : 'opens older recordings',
        file,
      ),
      name: 'AES-256',
      print: printOfKey(readFileSync(file)),
    };
  });
}

function certificate(key: string, use: string, file: string): readonly ListedKey[] {
  return present(file, (text) => {
    const found = new X509Certificate(text.slice(Math.max(0, text.indexOf('-----BEGIN CERTIFICATE-----'))));
    return {
      ...boxKey(key, use, file),
      name: found.subject.replaceAll('\n', ', '),
      print: createHash('sha256').update(found.raw).digest('hex'),
      since: timeOf(file),
      until: found.validToDate.getTime(),
    };
  });
}

function boxKey(key: string, use: string, where: string): ListedKey {
  return { owner: 'box', key, use, name: '', print: '', since: timeOf(where), where, until: 0 };
}

function trusted(use: string, where: string): ListedKey {
  return { owner: 'trusted', key: '', use, name: '', print: '', since: 0, where, until: 0 };
}

function present<T>(file: string, read: (text: string, file: string) => T): readonly T[] {
  try {
    return [read(readFileSync(file, 'utf8'), file)];
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
}

function readdirIfPresent(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** When a file was put there. */
function timeOf(file: string): number {
  return Math.round(statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}
