import { type BundleTrust, judgeConfirmedBundle } from '../../rules/bundle/judge-bundle.ts';
import type { Act } from '../../rules/record/record.ts';
import { type Config, readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { TrustBody } from '../ipc/life-body.ts';
import { readBundleTrust } from '../load/bundle-trust.ts';
import { releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import { compareTrust, readTrustMemory, writeTrustMemory } from '../load/trust-memory.ts';
import { readTrustedKeys, type TrustedKey } from '../load/trusted-keys.ts';

/** The keys that policies may be signed with, as gateway.yaml has them now. */
export interface TrustBook {
  /** Always says what holds at the moment it is asked. */
  readonly trust: BundleTrust<TrustedKey>;
  /**
   * Reads gateway.yaml again and takes over its trusted keys, each that came or went on record before it counts. Which
   * keys that sign releases came or went is put on record only: they count for `penstock update`.
   * @throws GatewayError PST_ERR_CONFIG_READ, PST_ERR_CONFIG, PST_ERR_KEY_READ, PST_ERR_TRUST where the confirmed policy
   * would not be trusted any more; all stays then, and nothing is on record
   */
  readonly look: (by: string, record: RecordAct) => Promise<TrustBody['changed']>;
}

/** Resolves when it is on the medium. Rejects with PST_ERR_EVIDENCE. */
export type RecordAct = (act: Act) => Promise<void>;

export interface TrustBookOptions {
  readonly config: Config;
  /** The bundle confirmed last. */
  readonly confirmed: () => Uint8Array | undefined;
  readonly wall: () => number;
}

/** @throws GatewayError PST_ERR_KEY_READ, PST_ERR_CONFIG */
export function openTrustBook({ config, confirmed, wall }: TrustBookOptions): TrustBook {
  let current = readBundleTrust(config);

  async function look(by: string, record: RecordAct): Promise<TrustBody['changed']> {
    const next = readBundleTrust(readConfig(config.file));
    const nextReleases = releaseKeys(config);
    const envelope = confirmed();
    const holds = (trust: BundleTrust<TrustedKey>): boolean =>
      envelope === undefined || judgeConfirmedBundle(envelope, trust).ok;
    if (holds(current) && !holds(next)) throw new GatewayError('PST_ERR_TRUST');
    const before = readTrustMemory(config.state);
    const policies = compareTrust(before, next.keys, wall());
    const releases = compareTrust(before?.releases, nextReleases, wall());
    const changed = [
      ...policies.steps.map((step) => ({ ...step, use: '' })),
      ...releases.steps.map((step) => ({ ...step, use: 'releases' })),
    ];
    for (const step of changed) await record({ kind: 'trustChanged', ...step, by });
    writeTrustMemory(config.state, { form: 1, ...policies.memory, releases: releases.memory });
    current = next;
    return changed;
  }

  return {
    trust: {
      get keys() {
        return current.keys;
      },
      get signatures() {
        return current.signatures;
      },
      verify: current.verify,
      sha256: current.sha256,
      site: current.site,
      gateway: current.gateway,
      gatewayVersion: current.gatewayVersion,
    },
    look,
  };
}

/** @throws GatewayError PST_ERR_KEY_READ, also where the directory cannot be listed */
function releaseKeys(config: Config): readonly TrustedKey[] {
  const directory = releaseKeyDirectory(config);
  try {
    return readTrustedKeys(releaseKeyFiles(directory));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('PST_ERR_KEY_READ', `${directory} cannot be listed.`, cause);
  }
}
