import { TableName } from '../../../rules/nft/ruleset.ts';
import type { NftCommand, NftElement } from '../../../rules/nft/schema.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { OpenGate } from '../enforcement.ts';

/** What of this box the ruleset must know and a bundle cannot. */
export interface BoxFacts {
  /** User of the front, which may open no connection into any zone; undefined where it has no own user. */
  readonly frontUid: number | undefined;
}

/**
 * The elements the engine adds to the static ruleset: which gated flows are open and for how long. The
 * whole set each time, in one transaction with its flush: changing an element's end does nothing on older
 * kernels, and deleting one that has just ended would fail the transaction.
 * @param now wall clock, milliseconds
 */
export function gateCommands(policy: Policy, open: readonly OpenGate[], now: number): readonly NftCommand[] {
  const elements = policy.flows.flatMap((flow) => {
    const gate = open.find((one) => one.flow === flow.id);
    const element = gate === undefined ? undefined : timed(flow.number, gate.until, now);
    return element === undefined ? [] : [element];
  });
  return replaceElements('alive', elements);
}

/** The users whose processes the output chain bars from every zone. */
export function boxCommands({ frontUid }: BoxFacts): readonly NftCommand[] {
  return replaceElements('barred', frontUid === undefined ? [] : [frontUid]);
}

function replaceElements(set: string, elem: readonly NftElement[]): readonly NftCommand[] {
  const target = { family: 'inet', table: TableName, name: set } as const;
  const flush: NftCommand = { flush: { set: target } };
  return elem.length === 0 ? [flush] : [flush, { add: { element: { ...target, elem: [...elem] } } }];
}

/**
 * An element that ends by itself, whoever is dead by then. nft's JSON takes whole seconds, so it ends up to
 * one second early and never late; undefined when nothing is left. `until` 0 stands for no end.
 */
function timed(val: number, until: number, now: number): NftElement | undefined {
  if (until === 0) return val;
  const timeout = Math.floor((until - now) / 1000);
  return timeout < 1 ? undefined : { elem: { val, timeout } };
}
