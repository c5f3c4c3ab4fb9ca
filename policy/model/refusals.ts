import type { RefusalRule } from '../../rules/modbus/profile.ts';
import type { Reason } from '../../rules/reason.ts';

/** What the client of a refused request may see. */
export const RefusalActions = [
  'exception',
  'drop',
  'exception-close',
  'reset',
] as const satisfies readonly RefusalRule['action'][];

/** Reasons for which a request is answered with an exception, so that its code can be chosen. */
export const AnsweredReasons = [
  'fc-not-allowed',
  'sub-function-not-allowed',
  'unit-not-allowed',
  'address-out-of-range',
  'file-out-of-range',
  'quantity-out-of-range',
  'size-out-of-range',
  'value-out-of-range',
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
] as const satisfies readonly Reason[];
