import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePolicy } from '../../../rules/bundle/codec.ts';
import { decodeEnvelope } from '../../../rules/bundle/envelope.ts';
import type { Policy } from '../../../rules/policy.ts';
import { type Outcome, run } from './exec.ts';

/** A site on disk: a model, a key pair, a compiled bundle. */
export interface Site {
  readonly folder: string;
  readonly gateway: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly bundle: string;
  readonly policy: Policy;
}

export const PenstockCommand: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../../gateway/cli/penstock.ts', import.meta.url)),
];

/** Makes keys and compiles the model for one gateway; throws with the findings when it does not compile. */
export async function makeSite(folder: string, model: string, gateway: string): Promise<Site> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const publicKey = join(folder, 'site.pub.pem');
  const privateKey = join(folder, 'site.key.pem');
  const pair = generateKeyPairSync('ed25519');
  writeFileSync(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const bundle = join(folder, 'plant.bundle');
  await compileBundle({ model, gateway, privateKey, bundle });
  return { folder, gateway, publicKey, privateKey, bundle, policy: readPolicy(bundle) };
}

/** `penstock compile`; throws with what it said when it refuses. */
export async function compileBundle(options: {
  readonly model: string;
  readonly gateway: string;
  readonly privateKey: string;
  readonly bundle: string;
}): Promise<void> {
  const { model, gateway, privateKey, bundle } = options;
  // Valid from yesterday on, whatever day it is and whenever the model was reviewed.
  const notBefore = new Date(Date.now() - 86_400_000).toISOString();
  const names = ['--gateway', gateway, '--key', privateKey, '--out', bundle];
  const said = await penstock('compile', model, ...names, '--not-before', notBefore);
  if (said.status !== 0)
    throw new Error(`penstock compile ${model}: ${said.status}\n${said.stdout}${said.stderr}`);
}

/** Runs the command line outside of every namespace. */
export function penstock(...args: readonly string[]): Promise<Outcome> {
  return run([...PenstockCommand, ...args]);
}

/** The policy inside a bundle, unverified: it is ours. */
export function readPolicy(bundle: string): Policy {
  const envelope = decodeEnvelope(readFileSync(bundle));
  if (envelope === undefined) throw new Error(`${bundle} is no bundle`);
  const decoded = decodePolicy(envelope.payload);
  if (!decoded.ok) throw new Error(`${bundle}: ${decoded.message}`);
  return decoded.policy;
}

/** Writes gateway.yaml for the kernel back end, the page and metrics on the box's own loopback. */
export function writeGatewayConfig(site: Site, extra: readonly string[] = []): string {
  const file = join(site.folder, 'gateway.yaml');
  const lines = [
    'back_end: kernel',
    `site: ${site.policy.site}`,
    `gateway: ${site.gateway}`,
    `trusted_keys: [${site.publicKey}]`,
    `bundle: ${site.bundle}`,
    `state: ${join(site.folder, 'state')}`,
    `run: ${join(site.folder, 'run')}`,
    'page: {listen: "127.0.0.1:8080"}',
    'metrics: {listen: "127.0.0.1:9464"}',
    ...(codeIsPublic() ? ['users: {engine: "64811", inspector: "64812", front: "64813"}'] : []),
    ...extra,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Accounts of their own can only run code that they can read; a checkout below /root they cannot. */
function codeIsPublic(): boolean {
  const parts = fileURLToPath(new URL('../../..', import.meta.url))
    .split('/')
    .filter(Boolean);
  return parts.every((_, index) => {
    const folder = `/${parts.slice(0, index + 1).join('/')}`;
    return (statSync(folder).mode & 0o001) !== 0;
  });
}
