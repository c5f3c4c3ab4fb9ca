import { Compile, type Validator } from 'typebox/compile';
import type { Policy } from '../policy.ts';
import { findContradiction } from './check-policy.ts';
import { type Decoded, type PolicyForm, readPolicy } from './payload.ts';
import { Check } from './policy-code.ts';
import { PolicySchema } from './policy-schema.ts';

/** As {@link readPolicy}; what is wrong is said in words, with its place. */
export function decodePolicy(bytes: Uint8Array): Decoded {
  return readPolicy(bytes, form);
}

/** The first way in which a policy breaks the ranges or rules of its form, or undefined. */
export function findProblem(policy: Policy): string | undefined {
  return form.has(policy) ? findContradiction(policy) : form.problem(policy);
}

/** Compiled when there is something to say: no start waits for it. */
let schema: Validator | undefined;

const form: PolicyForm = {
  has: Check,
  problem: (fields) => {
    schema ??= Compile(PolicySchema);
    const errors = schema.Errors(fields);
    // The deepest place says most: `anyOf` and `additionalProperties` repeat it from further out.
    const error = errors.find(({ keyword }) => keyword !== 'boolean') ?? errors[0];
    return error === undefined ? 'unknown' : `${error.instancePath.slice(1) || 'policy'}: ${error.message}`;
  },
};
