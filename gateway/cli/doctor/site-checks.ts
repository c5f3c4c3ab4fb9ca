import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Judgement, judgeConfirmedBundle } from '../../../rules/bundle/judge-bundle.ts';
import type { Config, SocketAddress } from '../../config.ts';
import { GatewayError } from '../../errors.ts';
import { openBundleStore } from '../../load/bundle-store.ts';
import { readTrustedKeys, signedBy, type TrustedKey } from '../../load/trusted-keys.ts';
import { GatewayRelease } from '../../release.ts';
import { findAccount } from '../../run/account.ts';
import { controlSocket } from '../../run/processes.ts';
import { type Check, good, lacking, note } from './check.ts';

/** The trusted keys, each readable and public. */
export function checkKeys(config: Config): {
  readonly check: Check;
  readonly keys: readonly TrustedKey[];
} {
  try {
    const keys = readTrustedKeys(config.trustedKeys);
    return { check: good('keys', 'Trusted keys', `${keys.length}`), keys };
  } catch (error) {
    return { check: fromError('keys', 'Trusted keys', error), keys: [] };
  }
}

/** The bundle this box would enforce at its start, whatever its dates. */
export function checkBundle(
  config: Config,
  keys: readonly TrustedKey[],
): { readonly check: Check; readonly judgement: Judgement | undefined } {
  const what = 'Bundle';
  let envelope: Uint8Array | undefined;
  try {
    envelope = openBundleStore(config.state).confirmed() ?? readBundle(config.bundle);
  } catch (error) {
    return { check: fromError('bundle', what, error), judgement: undefined };
  }
  if (envelope === undefined) {
    const check = note(
      'bundle',
      what,
      'none',
      'Everything stays closed until there is one.',
      'Compile one with penstock compile and hand it over with penstock apply.',
    );
    return { check, judgement: undefined };
  }
  const judgement = judgeConfirmedBundle(envelope, {
    keys,
    signatures: config.signatures,
    verify: signedBy,
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    site: config.site,
    gateway: config.gateway,
    gatewayVersion: GatewayRelease,
  });
  const check = judgement.ok
    ? good('bundle', what, `version ${judgement.policy.version}, ${judgement.policy.flows.length} flows`)
    : lacking('bundle', what, judgement.code, 'configured', judgement.message, judgement.remedy);
  return { check, judgement };
}

/** The accounts the processes are to run under. */
export function checkUsers(config: Config): readonly Check[] {
  const what = 'Users';
  if (config.users === undefined) {
    const meaning = 'The processes keep apart by their capabilities only, and share an account.';
    const remedy = 'Name users in gateway.yaml; hardware/install.sh makes them.';
    return config.backEnd === 'kernel' ? [note('users', what, 'none configured', meaning, remedy)] : [];
  }
  try {
    const names = [config.users.engine, config.users.inspector, config.users.front];
    for (const name of names) findAccount(name);
    return [good('users', what, names.join(', '))];
  } catch (error) {
    return [fromError('users', what, error)];
  }
}

/** Whether page, metrics and the proxy's listeners can listen where they are told to. */
export async function checkListeners(config: Config): Promise<readonly Check[]> {
  const what = 'Listeners';
  if (existsSync(controlSocket(config))) return [good('listeners', what, 'in use by the running gateway')];
  const wanted = [config.page, config.metrics, ...config.listeners.map(({ listen }) => listen)];
  const refused = (await Promise.all(wanted.map(tryListening))).filter((problem) => problem !== '');
  if (refused.length === 0) return [good('listeners', what, `${wanted.length} free`)];
  return refused.map((problem) =>
    lacking(
      'listeners',
      what,
      problem,
      'configured',
      'A process of the gateway cannot listen where gateway.yaml says.',
      'Choose another address or port there, or stop what uses it.',
    ),
  );
}

/** A system error as a check; its own sentence and remedy say it best. */
export function fromError(code: string, what: string, error: unknown): Check {
  if (!(error instanceof GatewayError)) throw error;
  return lacking(code, what, error.code, 'configured', error.message, error.remedy);
}

function readBundle(file: string | undefined): Uint8Array | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new GatewayError('PST_ERR_CONFIG', `bundle: ${file} cannot be read.`, cause);
  }
}

function tryListening({ address, port }: SocketAddress): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`${address}:${port} ${Problems[error.code ?? ''] ?? error.message}`),
    );
    server.listen({ host: address, port }, () => server.close(() => resolve('')));
  });
}

const Problems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken',
  EADDRNOTAVAIL: 'is not an address of this box',
  EACCES: 'is not for this user',
};
