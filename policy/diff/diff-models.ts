import type { ZoneModel } from '../model/zone-model.ts';
import { type AccessPiece, accessOf, subtractAccess } from '../prove/access.ts';
import { lineOf, type Permitter } from '../prove/permit.ts';
import { permitterText, pieceTexts } from '../prove/piece-text.ts';
import type { RequestBox } from '../prove/requests/request-box.ts';
import { conditionsOf } from '../prove/when.ts';
import type { AccessChange, Difference } from './difference.ts';
import { compareFacts, factsOf } from './facts.ts';

/**
 * What changes when one model takes the place of another: access as sets of packets and requests, so that the same
 * permissions written otherwise are no change, and everything else thing by thing.
 * @param now wall time, milliseconds: what has ended by then permits nothing in either
 */
export function diffModels(old: ZoneModel, next: ZoneModel, now: number): Difference {
  const [before, after] = [accessOf(old, now), accessOf(next, now)];
  return {
    gained: changesOf(subtractAccess(after, before), next.file, 'gained'),
    lost: changesOf(subtractAccess(before, after), old.file, 'lost'),
    changes: compareFacts({ file: old.file, facts: factsOf(old) }, { file: next.file, facts: factsOf(next) }),
  };
}

type Direction = 'gained' | 'lost';

/** One sentence each, in the order of the model; the same sentence by the same rule once. */
function changesOf(
  pieces: readonly AccessPiece[],
  file: string,
  direction: Direction,
): readonly AccessChange[] {
  const seen = new Set<string>();
  return pieces.flatMap((piece) =>
    pieceTexts(piece).flatMap(({ text, boxes }) => {
      const { by } = piece;
      const change = {
        group: groupOf(by),
        by: permitterText(by),
        sentence: [text, ...conditionsOf(by)].join(', '),
        notes: notesOf(piece, boxes, direction),
        file,
        line: lineOfPiece(by, boxes),
        ...responsibleFor(by),
        piece: boxes.length === 0 ? piece : { ...piece, requests: boxes },
      };
      const key = JSON.stringify([change.by, change.sentence, change.notes]);
      if (seen.has(key)) return [];
      seen.add(key);
      return [change];
    }),
  );
}

function groupOf(by: Permitter): string {
  switch (by.kind) {
    case 'flow':
      return `${by.flow.conduit.id} ${by.flow.conduit.name}`.trim();
    case 'undeclared':
      return `${by.conduit.id} ${by.conduit.name}`.trim();
    case 'vendor':
      return `vendor ${by.vendor.id}`;
    case 'service':
    case 'egress':
      return `gateway ${by.gateway.name}`;
  }
}

/** The permission where it is one, else the flow. */
function lineOfPiece(by: Permitter, boxes: readonly RequestBox[]): number {
  const permission = boxes[0]?.permission;
  if (permission !== undefined && permission.at.line > 0) return permission.at.line;
  return lineOf(by);
}

function responsibleFor(by: Permitter): Pick<AccessChange, 'owner' | 'ticket'> {
  if (by.kind === 'flow') return { owner: by.flow.owner, ticket: by.flow.ticket };
  return { owner: by.kind === 'undeclared' ? by.conduit.owner : '', ticket: '' };
}

function notesOf(
  { doubts }: AccessPiece,
  boxes: readonly RequestBox[],
  direction: Direction,
): readonly string[] {
  const notes = direction === 'gained' ? GainedNotes : LostNotes;
  const all = [...doubts, ...boxes.flatMap((box) => box.doubts)];
  return [...new Set(all)].map((doubt) => notes[doubt]);
}

type AnyDoubt = AccessPiece['doubts'][number] | RequestBox['doubts'][number];

/** What there was before all the same, or what cannot be told exactly. */
const GainedNotes: Readonly<Record<AnyDoubt, string>> = {
  when: 'It was possible before, at other times.',
  mode: 'It was possible before, in other modes.',
  inspection: 'It was possible before, inspected.',
  profile: 'Some of it was possible before, as a profile had it.',
  limits: 'It was possible before, under other steps, intervals or interlocks.',
  alias: 'What the coil does to its register depends on the other bits.',
  values: 'Some of these values may have been possible before.',
  files: 'Some of these records may have been possible before.',
  parts: 'Some of it was possible before; the parts are too many to tell.',
  unseen: 'What the function does there is not seen by the gateway.',
};

const LostNotes: Readonly<Record<AnyDoubt, string>> = {
  when: 'It is still possible, at other times.',
  mode: 'It is still possible, in other modes.',
  inspection: 'It is still possible, inspected.',
  profile: 'Some of it is still possible, as a profile has it.',
  limits: 'It is still possible, under other steps, intervals or interlocks.',
  alias: GainedNotes.alias,
  values: 'Some of these values may still be possible.',
  files: 'Some of these records may still be possible.',
  parts: 'Some of it is still possible; the parts are too many to tell.',
  unseen: GainedNotes.unseen,
};
