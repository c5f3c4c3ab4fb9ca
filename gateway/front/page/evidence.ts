import type { EvidenceBody } from '../../ipc/grant-body.ts';
import type { StatusBody } from '../../ipc/snapshot.ts';
import type { Api } from './api.ts';
import { ask, field, tell } from './dialog.ts';
import { button, type Content, element } from './element.ts';
import { vitalFacts } from './plant/activity.ts';
import { qrCode } from './qr.ts';
import { bytes, count, moment } from './words.ts';

/** The evidence log: its newest checkpoint to take away, and who else vouches for it. */
export function evidenceSection(
  evidence: EvidenceBody | undefined,
  status: StatusBody | undefined,
  mayWitness: boolean,
): readonly Content[] {
  return [
    element('h2', {}, 'Evidence'),
    ...(evidence === undefined
      ? [element('p', { class: 'none' }, 'Not known yet.')]
      : known(evidence, mayWitness)),
    status === undefined ? undefined : element('h3', {}, 'Log and processes'),
    status === undefined ? undefined : element('dl', { id: 'vital-facts' }, ...vitalFacts(status)),
  ];
}

function known(evidence: EvidenceBody, mayWitness: boolean): readonly Content[] {
  const {
    checkpoint,
    origin,
    size,
    at,
    witnessedSize,
    witnesses,
    qr,
    broken,
    bytes: used,
    maxBytes,
  } = evidence;
  const alone = size - witnessedSize;
  return [
    broken === ''
      ? undefined
      : element('p', { class: 'warning', role: 'alert' }, `⚠ Vendors cannot be let in: ${broken}`),
    element(
      'p',
      {},
      `${count(size)} records under `,
      element('code', {}, origin),
      `, ${bytes(used)} of ${bytes(maxBytes)}.`,
    ),
    element(
      'p',
      { 'data-tone': alone > 0 ? 'attention' : undefined },
      witnesses.length === 0
        ? '⚠ No witness yet: this box alone vouches for all of it.'
        : alone === 0
          ? 'Every record is witnessed.'
          : `Witnessed up to record ${count(witnessedSize)}; for the ${count(alone)} after it this box alone vouches.`,
    ),
    element(
      'ul',
      { class: 'rows' },
      ...witnesses.map((witness) =>
        element(
          'li',
          { 'data-key': witness.name },
          element('b', {}, witness.name),
          element('span', {}, `record ${count(witness.size)}, ${moment(witness.at)}`),
        ),
      ),
    ),
    checkpoint === ''
      ? element('p', { class: 'none' }, 'There is no checkpoint yet.')
      : element(
          'figure',
          { class: 'checkpoint' },
          qrCode(qr, 'QR code of the newest checkpoint'),
          element(
            'figcaption',
            {},
            element('b', {}, `Checkpoint of ${moment(at)}`),
            element('pre', { tabindex: '0' }, checkpoint),
          ),
        ),
    element(
      'p',
      { class: 'acts' },
      button('copy-checkpoint', 'Copy the checkpoint', { class: 'plain' }),
      mayWitness ? button('witness', 'Bring back a witness’s signature…', { class: 'plain' }) : undefined,
    ),
  ];
}

/** Takes a checkpoint that somebody else has signed as well (C2SP tlog-cosignature). */
export function askForWitness(api: Api, onDone: (evidence: EvidenceBody) => void): void {
  ask({
    title: 'A witness’s signature',
    content: [
      field('note', 'The signed checkpoint, as it is', { rows: '8', required: '', spellcheck: 'false' }),
    ],
    acts: [{ act: 'add', label: 'Add it' }],
    onAct: async (_act, { note = '' }) => {
      const called = await api.call('evidence-witness', { note: note.replaceAll('\r\n', '\n') });
      if (!called.ok) return called.trouble;
      onDone(called.body);
      return undefined;
    },
  });
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP on another name there is no clipboard; the text can be selected all the same.
    tell('Copy it from here', element('pre', { tabindex: '0' }, text));
  }
}
