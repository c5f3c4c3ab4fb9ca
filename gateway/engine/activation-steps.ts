import { type BundleTrust, judgeBundle, judgeConfirmedBundle } from '../../rules/bundle/judge-bundle.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Enforcement, OpenGate } from '../enforce/enforcement.ts';
import { GatewayError } from '../errors.ts';
import { openBundleStore } from '../load/bundle-store.ts';
import { testPolicy, testTable } from '../load/bundle-tests.ts';
import { createConfirmWindow } from '../load/confirm-window.ts';
import type { ActivationSteps } from '../load/steps.ts';
import type { TrustedKey } from '../load/trusted-keys.ts';
import type { Logger } from '../log.ts';
import type { GateLoop } from './gate-loop.ts';
import type { InspectorPool } from './inspector-pool.ts';
import type { Journal } from './journal.ts';
import type { ModeKeeper } from './mode-keeper.ts';
import { proxyListeners } from './proxy-listeners.ts';

/** Who takes part in bringing a policy into force. */
export interface ActivationParts {
  readonly config: Config;
  readonly trust: BundleTrust<TrustedKey>;
  readonly enforcement: Enforcement;
  readonly pool: InspectorPool;
  readonly gates: GateLoop;
  readonly modes: ModeKeeper;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What each step of an activation does on this box. */
export function activationSteps(parts: ActivationParts): ActivationSteps {
  const { config, trust, enforcement, pool, gates, modes, journal, clock, log } = parts;
  const isProxy = config.backEnd === 'proxy';
  /** The gates the ruleset was made with; those of the moment of activation may be others already. */
  let enforced: readonly OpenGate[] = [];
  return {
    store: openBundleStore(config.state),
    window: createConfirmWindow(clock.monotonic),
    wall: clock.wall,
    judge: (envelope, confirmed) => judgeBundle(envelope, trust, confirmed, clock.wall()),
    judgeConfirmed: (envelope) => judgeConfirmedBundle(envelope, trust),
    check: async (policy) => {
      const misfit = modes.fit(policy);
      if (misfit !== '') throw new GatewayError('PST_ERR_MODE_MISSING', misfit);
      if (isProxy) proxyListeners(config.listeners, policy);
      await enforcement.check(policy);
    },
    test: (policy) => testPolicy(policy, clock.wall()),
    prepare: pool.prepare,
    recordAccepted: journal.accepted,
    enforce: async (policy) => {
      // Going back to a policy must not fail for a mode that it does not have.
      modes.adopt(policy);
      const open = gates.judge(policy);
      await enforcement.apply(policy, open);
      enforced = open;
    },
    testTables: async (policy) => {
      const table = await enforcement.loaded();
      return table === undefined ? { run: 0, left: 0 } : testTable(policy, table, clock.wall());
    },
    activate: (digest, policy) => {
      if (isProxy) pool.setListeners(proxyListeners(config.listeners, policy));
      pool.activate(digest);
      pool.setGates(enforced, gates.tellsTime());
      gates.follow(policy, enforced);
      log.info({ version: policy.version, digest }, 'policy in force');
    },
    abandon: pool.abandon,
    withdraw: async () => {
      gates.stop();
      // First where nothing waits for a kernel: from here on nothing is permitted.
      if (isProxy) pool.setListeners([]);
      pool.withdraw();
      await enforcement.withdraw();
      log.warn('no policy is in force');
    },
    recordRejected: journal.rejected,
    recordConfirmed: journal.confirmed,
    recordRolledBack: journal.rolledBack,
    rollbackFailed: journal.rollbackFailed,
  };
}
