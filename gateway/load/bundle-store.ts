import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { readIfPresent, stageDurably } from './durable-file.ts';

/**
 * The bundles this box has taken up: the confirmed one, and the one before it. The confirmed bundle's
 * version is the anti-rollback mark, so it moves in one rename and only after every check has passed
 * (The Update Framework's lesson: never remember a version before it is verified).
 */
export interface BundleStore {
  /** The envelope now in force, or undefined on a new box. */
  readonly confirmed: () => Uint8Array | undefined;
  /**
   * Puts an envelope on the disk beside the confirmed one, which is where a full disk shows. What it
   * returns makes it the confirmed one and keeps the former as previous.
   */
  readonly stage: (envelope: Uint8Array) => () => void;
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
    stage: (envelope) =>
      guarded(() => {
        const former = readIfPresent(confirmedFile);
        const keepFormer = former === undefined ? undefined : stageDurably(previousFile, former);
        const confirm = stageDurably(confirmedFile, envelope);
        return () =>
          guarded(() => {
            keepFormer?.();
            confirm();
          });
      }),
  };
}
