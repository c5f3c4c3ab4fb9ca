import type { Reason } from '../../reason.ts';
import type { Permission, Verdict } from '../../verdict.ts';
import { ExceptionCode } from '../message/exception-code.ts';
import type { RefusalRule } from '../profile.ts';

/** A refusal under a rule for refusals; `permission` is the one that came closest, if any did. */
export function refuse(reason: Reason, rule: RefusalRule, permission: Permission | undefined): Verdict {
  const { action } = rule;
  const answered = action === 'exception' || action === 'exception-close';
  const exceptionCode = answered ? (codeOf(rule, reason) ?? exceptionFor(reason)) : 0;
  return { kind: 'refuse', reason, exceptionCode, action, permission };
}

/**
 * The exception a refusal is answered with where nothing else is said (MAP V1.1b3 §7): 01 for the function
 * or unit, 02 for the place, 03 for what is written, 06 where the same request may pass by waiting alone.
 * The true reason is in the record.
 */
export function exceptionFor(reason: Reason): number {
  return ExceptionFor[reason] ?? ExceptionCode.IllegalDataValue;
}

function codeOf({ exceptionCodes }: RefusalRule, reason: Reason): number | undefined {
  return exceptionCodes.find((each) => each.reason === reason)?.code;
}

const ExceptionFor: Partial<Record<Reason, number>> = {
  'fc-not-allowed': ExceptionCode.IllegalFunction,
  'sub-function-not-allowed': ExceptionCode.IllegalFunction,
  'unit-not-allowed': ExceptionCode.IllegalFunction,
  'address-out-of-range': ExceptionCode.IllegalDataAddress,
  'quantity-out-of-range': ExceptionCode.IllegalDataAddress,
  'file-out-of-range': ExceptionCode.IllegalDataAddress,
  'alias-guarded': ExceptionCode.IllegalDataAddress,
  'too-soon': ExceptionCode.ServerDeviceBusy,
  'budget-spent': ExceptionCode.ServerDeviceBusy,
  'drift-too-large': ExceptionCode.ServerDeviceBusy,
  'read-budget-spent': ExceptionCode.ServerDeviceBusy,
  'rate-exceeded': ExceptionCode.ServerDeviceBusy,
  'server-unreachable': ExceptionCode.GatewayPathUnavailable,
  'request-timeout': ExceptionCode.GatewayTargetFailedToRespond,
};
