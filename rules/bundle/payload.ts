import type { FlowRule, Policy } from '../policy.ts';
import { findContradiction } from './check-policy.ts';
import { messageType } from './descriptor.ts';
import type { PolicyFields } from './policy-schema.ts';

/** What decoding a payload says: the policy, or why these bytes are none. */
export type Decoded =
  | { readonly ok: true; readonly policy: Policy }
  | {
      readonly ok: false;
      readonly code: 'BUNDLE_MALFORMED' | 'BUNDLE_NOT_CANONICAL';
      /** What is wrong and where, for people; the place is `a/b/0/c` or the rule's own name. */
      readonly message: string;
    };

/** What tells fields of the right form from others. */
export interface PolicyForm {
  readonly has: (fields: unknown) => boolean;
  /** What is wrong with fields that have it not, and where. */
  readonly problem: (fields: unknown) => string;
}

/** The canonical payload bytes of a policy: same policy, same bytes. */
export function encodePolicy(policy: Policy): Uint8Array {
  return Uint8Array.from(PolicyType.encode(policy).finish());
}

/**
 * Reads payload bytes. A field this release does not know, a missing one, a number out of range, a rule
 * that contradicts another, and any bytes other than {@link encodePolicy} would have written are refused:
 * protobuf itself would drop the unknown and read the missing as zero, and so lose a limit in silence.
 */
export function readPolicy(bytes: Uint8Array, form: PolicyForm): Decoded {
  let fields: unknown;
  try {
    fields = PolicyType.toObject(PolicyType.decode(bytes), { arrays: true, longs: Number });
  } catch (cause) {
    return malformed(cause instanceof Error ? cause.message : 'not protobuf');
  }
  if (!form.has(fields)) return malformed(form.problem(fields));
  const policy = complete(fields as PolicyFields);
  if (!equalBytes(encodePolicy(policy), bytes)) {
    return {
      ok: false,
      code: 'BUNDLE_NOT_CANONICAL',
      message: 'The payload holds something this release would not have written.',
    };
  }
  const contradiction = findContradiction(policy);
  return contradiction === undefined ? { ok: true, policy } : malformed(contradiction);
}

/** What any release can read of a payload, or undefined when not even that is there. */
export function peekPolicy(bytes: Uint8Array): { format: number; minGateway: string } | undefined {
  try {
    const head = HeadType.toObject(HeadType.decode(bytes));
    return { format: Number(head['format']), minGateway: String(head['minGateway']) };
  } catch {
    return undefined;
  }
}

/** Optional fields come out of protobuf missing; the policy has them as `undefined`. */
function complete(fields: PolicyFields): Policy {
  return {
    ...fields,
    modelDigest: Uint8Array.from(fields.modelDigest),
    assets: fields.assets.map((asset) => ({
      ...asset,
      modbus: { ...asset.modbus, line: asset.modbus.line },
    })),
    flows: fields.flows.map(completeFlow),
    vendors: fields.vendors.map((vendor) => ({ ...vendor, targets: vendor.targets.map(completeFlow) })),
    tests: fields.tests.map((test) => ({
      ...test,
      request: test.request && { ...NothingAsked, ...test.request },
      given: { ...test.given, at: test.given.at },
    })),
    profiles: fields.profiles.map((profile) => ({
      ...profile,
      permissions: profile.permissions.map((permission) => ({
        ...permission,
        values: permission.values.map((value) => ({
          ...value,
          bits: value.bits,
          min: value.min,
          max: value.max,
        })),
        step: permission.step && {
          ...permission.step,
          max: permission.step.max,
          maxPerMinute: permission.step.maxPerMinute,
        },
        refusal: permission.refusal,
      })),
    })),
  };
}

function completeFlow(flow: PolicyFields['flows'][number]): FlowRule {
  return {
    ...flow,
    gate: flow.gate && { ...flow.gate, schedule: flow.gate.schedule },
    limits: flow.limits,
  };
}

function malformed(message: string): Decoded {
  return { ok: false, code: 'BUNDLE_MALFORMED', message };
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

const NothingAsked = {
  address: undefined,
  quantity: undefined,
  readAddress: undefined,
  readQuantity: undefined,
  andMask: undefined,
  orMask: undefined,
  subFunction: undefined,
  mei: undefined,
  file: undefined,
  record: undefined,
};
const PolicyType = messageType('Policy');
const HeadType = messageType('PolicyHead');
