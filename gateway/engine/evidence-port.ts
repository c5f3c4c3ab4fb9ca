import type { EvidencePort } from '../broker/parts.ts';
import { GatewayError } from '../errors.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import type { WitnessOutcome } from '../evidence/evidence-state.ts';
import { type LogOwner, readLogKey } from '../evidence/log-key.ts';
import { readLog } from '../evidence/read-log.ts';
import { openSegmentFiles } from '../evidence/segment-files.ts';
import { qrSvg } from '../qr.ts';

/** The evidence log of a directory as the broker of granted sessions needs it. */
export function evidencePort(evidence: EvidenceLog, directory: string, owner: LogOwner): EvidencePort {
  let drawn = { checkpoint: '', qr: '' };

  function qrOf(checkpoint: string): string {
    if (drawn.checkpoint !== checkpoint) {
      drawn = { checkpoint, qr: checkpoint === '' ? '' : qrSvg(checkpoint) };
    }
    return drawn.qr;
  }

  return {
    append: evidence.append,
    appendDurable: evidence.appendDurable,
    checkpoint: async () => (await evidence.checkpoint()).note,
    broken: () => evidence.state().broken,
    body: () => {
      const { checkpoint, checkpointAt, witnesses, ...state } = evidence.state();
      return {
        checkpoint,
        at: checkpointAt,
        qr: qrOf(checkpoint),
        witnesses: witnesses.map(({ name, size, at }) => ({ name, size, at })),
        origin: state.origin,
        size: state.size,
        witnessedSize: state.witnessedSize,
        publicKey: state.publicKey,
        bytes: state.bytes,
        maxBytes: state.maxBytes,
        broken: state.broken,
      };
    },
    accept: evidence.accept,
    addWitness: async (note) => sentenceOf(await evidence.addWitness(note)),
    sign: async (bytes) => {
      const key = await readLogKey(openSegmentFiles(directory), owner);
      if (key === undefined) throw new GatewayError('PST_ERR_EVIDENCE', 'The log has no key yet.');
      return key.sign(bytes);
    },
    toldOf: async (grants) => {
      const told = new Map<string, Set<string>>();
      for await (const entry of readLog(directory)) {
        if (entry.kind !== 'record' || entry.record.kind !== 'act') continue;
        const { act } = entry.record;
        if (!('grant' in act) || !grants.has(act.grant)) continue;
        // Of a grant that goes on only more time was refused.
        if (act.kind === 'grantRefused' && act.extension > 0) continue;
        told.set(act.grant, (told.get(act.grant) ?? new Set()).add(act.kind));
      }
      return told;
    },
  };
}

function sentenceOf(outcome: WitnessOutcome): string {
  return outcome.ok ? '' : Problems[outcome.problem];
}

const Problems = {
  unreadable: 'It is no checkpoint with signatures.',
  'not-signed': 'This log has not signed it.',
  'no-trusted-witness': 'None of the witnesses that gateway.yaml names has cosigned it.',
  'other-history': 'It is of another history of this log.',
  ahead: 'The witness has seen more of this log than it holds: records are missing here.',
} as const satisfies Record<Extract<WitnessOutcome, { readonly ok: false }>['problem'], string>;
