import { expect, test } from 'vitest';
import { connectLines, credentialsFile, type Entry } from '../../../gateway/broker/connect-lines.ts';

const targets = [
  { id: 'pumpco/plc-dosing.502', asset: 'plc-dosing', port: 502 },
  { id: 'pumpco/plc-intake.502', asset: 'plc-intake', port: 502 },
];
const tls = {
  carrier: 'tls',
  grant: 'G-7F3K92QD',
  host: 'penstock.plant.example',
  port: 8443,
  targets,
} as const;
const ssh = {
  carrier: 'ssh',
  grant: 'G-7F3K92QD',
  host: '203.0.113.4',
  port: 2222,
  person: 'service-1@pumpco.example',
  hostKey: 'ssh-ed25519 AAAAC3Nz',
  targets,
} as const;

test('each way over TLS names the credentials, the box and the target', async () => {
  await expect(told(tls)).toMatchFileSnapshot('../../golden/connect/tls.txt');
});

test('each way over SSH brings the host key with it and forwards every target', async () => {
  await expect(told(ssh)).toMatchFileSnapshot('../../golden/connect/ssh.txt');
});

test('an IPv6 address is written as the tools read it', () => {
  const [penstock] = connectLines({ ...tls, host: '2001:db8::7' });
  expect(penstock?.text).toContain('--to [2001:db8::7]:8443 ');
});

test('every target has a local port of its own', () => {
  const many = Array.from({ length: 16 }, (_, n) => ({ id: `v/a${n}.65535`, asset: `a${n}`, port: 65_535 }));
  const [line] = connectLines({ ...ssh, targets: many });
  const locals = [...(line?.text.matchAll(/-L 127\.0\.0\.1:(\d+):/g) ?? [])].map(([, port]) => Number(port));
  expect(new Set(locals).size).toBe(16);
  expect(locals.every((port) => port >= 1024 && port <= 65_535)).toBe(true);
});

test('the credentials are one file that ends each part with a line', () => {
  expect(credentialsFile({ certificate: 'A', key: 'B\n', authority: '\nC\n\n' })).toBe('A\nB\nC\n');
});

function told(entry: Entry): string {
  return connectLines(entry)
    .map(({ system, title, text }) => `${system} · ${title}\n${text}\n`)
    .join('\n');
}
