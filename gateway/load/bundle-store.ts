import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { readIfPresent, writeDurably } from './durable-file.ts';

/**
 * The bundles this box has taken up: the confirmed one, and the one before it. The confirmed bundle's
 * version is the anti-rollback mark, so it moves in one rename and only after every check has passed
 * (The Update Framework's lesson: never remember a version before it is verified).
 */
export interface BundleStore {
  /** The envelope now in force, or undefined on a new box. */
  readonly confirmed: () => Uint8Array | undefined;
  /** Makes an envelope the confirmed one and keeps the former as previous. */
  readonly confirm: (envelope: Uint8Array) => void;
}

/** @throws GatewayError PST_ERR_STATE_DIR from either method */
export function openBundleStore(stateDirectory: string): BundleStore {
  const confirmedFile = join(stateDirectory, 'bundles', 'confirmed.bundle');
  const previousFile = join(stateDirectory, 'bundles', 'previous.bundle');
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw new GatewayError('PST_ERR_STATE_DIR', stateDirectory, cause);
    }
  };
  return {
    confirmed: () => guarded(() => readIfPresent(confirmedFile)),
    confirm: (envelope) =>
      guarded(() => {
        const former = readIfPresent(confirmedFile);
        if (former !== undefined) writeDurably(previousFile, former);
        writeDurably(confirmedFile, envelope);
      }),
  };
}
