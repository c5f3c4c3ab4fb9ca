import { renderGates } from '../../../rules/nft/gates.ts';
import { TableName } from '../../../rules/nft/ruleset.ts';
import type { Policy } from '../../../rules/policy.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { GatewayError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Alarm, Enforcement, EnforcementCounts, OpenGate } from '../enforcement.ts';
import { type BoxFacts, renderBarredUsers } from './barred-users.ts';
import type { DropSummary } from './drop-summary.ts';
import { type DropReader, startDropReader } from './drops.ts';
import { ip } from './ip-command.ts';
import { addCounts, asCounts, NoCounts, readCounts } from './kernel-counts.ts';
import type { Nft } from './nft.ts';
import { startNft } from './nft-process.ts';
import { createRouting, type Routing } from './routing.ts';
import { differences, type Ruleset, readRuleset } from './ruleset.ts';
import { rehearse, switchRuleset } from './ruleset-switch.ts';
import { sysctl } from './sysctl.ts';

/** What kernel enforcement works through; each has a fake that behaves. */
export interface KernelParts {
  readonly nft: Nft;
  readonly routing: Routing;
  readonly drops: DropReader;
  readonly clock: Clock;
}

/** Kernel enforcement in this process's network namespace: starts the nft child and the drop reader. */
export function createKernelEnforcement(
  options: BoxFacts & { readonly log: Logger; readonly onDrops?: (summary: DropSummary) => void },
): Enforcement {
  const { log, onDrops = () => undefined } = options;
  const parts: KernelParts = {
    nft: startNft(),
    routing: createRouting(ip, sysctl),
    drops: startDropReader(onDrops),
    clock: systemClock,
  };
  return enforceByKernel(parts, options, (what) => log.warn(what));
}

/** Kernel enforcement out of its parts. `warn` is told what went wrong while undoing something. */
export function enforceByKernel(
  { nft, routing, drops, clock }: KernelParts,
  box: BoxFacts,
  warn: (sentence: string) => void,
): Enforcement {
  let running: { readonly policy: Policy; readonly ruleset: Ruleset } | undefined;
  let missingDevices: readonly string[] = [];
  let carried = NoCounts;
  let turn: Promise<unknown> = Promise.resolve();

  /** Whole operations, not only single requests: nobody may compare a table that is being replaced. */
  function oneAtATime<T>(act: () => Promise<T>): Promise<T> {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  }

  function rulesetOf(policy: Policy, open: readonly OpenGate[]): Ruleset {
    const additions = [...renderBarredUsers(box), ...renderGates(policy, open, clock.wall())];
    return { fixed: readRuleset(policy.nft), additions };
  }

  async function apply(policy: Policy, open: readonly OpenGate[]): Promise<void> {
    const ruleset = rulesetOf(policy, open);
    const { replaced, undo } = await switchRuleset(nft, ruleset);
    try {
      // Forwarding is switched on in here: never before the ruleset has been read back.
      missingDevices = await routing.apply(policy);
    } catch (error) {
      await undo();
      await routeAgain();
      throw error;
    }
    running = { policy, ruleset };
    // The last packets before the switch, after the listing, are not counted.
    if (replaced !== undefined) carried = addCounts(carried, readCounts(replaced));
  }

  async function routeAgain(): Promise<void> {
    if (running === undefined) return;
    try {
      await routing.apply(running.policy);
    } catch (error) {
      warn(`The former routes could not be put back: ${String(error)}`);
    }
  }

  function alarms(): readonly Alarm[] {
    const routes = missingDevices.map((sentence) => ({ code: 'PST_ERR_ROUTING', sentence }) as const);
    const problem = drops.problem();
    if (problem === '') return routes;
    const sentence = `Dropped packets are counted but not told apart: ${problem}.`;
    return [...routes, { code: 'PST_ERR_KERNEL_FEATURE', sentence }];
  }

  async function setGates(open: readonly OpenGate[]): Promise<void> {
    if (running === undefined) throw new GatewayError('PST_ERR_NO_BUNDLE');
    const { policy, ruleset } = running;
    const gates = renderGates(policy, open, clock.wall());
    await nft.apply(gates);
    running = { policy, ruleset: { ...ruleset, additions: [...renderBarredUsers(box), ...gates] } };
  }

  async function verify(): Promise<readonly string[]> {
    if (running === undefined) return [];
    return differences(running.ruleset, (await nft.listTable(TableName)) ?? []);
  }

  async function counts(): Promise<EnforcementCounts> {
    return asCounts(addCounts(carried, readCounts((await nft.listTable(TableName)) ?? [])));
  }

  return {
    backEnd: 'kernel',
    check: async (policy) => rehearse(nft, rulesetOf(policy, [])),
    apply: (policy, open) => oneAtATime(() => apply(policy, open)),
    setGates: (open) => oneAtATime(() => setGates(open)),
    verify: () => oneAtATime(verify),
    counts: () => oneAtATime(counts),
    state: () => ({ nftChild: nft.state(), alarms: alarms() }),
    close: () => {
      nft.close();
      drops.close();
    },
  };
}
