import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Authority } from '../../../gateway/authority/authority.ts';
import { issueServer, makeAuthority } from '../../../gateway/authority/certificates.ts';
import { openAuthority } from '../../../gateway/authority/open-authority.ts';

const Name = 'penstock.plant.example';
const Options = { site: 'riverside-wtp', gateway: 'cgw-01', name: Name, addresses: ['10.15.0.1'] };
const Day = 86_400_000;
const Start = Date.now();

let directory: string;
let wall: number;
const clock = { wall: () => wall, monotonic: () => performance.now() };
const open = (change: Partial<typeof Options> = {}): Promise<Authority> =>
  openAuthority(directory, { ...Options, ...change }, clock);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-authority-'));
  wall = Start;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the authority of a site', () => {
  test('is made at the first start and stays, each key in one file that only the engine reads', async () => {
    const first = await open();
    const page = await first.pageIdentity();
    const again = await open();
    expect(again.certificate).toBe(first.certificate);
    expect(await again.pageIdentity()).toEqual(page);
    expect(again.sshHostKey()).toEqual(first.sshHostKey());
    expect(readdirSync(directory).sort()).toEqual(['authority.pem', 'page.pem', 'ssh_host_ed25519_key']);
    for (const file of readdirSync(directory)) {
      expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600);
    }
  });

  test('is good for ten years, also where the box first started in the past', async () => {
    wall = Date.UTC(1970, 0, 1);
    const { certificate, pageIdentity } = await open();
    const root = new X509Certificate(certificate);
    expect(root.ca).toBe(true);
    expect(root.validFromDate.getTime()).toBeLessThan(Start);
    expect(root.validToDate.getTime()).toBeGreaterThan(Start + 9 * 365 * Day);
    wall = Start;
    expect(new X509Certificate((await pageIdentity()).certificate).validFromDate.getTime()).toBeLessThan(
      Start,
    );
  });

  test('certifies the page for its name, loopback and the addresses it listens on', async () => {
    const page = new X509Certificate((await (await open()).pageIdentity()).certificate);
    for (const host of [Name, 'localhost']) expect(page.checkHost(host), host).toBe(host);
    for (const address of ['10.15.0.1', '127.0.0.1', '::1']) expect(page.checkIP(address)).toBe(address);
    expect(page.checkHost('other.plant.example')).toBeUndefined();
  });

  test('makes a certificate anew a month before its end, and when an address is added', async () => {
    const authority = await open();
    const page = await authority.pageIdentity();
    wall = Start + 360 * Day;
    expect(await authority.pageIdentity()).toEqual(page);
    wall = Start + 370 * Day;
    const next = await authority.pageIdentity();
    expect(next.certificate).not.toBe(page.certificate);
    const moved = await open({ addresses: ['10.15.0.2'] });
    expect(new X509Certificate((await moved.pageIdentity()).certificate).checkIP('10.15.0.2')).toBe(
      '10.15.0.2',
    );
    expect(moved.certificate).toBe(authority.certificate);
  });

  test('is another one when the box is given another name', async () => {
    const former = await open();
    const renamed = await open({ name: 'gate.plant.example' });
    expect(renamed.certificate).not.toBe(former.certificate);
    const page = new X509Certificate((await renamed.pageIdentity()).certificate);
    expect(page.checkHost('gate.plant.example')).toBe('gate.plant.example');
  });

  test.for<[string, string, (path: string) => void]>([
    ['cut in two', 'authority.pem', (path) => writeFileSync(path, readFileSync(path).subarray(0, 300))],
    ['empty', 'authority.pem', (path) => writeFileSync(path, '')],
    [
      'with a key of another',
      'authority.pem',
      (path) => writeFileSync(path, withOtherKey(readFileSync(path))),
    ],
    ['no key', 'ssh_host_ed25519_key', (path) => writeFileSync(path, 'nothing')],
  ])('that is damaged (%s, %s) is told and never replaced', async ([, file, damage]) => {
    await open();
    damage(join(directory, file));
    const damaged = readFileSync(join(directory, file));
    const authority = await open();
    expect(authority.troubles()).toEqual([expect.stringContaining(file)]);
    expect(authority.troubles().join()).not.toContain('PRIVATE');
    const wanted = async () => (file === 'authority.pem' ? authority.pageIdentity() : authority.sshHostKey());
    await expect(wanted()).rejects.toMatchObject({ code: 'PST_ERR_AUTHORITY' });
    expect(readFileSync(join(directory, file))).toEqual(damaged);
  });

  test('makes a damaged certificate of the page anew', async () => {
    const authority = await open();
    const page = await authority.pageIdentity();
    writeFileSync(join(directory, 'page.pem'), page.certificate);
    expect((await authority.pageIdentity()).certificate).not.toBe(page.certificate);
  });
});

describe('TLS with its certificates', () => {
  test('takes the client of a grant, named by it and good as long as it, and nobody else', async () => {
    const authority = await open();
    const until = Start + 3_600_000;
    const client = await authority.issueClient('G-7F3K92QD', until);
    const certificate = new X509Certificate(client.certificate);
    expect(certificate.subjectAltName).toBe('URI:urn:penstock:grant:G-7F3K92QD');
    expect(certificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(client.fingerprint);
    expect(certificate.validToDate.getTime()).toBe(Math.floor(until / 1000) * 1000);
    expect(client.until).toBe(Math.floor(until / 1000) * 1000);
    expect(readdirSync(directory)).not.toContain('G-7F3K92QD');

    expect(await shakeHands(authority, client)).toBe('');
    const past = await authority.issueClient('G-0000', Start - 1_000);
    expect(await shakeHands(authority, past)).toBe('CERT_HAS_EXPIRED');
    const server = await authority.pageIdentity();
    expect(await shakeHands(authority, server)).toBe('INVALID_PURPOSE');
    const other = await openAuthority(mkdtempSync(join(directory, 'other-')), Options, clock);
    const stranger = await other.issueClient('G-7F3K92QD', until);
    expect(await shakeHands(authority, stranger)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  test('is refused for a name the authority was not made for: its key cannot speak for other sites', async () => {
    const validity = { from: Start - Day, until: Start + Day };
    const root = await makeAuthority('Penstock', [Name, 'localhost'], validity);
    const forged = await issueServer(root, ['bank.example'], validity);
    expect(await shakeHands({ certificate: root.certificate }, undefined, forged, 'bank.example')).toMatch(
      /permitted subtree/,
    );
    const own = await issueServer(root, [Name], validity);
    expect(await shakeHands({ certificate: root.certificate }, undefined, own, Name)).toBe('');
  });
});

/** Connects with TLS 1.3: what went wrong on either side, or ''. */
async function shakeHands(
  authority: Pick<Authority, 'certificate'> & Partial<Authority>,
  client: { readonly certificate: string; readonly key: string } | undefined,
  server?: { readonly certificate: string; readonly key: string },
  name = Name,
): Promise<string> {
  const shown = server ?? (await authority.carrierIdentity?.());
  const listener = createServer({
    ...{ cert: shown?.certificate, key: shown?.key, ca: authority.certificate, minVersion: 'TLSv1.3' },
    ...{ requestCert: client !== undefined, rejectUnauthorized: false },
  });
  let problem = '';
  listener.on('tlsClientError', (error) => {
    problem = error.message;
  });
  listener.on('secureConnection', (socket: TLSSocket) => {
    if (client !== undefined && !socket.authorized) problem = String(socket.authorizationError);
    socket.on('error', () => undefined);
    socket.end('hello');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const socket = connect({
    ...{ host: '127.0.0.1', port, servername: name, ca: authority.certificate },
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
  });
  socket.on('error', (error) => {
    problem ||= error.message;
  });
  socket.resume();
  await once(socket, 'close').catch(() => undefined);
  listener.close();
  return problem;
}

function withOtherKey(identity: Buffer): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return identity.toString().replace(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/, other);
}
