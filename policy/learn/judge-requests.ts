import { BroadcastUnit } from '../../rules/modbus/message/access.ts';
import { functionCode } from '../../rules/modbus/message/function-code.ts';
import { type Reason, Reasons } from '../../rules/reason.ts';
import type { Asset } from '../model/zone-model.ts';
import type { LearnOptions } from './propose.ts';
import type { SeenRequests } from './sightings.ts';

/** Functions whose effect a permission can bound to exactly what was seen. */
export const Readable: readonly number[] = [1, 2, 3, 4];
export const Writable: readonly number[] = [5, 6, 15, 16];

/** Why nothing is proposed for these requests; undefined where something may be. */
export function whyNotRequests(seen: SeenRequests, server: Asset, options: LearnOptions): string | undefined {
  const { functionCode: code, unit, count, answers, values, reason } = seen;
  const writes = Writable.includes(code);
  if (!writes && !Readable.includes(code)) {
    const name = functionCode(code)?.name ?? 'a function of the vendor';
    return `What function code ${code} (${name}) does cannot be bounded by what was seen of it: a person decides.`;
  }
  if (writes && (server.zone.kind === 'safety' || server.sif))
    return 'Nothing may write into a safety zone from outside (62443-3-2 ZCR 3.3).';
  if (writes && unit === BroadcastUnit && server.modbus.kind === 'serial-gateway')
    return 'A broadcast writes to every unit of the line, and none of them answers.';
  if (Guards.includes(reason))
    return `A limit of the permission stopped it: ${Reasons[reason].sentence} Change that limit by hand if it is wrong.`;
  if (!Learnable.includes(reason)) return Reasons[reason].sentence;
  if (answers !== undefined && answers.data === 0)
    return answers.exceptions > 0 ? 'The server itself refused it.' : 'Nobody was seen to answer it.';
  if (writes && values === undefined) return 'Not all of what it wrote is on record, so nothing bounds it.';
  if (count < options.minCount) return `It was seen ${count} times; ${options.minCount} are asked for.`;
  return undefined;
}

/** Refused because a permission that has the place says no: to add another one beside it would undo its limit. */
const Guards: readonly Reason[] = [
  'value-out-of-range',
  'quantity-out-of-range',
  'torn-write',
  'step-too-large',
  'drift-too-large',
  'too-soon',
  'budget-spent',
  'state-unknown',
  'interlock',
  'alias-guarded',
  'rate-exceeded',
  'read-budget-spent',
  'too-many-exceptions',
];

/** Refused because nobody has said anything about it. */
const Learnable: readonly Reason[] = [
  'no-conduit',
  'no-flow',
  'fc-not-allowed',
  'unit-not-allowed',
  'address-out-of-range',
];
