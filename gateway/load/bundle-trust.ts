import { createHash } from 'node:crypto';
import type { BundleTrust } from '../../rules/bundle/judge-bundle.ts';
import type { Config } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { GatewayRelease } from '../release.ts';
import { readTrustedKeys, signedBy, type TrustedKey } from './trusted-keys.ts';

/**
 * Whose bundles this box takes, and for whom they must be.
 * @throws GatewayError PST_ERR_KEY_READ; PST_ERR_CONFIG when there are fewer different keys than signatures asked for
 */
export function readBundleTrust(config: Config): BundleTrust<TrustedKey> {
  const keys = readTrustedKeys(config.trustedKeys);
  const different = new Set(keys.map(({ id }) => id)).size;
  if (different < config.signatures) {
    const problem = `signatures: ${config.signatures} are asked for, trusted_keys names ${different} different keys.`;
    throw new GatewayError('PST_ERR_CONFIG', `${config.file}: ${problem}`);
  }
  return {
    keys,
    signatures: config.signatures,
    verify: signedBy,
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    site: config.site,
    gateway: config.gateway,
    gatewayVersion: GatewayRelease,
  };
}
