/**
 * What verifying can find, and what it means for who relies on the log. `broken`: something the log claims cannot
 * be relied on. `note`: told for completeness; a sound log may hold it.
 */
export const FindingWeights = {
  // The files
  'segment-damaged': 'broken',
  'segment-torn': 'broken',
  'segment-misnamed': 'broken',
  'records-missing': 'broken',
  'records-twice': 'broken',
  'record-astray': 'broken',
  'record-unknown': 'broken',
  'record-forged': 'broken',
  'tail-torn': 'note',
  'removed-routine': 'note',
  // What was signed
  'key-wrong': 'broken',
  'checkpoint-missing': 'broken',
  'checkpoint-unreadable': 'broken',
  'checkpoint-forged': 'broken',
  'checkpoint-beyond': 'broken',
  'root-differs': 'broken',
  'root-unknown': 'broken',
  'root-given-up': 'note',
  'two-roots': 'broken',
  'acts-missing': 'broken',
  'acts-dropped': 'broken',
  'acts-uncommitted': 'note',
  'cosignature-forged': 'broken',
  'witness-missing': 'broken',
  'former-missing': 'broken',
  'origin-unsaid': 'broken',
  'origin-followed': 'note',
  'key-followed': 'note',
  'former-elsewhere': 'note',
  // What the box said of itself
  'damage-told': 'broken',
  'records-lost': 'note',
  'tail-cut': 'note',
  'clock-back': 'note',
  // Grants
  'grant-unasked': 'broken',
  'grant-twice': 'broken',
  'grant-out-of-turn': 'broken',
  'request-differs': 'broken',
  'approval-own': 'broken',
  'approval-twice': 'broken',
  'approval-other': 'broken',
  'approval-barred': 'broken',
  'approval-forged': 'broken',
  'approval-unproved': 'broken',
  'approval-weak': 'note',
  'approval-alone': 'note',
  'opened-unapproved': 'broken',
  'opened-too-long': 'broken',
  'opened-key-switch': 'broken',
  'opened-other-policy': 'broken',
  'opened-against-model': 'broken',
  'closed-late': 'broken',
  'never-closed': 'broken',
  'still-open': 'note',
  'ended-by-restart': 'note',
  // Channels and what passed in them
  'channel-without-grant': 'broken',
  'channel-elsewhere': 'broken',
  'channel-twice': 'broken',
  'channel-unclosed': 'broken',
  'operation-astray': 'broken',
  'operations-missing': 'broken',
  'counts-differ': 'broken',
  'chunk-astray': 'broken',
  'chunks-missing': 'broken',
  // Recordings
  'recording-missing': 'broken',
  'recording-differs': 'broken',
  'recording-unknown': 'broken',
  'recording-erased': 'note',
  'recording-elsewhere': 'note',
} as const;

/** A code of {@link FindingWeights}. */
export type FindingCode = keyof typeof FindingWeights;

/** One thing found. */
export interface Finding {
  readonly code: FindingCode;
  /** The record it is about, where it is about one. */
  readonly sequence: number | undefined;
  readonly sentence: string;
}

/** Where findings go. */
export type Find = (code: FindingCode, sequence: number | undefined, sentence: string) => void;

/** Whether the log cannot be relied on because of it. */
export function isBroken({ code }: Finding): boolean {
  return FindingWeights[code] === 'broken';
}
