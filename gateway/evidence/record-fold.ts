import type { EvidenceRecord } from '../../rules/record/record.ts';
import { createDropFold } from './drop-fold.ts';
import type { Fold } from './fold.ts';
import { createRefusalFold } from './refusal-fold.ts';

/** Folds what an attacker can cause without end, refusals and drops; every other record passes as it is. */
export function createRecordFold(): Fold<EvidenceRecord> {
  const refusals = createRefusalFold();
  const drops = createDropFold();

  function add(record: EvidenceRecord, now: number): readonly EvidenceRecord[] {
    switch (record.kind) {
      case 'refusal':
        return refusals.add(record, now);
      case 'drop':
        return drops.add(record, now);
      case 'connection':
      case 'connections':
      case 'act':
      case 'operation':
      case 'chunk':
        return [record];
    }
  }

  return {
    add,
    flush: (now) => [...refusals.flush(now), ...drops.flush(now)],
    holds: () => refusals.holds() || drops.holds(),
    end: () => [...refusals.end(), ...drops.end()],
  };
}
