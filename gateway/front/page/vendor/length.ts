import { field } from '../dialog.ts';

/** A length of time in minutes. @param most milliseconds */
export function lengthField(most: number): HTMLElement {
  const minutes = Math.floor(most / Minute);
  return field(
    'minutes',
    'For how many minutes',
    { type: 'number', min: '1', max: String(minutes), value: String(Math.min(60, minutes)), required: '' },
    `At most ${minutes}.`,
  );
}

/** What was given there, in milliseconds. */
export function lengthOf(given: Readonly<Record<string, string>>): number {
  return Math.round(Number(given['minutes'] ?? '0') * Minute);
}

const Minute = 60_000;
