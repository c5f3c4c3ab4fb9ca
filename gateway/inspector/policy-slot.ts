import { createHash } from 'node:crypto';
import { createFlowTable, type FlowTable } from '../../rules/admission/flow-table.ts';
import { decodePolicy } from '../../rules/bundle/codec.ts';

/** The policy in force and the one that may follow it. */
export interface PolicySlot {
  /** Reads a payload and keeps it beside the active one. @returns what is wrong with it, or '' */
  readonly prepare: (digest: string, payload: Uint8Array) => string;
  /** Puts the prepared policy in force; false when it is not the prepared one. */
  readonly activate: (digest: string) => boolean;
  readonly abandon: (digest: string) => void;
  /** Undefined before the first policy: nothing is permitted then. */
  readonly table: () => FlowTable | undefined;
  /** SHA-256 of the payload in force, hexadecimal; empty before the first. */
  readonly digest: () => string;
}

/** No policy. */
export function createPolicySlot(): PolicySlot {
  let active: Slot | undefined;
  let prepared: Slot | undefined;
  return {
    prepare: (digest, payload) => {
      if (createHash('sha256').update(payload).digest('hex') !== digest) return 'the digest does not fit';
      const decoded = decodePolicy(payload);
      if (!decoded.ok) return `${decoded.code}: ${decoded.message}`;
      prepared = { digest, table: createFlowTable(decoded.policy) };
      return '';
    },
    activate: (digest) => {
      if (active?.digest === digest) return true;
      if (prepared?.digest !== digest) return false;
      active = prepared;
      prepared = undefined;
      return true;
    },
    abandon: (digest) => {
      if (prepared?.digest === digest) prepared = undefined;
    },
    table: () => active?.table,
    digest: () => active?.digest ?? '',
  };
}

interface Slot {
  readonly digest: string;
  readonly table: FlowTable;
}
