import { TableName } from '../../../rules/nft/ruleset.ts';
import { GatewayError } from '../../errors.ts';
import { closedCommands } from './closed-table.ts';
import type { Nft, NftCommand, NftObject } from './nft.ts';
import { differences, type Ruleset } from './ruleset.ts';
import { changeTable } from './table-change.ts';
import { readTable } from './table-model.ts';

/** A switch that was made. */
export interface Switched {
  /** Our table as it was before and as it is now, with their counts. */
  readonly before: readonly NftObject[];
  readonly after: readonly NftObject[];
  /** Puts the former one back; throws what {@link Nft.restore} throws. */
  readonly undo: () => Promise<void>;
}

/** Asks the kernel whether it would take the ruleset. @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD */
export function rehearse(nft: Nft, { fixed, additions }: Ruleset): Promise<void> {
  return nft.check([...fixed, ...additions]);
}

/**
 * Makes our table this ruleset in one transaction and reads it back. What is in both stays untouched, with
 * its counters; where that does not give the ruleset, the table is replaced whole. When the kernel then
 * still holds something else, the former table is put back: at boot that is the drop of
 * hardware/os/boot-drop.nft, which bears the same name.
 * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD, PST_ERR_NFT_READ_BACK
 */
export async function switchRuleset(nft: Nft, ruleset: Ruleset): Promise<Switched> {
  const former = await nft.snapshot(TableName);
  const undo = () => persist(() => (former === undefined ? nft.apply(closedCommands) : nft.restore(former)));
  const before = (await nft.listTable(TableName)) ?? [];
  let hasTouched = false;
  let failure: GatewayError | undefined;
  for (const commands of waysTo(ruleset, before)) {
    const attempt = await tryCommands(nft, ruleset, commands);
    if (attempt.ok) return { before, after: attempt.listed, undo };
    hasTouched ||= attempt.hasTouched;
    failure = attempt.failure;
    if (failure.code === 'PST_ERR_NFT_CHILD') break;
  }
  if (hasTouched) await undo();
  throw failure ?? new Error('there is always the way of replacing the table');
}

/**
 * Changes elements of the table that stands. A child that dies may have been heard before: the kernel tells then
 * whether it holds what comes `after`, for whoever goes on from the state before would put that back.
 * @throws GatewayError PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD; nothing has changed then
 */
export async function changeElements(
  nft: Nft,
  commands: readonly NftCommand[],
  after: () => Ruleset,
): Promise<void> {
  if (commands.length === 0) return;
  try {
    await nft.apply(commands);
  } catch (error) {
    if (!isChildDeath(error)) throw error;
    const listed = (await persist(() => nft.listTable(TableName))) ?? [];
    if (differences(after(), listed).length > 0) throw error;
  }
}

type Attempt =
  | { readonly ok: true; readonly listed: readonly NftObject[] }
  | { readonly ok: false; readonly failure: GatewayError; readonly hasTouched: boolean };

/** The gentle way, if there is one, and the thorough one. */
function waysTo(ruleset: Ruleset, before: readonly NftObject[]): readonly (readonly NftCommand[])[] {
  const whole = [...ruleset.fixed, ...ruleset.additions];
  if (before.length === 0) return [whole];
  const wanted = readTable(whole.flatMap((command) => ('add' in command ? [command.add] : [])));
  const change = changeTable(readTable(before), wanted);
  return change === undefined ? [whole] : [change, whole];
}

async function tryCommands(nft: Nft, ruleset: Ruleset, commands: readonly NftCommand[]): Promise<Attempt> {
  let death: GatewayError | undefined;
  try {
    if (commands.length > 0) await nft.apply(commands);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    // Refused is refused. A dead child may have been heard before it died: the kernel will tell.
    if (!isChildDeath(error)) return { ok: false, failure: error, hasTouched: false };
    death = error;
  }
  try {
    const listed = (await persist(() => nft.listTable(TableName))) ?? [];
    const [difference] = differences(ruleset, listed);
    if (difference === undefined) return { ok: true, listed };
    // A transaction is all or nothing: with a difference and a death it was nothing.
    const failure = death ?? new GatewayError('PST_ERR_NFT_READ_BACK', difference);
    return { ok: false, failure, hasTouched: death === undefined };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { ok: false, failure: error, hasTouched: true };
  }
}

/** Asks again when the child dies of it; only for what may be done twice. */
async function persist<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isChildDeath(error) || attempt === Attempts) throw error;
    }
  }
}

function isChildDeath(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'PST_ERR_NFT_CHILD';
}

const Attempts = 4;
