import { type BundleTrust, judgeBundle, judgeConfirmedBundle } from '../../rules/bundle/judge-bundle.ts';
import type { Config } from '../config.ts';
import type { Enforcement, OpenGate } from '../enforce/enforcement.ts';
import type { ActivationSteps } from '../load/activation.ts';
import { openBundleStore } from '../load/bundle-store.ts';
import type { TrustedKey } from '../load/trusted-keys.ts';
import type { Logger } from '../log.ts';
import type { GateLoop } from './gate-loop.ts';
import type { InspectorPool } from './inspector-pool.ts';
import type { Journal } from './journal.ts';
import { proxyListeners } from './proxy-listeners.ts';

/** Who takes part in bringing a policy into force. */
export interface ActivationParts {
  readonly config: Config;
  readonly trust: BundleTrust<TrustedKey>;
  readonly enforcement: Enforcement;
  readonly pool: InspectorPool;
  readonly gates: GateLoop;
  readonly journal: Journal;
  readonly wall: () => number;
  readonly log: Logger;
}

/** What each step of an activation does on this box. */
export function activationSteps(parts: ActivationParts): ActivationSteps {
  const { config, trust, enforcement, pool, gates, journal, wall, log } = parts;
  const isProxy = config.backEnd === 'proxy';
  /** The gates the ruleset was made with; those of the moment of activation may be others already. */
  let enforced: readonly OpenGate[] = [];
  return {
    store: openBundleStore(config.state),
    wall,
    judge: (envelope, confirmed) => judgeBundle(envelope, trust, confirmed, wall()),
    judgeConfirmed: (envelope) => judgeConfirmedBundle(envelope, trust),
    check: async (policy) => {
      if (isProxy) proxyListeners(config.listeners, policy);
      await enforcement.check(policy);
    },
    prepare: pool.prepare,
    recordAccepted: journal.accepted,
    enforce: async (policy) => {
      const open = gates.judge(policy);
      await enforcement.apply(policy, open);
      enforced = open;
    },
    activate: (digest, policy) => {
      if (isProxy) pool.setListeners(proxyListeners(config.listeners, policy));
      pool.activate(digest);
      pool.setGates(enforced, gates.tellsTime());
      gates.follow(policy, enforced);
      log.info({ version: policy.version, digest }, 'policy in force');
    },
    abandon: pool.abandon,
    recordRejected: journal.rejected,
  };
}
