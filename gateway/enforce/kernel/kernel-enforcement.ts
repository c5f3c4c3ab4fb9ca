import { type ModeState, Normal } from '../../../rules/admission/mode.ts';
import { renderGates } from '../../../rules/nft/gates.ts';
import { type ModePlan, planModes, renderModeState, renderModeSwitch } from '../../../rules/nft/modes.ts';
import { TableName } from '../../../rules/nft/ruleset.ts';
import type { Policy } from '../../../rules/policy.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { GatewayError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Alarm, Enforcement, EnforcementCounts, LoadedTable, OpenGate } from '../enforcement.ts';
import { type BoxFacts, renderUsers } from './box-users.ts';
import { closedCommands, unforwardedCommands } from './closed-table.ts';
import type { DropSummary } from './drop-summary.ts';
import { type DropReader, startDropReader } from './drops.ts';
import { changeGates } from './gate-change.ts';
import { ip } from './ip-command.ts';
import { addCounts, asCounts, lostCounts, NoCounts, readCounts } from './kernel-counts.ts';
import type { Nft, NftObject } from './nft.ts';
import { startNft } from './nft-process.ts';
import { createRouting, type Routing } from './routing.ts';
import { differences, type Ruleset, readRuleset } from './ruleset.ts';
import { hearOfRulesets, type News } from './ruleset-news.ts';
import { changeElements, rehearse, type Switched, switchRuleset } from './ruleset-switch.ts';
import { sysctl } from './sysctl.ts';

/** What kernel enforcement works through; each has a fake that behaves. */
export interface KernelParts {
  readonly nft: Nft;
  /** Looks and changes nothing: listing ten thousand flows takes long, and a switch of the mode must not wait for it. */
  readonly looker: Nft;
  readonly routing: Routing;
  readonly drops: DropReader;
  /** Tells of every transaction of anybody. @throws Error where that cannot be had */
  readonly hear: (tell: () => void) => News;
  readonly clock: Clock;
}

/** Kernel enforcement in this process's network namespace: starts the nft child and the drop reader. */
export function createKernelEnforcement(
  options: BoxFacts & { readonly log: Logger; readonly onDrops: (summary: DropSummary) => void },
): Enforcement {
  const { log, onDrops } = options;
  const keepNft = (): Nft => startNft((how) => log.warn({ how }, 'the nft child ended; it is started again'));
  const parts: KernelParts = {
    nft: keepNft(),
    looker: keepNft(),
    routing: createRouting(ip, sysctl),
    drops: startDropReader(onDrops, (how) => log.warn({ how }, 'the drop reader ended; it is started again')),
    hear: hearOfRulesets,
    clock: systemClock,
  };
  return enforceByKernel(parts, options);
}

/** Kernel enforcement out of its parts. */
export function enforceByKernel(
  parts: KernelParts,
  box: BoxFacts & { readonly log: Pick<Logger, 'warn'> },
): Enforcement {
  const { nft, looker, routing, drops, hear, clock } = parts;
  let news: News | undefined;
  let running: Running | undefined;
  let routingProblems: readonly string[] = [];
  let routedAt = 0;
  /** Generation of the kernel's rulesets that was read before a listing without differences. */
  let soundGeneration: number | undefined;
  let carried = NoCounts;
  /** Brings back what stood before the first policy of this engine; undefined until there was one. */
  let undoFirst: (() => Promise<void>) | undefined;
  let mode: ModeState = Normal;
  let turn: Promise<unknown> = Promise.resolve();
  let begun = 0;
  let isBusy = false;

  /** Whole operations, not only single requests: nobody may compare a table that is being replaced. */
  function oneAtATime<T>(act: () => Promise<T>): Promise<T> {
    const done = turn.then(async () => {
      begun += 1;
      isBusy = true;
      return act().finally(() => {
        isBusy = false;
      });
    });
    turn = done.catch(() => undefined);
    return done;
  }

  /** Looks at the table without standing in the line; undefined where something was done to it meanwhile. */
  async function look<T>(at: () => Promise<T>): Promise<T | undefined> {
    await turn;
    if (isBusy) return undefined;
    const before = begun;
    const seen = await at();
    return begun === before ? seen : undefined;
  }

  function rulesetOf(policy: Policy, open: readonly OpenGate[]): Ruleset {
    return { fixed: readRuleset(policy.nft), additions: additionsOf(policy, planModes(policy), open, mode) };
  }

  function additionsOf(
    policy: Policy,
    modes: ModePlan,
    open: readonly OpenGate[],
    state: ModeState,
  ): Ruleset['additions'] {
    return [
      ...renderUsers(box, policy),
      ...renderGates(policy, open, clock.wall()),
      ...renderModeState(modes, state),
    ];
  }

  async function apply(policy: Policy, open: readonly OpenGate[]): Promise<void> {
    const renderedAt = clock.monotonic();
    const ruleset = rulesetOf(policy, open);
    let switched: Switched | undefined;
    try {
      await routing.prepare(policy);
      switched = await switchRuleset(nft, ruleset);
      if (clock.monotonic() - renderedAt > Prompt) await retime(policy, open, ruleset);
      // Forwarding is switched on in here: never before the ruleset has been read back.
      routingProblems = await routing.apply(policy);
      routedAt = clock.monotonic();
    } catch (error) {
      await switched?.undo();
      if (running !== undefined) await route(running.policy);
      throw error;
    }
    undoFirst ??= switched.undo;
    running = { policy, modes: planModes(policy), ruleset, open };
    carried = addCounts(carried, lostCounts(switched.before, switched.after));
  }

  /** The kernel counts from when it was told: what took long has given each gate as much more time. */
  async function retime(policy: Policy, open: readonly OpenGate[], ruleset: Ruleset): Promise<void> {
    const ending = open.filter(({ until }) => until !== 0);
    const late = ending.map(({ flow, until }) => ({ flow, until: until + 1 }));
    await changeElements(nft, changeGates(policy, late, ending, clock.wall()), () => ruleset);
  }

  /** A device that comes late or was down for a moment has lost its routes. */
  async function repairRouting(): Promise<void> {
    if (clock.monotonic() - routedAt < RoutingInterval) return;
    await oneAtATime(async () => running && route(running.policy));
  }

  async function route(policy: Policy): Promise<void> {
    routedAt = clock.monotonic();
    try {
      routingProblems = await routing.apply(policy);
    } catch (error) {
      routingProblems = [error instanceof Error ? error.message : String(error)];
    }
  }

  function alarms(): readonly Alarm[] {
    const routes = routingProblems.map((sentence) => ({ code: 'PST_ERR_ROUTING', sentence }) as const);
    const problem = drops.problem();
    if (problem === '') return routes;
    const sentence = `Dropped packets are counted but not told apart: ${problem}.`;
    return [...routes, { code: 'PST_ERR_KERNEL_FEATURE', sentence }];
  }

  async function setGates(open: readonly OpenGate[]): Promise<void> {
    if (running === undefined) throw new GatewayError('PST_ERR_NO_BUNDLE');
    const { policy, modes, ruleset, open: before } = running;
    const commands = changeGates(policy, before, open, clock.wall());
    const after = { ...ruleset, additions: additionsOf(policy, modes, open, mode) };
    await changeElements(nft, commands, () => after);
    running = { policy, modes, ruleset: after, open };
  }

  async function setMode(next: ModeState): Promise<void> {
    if (running !== undefined) {
      const { policy, modes, ruleset, open } = running;
      // Rendered after the switch: whoever cuts a plant off does not wait for it.
      const after = () => ({ ...ruleset, additions: additionsOf(policy, modes, open, next) });
      await changeElements(nft, renderModeSwitch(modes, mode, next), after);
      running = { ...running, ruleset: after() };
    }
    mode = next;
  }

  async function loaded(): Promise<LoadedTable> {
    return { objects: await listed(nft), mode, open: running?.open ?? [] };
  }

  async function withdraw(): Promise<void> {
    await (undoFirst?.() ?? nft.apply(closedCommands));
    undoFirst = undefined;
    running = undefined;
  }

  async function verify(): Promise<readonly string[]> {
    if (running === undefined) return [];
    await repairRouting();
    const seen = await look(async () => {
      // Listing costs in proportion to the policy; a kernel nobody has spoken to since is the same.
      const generation = await looker.generation();
      return generation === soundGeneration ? undefined : { generation, table: await listed(looker) };
    });
    if (running === undefined || seen === undefined) return [];
    const found = differences(running.ruleset, seen.table);
    soundGeneration = found.length === 0 ? seen.generation : undefined;
    return found;
  }

  /** Only a hint: where it cannot be had, a change is found by the looks that are taken anyway. */
  function onTouch(tell: () => void): void {
    news?.close();
    news = undefined;
    try {
      news = hear(tell);
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      box.log.warn(
        { problem },
        'the kernel does not tell of changed rulesets; they are found a little later',
      );
    }
  }

  async function counts(): Promise<EnforcementCounts> {
    const table = (await look(() => listed(looker))) ?? (await oneAtATime(() => listed(nft)));
    return asCounts(addCounts(carried, readCounts(table)));
  }

  return {
    backEnd: 'kernel',
    holdShut: () =>
      oneAtATime(async () => {
        // The system may forward already, e.g. where the gateway is tried out without the boot-time drop.
        if ((await nft.listTable(TableName)) === undefined) await nft.apply(unforwardedCommands);
      }),
    check: async (policy) => rehearse(nft, rulesetOf(policy, [])),
    apply: (policy, open) => oneAtATime(() => apply(policy, open)),
    setGates: (open) => oneAtATime(() => setGates(open)),
    setMode: (name, reopened) => oneAtATime(() => setMode({ mode: name, reopened })),
    loaded: () => oneAtATime(loaded),
    withdraw: () => oneAtATime(withdraw),
    verify,
    onTouch,
    counts,
    state: () => ({
      nftChild: nft.state() === 'up' && looker.state() === 'up' ? 'up' : 'down',
      alarms: alarms(),
    }),
    close: () => {
      news?.close();
      nft.close();
      looker.close();
      drops.close();
    },
  };
}

async function listed(nft: Nft): Promise<readonly NftObject[]> {
  return (await nft.listTable(TableName)) ?? [];
}

interface Running {
  readonly policy: Policy;
  readonly modes: ModePlan;
  readonly ruleset: Ruleset;
  readonly open: readonly OpenGate[];
}

/** Milliseconds between rendering and holding that no end is put right for. */
const Prompt = 250;

/** How often routes and settings are looked at beside the ruleset, milliseconds. */
const RoutingInterval = 10_000;
