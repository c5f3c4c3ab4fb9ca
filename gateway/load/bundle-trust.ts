import { createHash } from 'node:crypto';
import type { BundleTrust } from '../../rules/bundle/judge-bundle.ts';
import type { Config } from '../config.ts';
import { GatewayRelease } from '../release.ts';
import { readTrustedKeys, signedBy, type TrustedKey } from './trusted-keys.ts';

/** Whose bundles this box takes, and for whom they must be. @throws GatewayError PST_ERR_KEY_READ */
export function readBundleTrust(config: Config): BundleTrust<TrustedKey> {
  return {
    keys: readTrustedKeys(config.trustedKeys),
    verify: signedBy,
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    site: config.site,
    gateway: config.gateway,
    gatewayVersion: GatewayRelease,
  };
}
