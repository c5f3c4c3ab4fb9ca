import { createHash } from 'node:crypto';
import { createFlowTable, type FlowTable, type ModeView } from '../../rules/admission/flow-table.ts';
import { type ModeState, modeTerms, Normal } from '../../rules/admission/mode.ts';
import { type PolicyForm, readPolicy } from '../../rules/bundle/payload.ts';
import { Check } from '../../rules/bundle/policy-code.ts';
import type { ModeRule } from '../../rules/policy.ts';

/** The policy in force and the one that may follow it, and the mode that holds under either. */
export interface PolicySlot {
  /** Reads a payload and keeps it beside the active one. @returns what is wrong with it, or '' */
  readonly prepare: (digest: string, payload: Uint8Array) => string;
  /** Puts the prepared policy in force; false when it is not the prepared one. */
  readonly activate: (digest: string) => boolean;
  readonly abandon: (digest: string) => void;
  /** No policy is in force any more. */
  readonly withdraw: () => void;
  /** From now on this mode holds, also under policies to come. @returns what is wrong with it, or '' */
  readonly setMode: (state: ModeState) => string;
  /** What the mode makes of a permit; where the policy lacks the mode, nothing. */
  readonly mode: () => ModeView;
  /** Undefined before the first policy: nothing is permitted then. */
  readonly table: () => FlowTable | undefined;
  /** SHA-256 of the payload in force, hexadecimal; empty before the first. */
  readonly digest: () => string;
}

/** No policy, and nobody has switched to a mode. */
export function createPolicySlot(): PolicySlot {
  let active: Slot | undefined;
  let prepared: Slot | undefined;
  let state = Normal;
  let view: ModeView = CutsAll;

  function problemWith(slot: Slot | undefined): string {
    if (slot === undefined || modeTerms(slot.modes, state) !== undefined) return '';
    return `the policy has no mode ${state.mode}, which is in force`;
  }

  function look(): void {
    view = active?.table.inMode(state) ?? CutsAll;
  }

  return {
    prepare: (digest, payload) => {
      if (createHash('sha256').update(payload).digest('hex') !== digest) return 'the digest does not fit';
      const decoded = readPolicy(payload, Form);
      if (!decoded.ok) return `${decoded.code}: ${decoded.message}`;
      const { policy } = decoded;
      const slot = { digest, table: createFlowTable(policy), modes: policy.modes };
      const problem = problemWith(slot);
      if (problem === '') prepared = slot;
      return problem;
    },
    activate: (digest) => {
      if (active?.digest === digest) return true;
      if (prepared?.digest !== digest) return false;
      active = prepared;
      prepared = undefined;
      look();
      return true;
    },
    abandon: (digest) => {
      if (prepared?.digest === digest) prepared = undefined;
    },
    withdraw: () => {
      active = undefined;
      prepared = undefined;
      look();
    },
    setMode: (next) => {
      state = next;
      look();
      return problemWith(active);
    },
    mode: () => view,
    table: () => active?.table,
    digest: () => active?.digest ?? '',
  };
}

interface Slot {
  readonly digest: string;
  readonly table: FlowTable;
  readonly modes: readonly ModeRule[];
}

const CutsAll: ModeView = () => undefined;

/** Of what the engine has read in full: it has said in words what is wrong, long before it comes here. */
const Form: PolicyForm = { has: Check, problem: () => 'not of the form of a policy' };
