import type { Judgement } from '../../rules/bundle/judge-bundle.ts';
import { GatewayError } from '../errors.ts';
import type { Activation } from '../load/activation.ts';
import type { BundleStore } from '../load/bundle-store.ts';
import { readIfPresent } from '../load/durable-file.ts';
import type { ActivationResult } from '../load/outcome.ts';
import type { Rejection } from '../load/steps.ts';
import type { Logger } from '../log.ts';

/** How the gateway comes to a policy by itself after a start. */
export interface TakeUp {
  /** The confirmed bundle, then the configured one where it is newer and was never taken back. Resolves after the first try. */
  readonly begin: () => Promise<void>;
  readonly stop: () => void;
}

export interface TakeUpOptions {
  readonly activation: Activation;
  /** Path of the configured bundle. */
  readonly configured: string | undefined;
  readonly judge: (envelope: Uint8Array) => Judgement;
  readonly store: Pick<BundleStore, 'givenUp' | 'previous'>;
  readonly rejected: (rejection: Rejection, by: string) => void;
  readonly log: Logger;
}

/**
 * Tries again for as long as no policy is in force and only the system stands in the way, as a device that
 * comes up late does; what is wrong with a bundle itself does not mend by waiting.
 */
export function createTakeUp(options: TakeUpOptions): TakeUp {
  const { activation, configured, judge, store, rejected, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function attempt(): Promise<void> {
    const results = [await activation.resume(), await takeConfigured()];
    if (activation.active() !== undefined || stopped || !results.some(isObstacle)) return;
    timer = setTimeout(() => void attempt(), RetryInterval);
  }

  /** It may be the one in force already, an older one after an apply, or a newer one. */
  async function takeConfigured(): Promise<ActivationResult | undefined> {
    if (configured === undefined) return undefined;
    const envelope = read(configured);
    if (envelope === undefined) return undefined;
    const judged = judge(envelope);
    const running = activation.active();
    if (judged.ok && running !== undefined) {
      if (judged.digest === running.digest) return undefined;
      if (judged.policy.version < running.policy.version) {
        const versions = { configured: judged.policy.version, running: running.policy.version };
        log.info(versions, 'the configured bundle is older than the policy in force, which stays');
        return undefined;
      }
    }
    if (judged.ok && wasTakenBack(judged.policy.version)) {
      const { version } = judged.policy;
      const why = 'the configured bundle, or a newer one, was rolled back; only penstock apply brings it';
      log.warn({ version }, why);
      return undefined;
    }
    // Nobody is there to confirm it.
    return activation.apply(envelope, { by: configured, confirmWithin: 0 });
  }

  /**
   * What nobody confirmed, or a person went back from, must not return with the next start. Of those only the last
   * is known here: whoever went back from a newer one went back from what came before it as well.
   */
  function wasTakenBack(version: number): boolean {
    return [store.givenUp, store.previous].some((kept) => {
      const judged = readKept(kept);
      return judged?.ok === true && judged.policy.version >= version;
    });
  }

  function readKept(kept: () => Uint8Array | undefined): Judgement | undefined {
    try {
      const envelope = kept();
      return envelope === undefined ? undefined : judge(envelope);
    } catch (cause) {
      if (cause instanceof GatewayError) return undefined;
      throw cause;
    }
  }

  function read(file: string): Uint8Array | undefined {
    try {
      const envelope = readIfPresent(file);
      if (envelope === undefined) log.warn({ file }, 'the configured bundle is not there');
      return envelope;
    } catch (cause) {
      rejected(new GatewayError('PST_ERR_BUNDLE_READ', `${file}.`, cause), file);
      return undefined;
    }
  }

  return {
    begin: async () => {
      await attempt();
      if (activation.active() === undefined) log.error(new GatewayError('PST_ERR_NO_BUNDLE').message);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function isObstacle(result: ActivationResult | undefined): boolean {
  return result?.ok === false && result.rejection.code.startsWith('PST_ERR_');
}

/** Milliseconds. */
const RetryInterval = 5_000;
