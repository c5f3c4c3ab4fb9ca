import { type Static, Type } from 'typebox';
import { SwitchTimes } from './mode-body.ts';

/*
 * The record of an exercise or an incident, as it is kept, exported and told. Times are milliseconds since the Unix
 * epoch.
 */

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number({ minimum: 0, maximum: 8.64e15 });
const Text = Type.String({ maxLength: 2_000 });

/** A change of the mode while it lasted. */
export const ExerciseChange = Type.Object({
  at: Time,
  by: Text,
  from: Text,
  to: Text,
  /** Of leaving the mode: which conduit was opened. */
  step: Type.Optional(Type.Object({ number: Count, of: Count, what: Text })),
  /** Flows that were cut, or opened again. */
  flows: Count,
  ...SwitchTimes.properties,
  troubles: Type.Array(Text),
});
export type ExerciseChange = Static<typeof ExerciseChange>;

export const ExerciseEntry = Type.Object({
  at: Time,
  by: Text,
  what: Type.Enum(['decision', 'finding']),
  text: Text,
});
export type ExerciseEntry = Static<typeof ExerciseEntry>;

export const ExerciseBody = Type.Object({
  format: Type.Literal(1),
  /** `EX-20261121-160812-345`, unique on this box. */
  id: Text,
  occasion: Type.Enum(['exercise', 'incident']),
  /** Nothing was switched. */
  dry: Type.Boolean(),
  site: Text,
  gateway: Text,
  policyVersion: Count,
  scenario: Text,
  participants: Type.Array(Text, { maxItems: 100 }),
  startedAt: Time,
  startedBy: Text,
  /** 0 and empty while it goes on. */
  endedAt: Time,
  endedBy: Text,
  /** When the incident became known, and what Art. 23(4) of NIS2 (Directive (EU) 2022/2555) counts from then. */
  clock: Type.Object({ from: Time, earlyWarning: Time, notification: Time }),
  /** What the mode does by the policy in force at the start; absent where an incident named no mode. */
  plan: Type.Optional(
    Type.Object({
      mode: Text,
      cut: Type.Array(Type.Object({ conduit: Text, flows: Count })),
      kept: Count,
      profiles: Type.Array(Type.Object({ flow: Text, profile: Text })),
      recovery: Type.Array(Type.Object({ what: Text, flows: Count })),
    }),
  ),
  entries: Type.Array(ExerciseEntry, { maxItems: 1_000 }),
  changes: Type.Array(ExerciseChange, { maxItems: 1_000 }),
  /** The mode in force when it ended; empty while it goes on. */
  modeAtEnd: Text,
});
export type ExerciseBody = Static<typeof ExerciseBody>;

/** The bytes whose SHA-256 is on record at the end, and the file that is exported. */
export function exerciseText(body: ExerciseBody): string {
  return `${JSON.stringify(body, null, 2)}\n`;
}
