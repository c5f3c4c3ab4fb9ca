import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { readIfPresent, stageDurably, syncDirectory } from './durable-file.ts';

/**
 * The bundles this box has taken up. The confirmed bundle's version is the anti-rollback mark, so it moves in
 * one rename and only after every check has passed (The Update Framework's lesson: never remember a version
 * before it is verified). A policy that is yet to be confirmed lies beside it from before the kernel hears of
 * it: whoever finds it there after a crash or a power cut knows that nobody confirmed it.
 * @throws GatewayError PST_ERR_STATE_DIR from every method
 */
export interface BundleStore {
  /** The envelope confirmed last, or undefined on a new box. */
  readonly confirmed: () => Uint8Array | undefined;
  /** The envelope confirmed before that one: the only one `penstock rollback` returns to. */
  readonly previous: () => Uint8Array | undefined;
  /** What is in force, or is about to be, and was not confirmed; and whether it `waited` for a person to do that. */
  readonly pending: () => { readonly envelope: Uint8Array; readonly waited: boolean } | undefined;
  /** The envelope given up last: what is configured must not bring it back by itself. */
  readonly givenUp: () => Uint8Array | undefined;
  /**
   * Puts an envelope on the disk beside the others, which is where a full disk shows. What it returns makes it the
   * pending one, which `waits` for a person or is confirmed at once.
   */
  readonly stage: (envelope: Uint8Array, waits: boolean) => () => void;
  /** The pending one becomes the confirmed one, and that the previous one unless `isSame` policy, signed anew. */
  readonly confirm: (isSame: boolean) => void;
  /** The one that waited is in force no more. */
  readonly giveUp: () => void;
  /** The pending one is in force no more, and may come back by itself. */
  readonly discard: () => void;
}

/** Finishes what a power cut interrupted. @throws GatewayError PST_ERR_STATE_DIR from every method */
export function openBundleStore(stateDirectory: string): BundleStore {
  const directory = join(stateDirectory, 'bundles');
  const place = (name: string): string => join(directory, `${name}.bundle`);
  const confirmed = place('confirmed');
  const previous = place('previous');
  const former = place('former');
  /** One that waits for a person, and one that is about to be confirmed. */
  const waiting = place('pending');
  const taking = place('taking');
  const givenUp = place('given-up');
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw new GatewayError('PST_ERR_STATE_DIR', stateDirectory, cause);
    }
  };

  /**
   * `former` is a second name of the confirmed bundle while that is being replaced. Found later, it is the
   * previous one when the replacement was made, and nothing when it was not.
   */
  function settle(): void {
    const left = readIfPresent(former);
    if (left === undefined) return;
    const now = readIfPresent(confirmed);
    if (now !== undefined && !Buffer.from(left).equals(now)) renameSync(former, previous);
    rmSync(former, { force: true });
    syncDirectory(directory);
  }

  return {
    confirmed: () => guarded(() => readIfPresent(confirmed)),
    previous: () =>
      guarded(() => {
        settle();
        return readIfPresent(previous);
      }),
    pending: () =>
      guarded(() => {
        const waited = readIfPresent(waiting);
        const envelope = waited ?? readIfPresent(taking);
        return envelope === undefined ? undefined : { envelope, waited: waited !== undefined };
      }),
    givenUp: () => guarded(() => readIfPresent(givenUp)),
    stage: (envelope, waits) =>
      guarded(() => {
        const make = stageDurably(waits ? waiting : taking, envelope);
        return () =>
          guarded(() => {
            // One given up while the disk refused to move it must not be taken for this one.
            if (existsSync(waiting)) move(waiting, givenUp);
            make();
          });
      }),
    confirm: (isSame) =>
      guarded(() => {
        settle();
        if (!isSame && readIfPresent(confirmed) !== undefined) linkSync(confirmed, former);
        move(existsSync(waiting) ? waiting : taking, confirmed);
        settle();
      }),
    giveUp: () => guarded(() => move(waiting, givenUp)),
    discard: () =>
      guarded(() => {
        for (const file of [waiting, taking]) rmSync(file, { force: true });
        syncDirectory(directory);
      }),
  };

  function move(from: string, to: string): void {
    renameSync(from, to);
    syncDirectory(directory);
  }
}
