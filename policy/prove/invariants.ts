import type { Finding } from '../finding.ts';
import type { Invariant } from '../model/claims.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import { questionOf } from './claims/example-text.ts';
import { type Ground, groundOf, type InvariantResult } from './claims/proof.ts';
import { provePath } from './claims/prove-path.ts';
import { proveTraffic } from './claims/prove-traffic.ts';
import { proveWriters } from './claims/prove-writers.ts';

/**
 * Every statement of a model, decided over all packets and all Modbus requests: in every mode, at every time of a
 * schedule, with every session granted and every audit stage that has not ended counted as allowed.
 * @param now wall time, milliseconds: a permission that has ended by then is gone, all others count
 */
export function proveInvariants(model: ZoneModel, now: number): readonly InvariantResult[] {
  if (model.invariants.length === 0) return [];
  const ground = groundOf(model, now);
  return model.invariants.map((invariant) => prove(ground, invariant));
}

/** The statements that do not hold, or could not be proved; either gives no bundle. */
export function invariantFindings(model: ZoneModel, now: number): readonly Finding[] {
  return proveInvariants(model, now)
    .filter(({ outcome }) => outcome !== 'holds')
    .map((result) => findingOf(model, result));
}

function prove(ground: Ground, invariant: Invariant): InvariantResult {
  switch (invariant.kind) {
    case 'never':
    case 'only':
      return proveTraffic(ground, invariant);
    case 'path':
      return provePath(ground, invariant);
    case 'max-writers':
      return proveWriters(ground, invariant);
  }
}

function findingOf({ file }: ZoneModel, result: InvariantResult): Finding {
  const { invariant, sentence } = result;
  return {
    code: 'T-603',
    severity: 'error',
    about: invariant.id,
    clause: invariant.kind === 'path' ? '62443-3-3 SR 5.1' : '62443-3-3 SR 5.2',
    message: `Invariant ${sentence}`,
    hint: hintOf(result),
    file,
    line: invariant.at.line,
    col: invariant.at.column,
  };
}

function hintOf({ outcome, invariant, examples }: InvariantResult): string {
  if (outcome === 'unproved') return 'Narrow that permission, or state less.';
  const [first] = examples;
  if (first === undefined) return 'Close one of these ways, or correct the statement.';
  if (invariant.kind === 'path')
    return `Close one of these ways, or correct the statement. ${askText(first)}`;
  if (first.by.kind === 'service' || first.by.kind === 'egress' || first.by.kind === 'vendor') {
    return 'Narrow what lets it through, or correct the statement.';
  }
  return `Narrow what lets it through, or correct the statement. ${askText(first)}`;
}

function askText(example: Parameters<typeof questionOf>[0]): string {
  return `\`penstock explain\` answers: '${questionOf(example)}'.`;
}
