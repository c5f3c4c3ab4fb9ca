import { type Static, Type } from 'typebox';

/*
 * What the engine tells of the mode in force. Times are milliseconds since the Unix epoch, unless they are called
 * by a unit of their own.
 */

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number();
const Text = Type.String();
const Milliseconds = Type.Number({ minimum: 0 });

export const RecoverySummary = Type.Object({
  /** Steps done, of so many. */
  done: Count,
  steps: Count,
  /** What the next step opens: a conduit, or what comes last. */
  next: Text,
  /** When it comes by itself; absent where it waits for a person. */
  nextAt: Type.Optional(Time),
  /** Why it does not go on by itself as it was told to, or empty. */
  held: Text,
});

/** The mode in force, in short. */
export const ModeSummary = Type.Object({
  name: Text,
  /** 0 and empty where nobody ever switched. */
  since: Time,
  by: Text,
  why: Text,
  /** Flows that do not pass, and those that pass under another Modbus profile. */
  cutFlows: Count,
  otherProfiles: Count,
  /** Present while it is being left. */
  recovery: Type.Optional(RecoverySummary),
});
export type ModeSummary = Static<typeof ModeSummary>;

/** The mode in force, with everything it changes. */
export const ModeBody = Type.Object({
  ...ModeSummary.properties,
  /** Ids of flows by conduit. */
  cut: Type.Array(Type.Object({ conduit: Text, flows: Type.Array(Text) })),
  profiles: Type.Array(Type.Object({ flow: Text, profile: Text })),
  /** In which order it is left. */
  order: Type.Array(Type.Object({ what: Text, flows: Count, done: Type.Boolean() })),
  /** Names of all modes of the policy in force. */
  modes: Type.Array(Text),
});
export type ModeBody = Static<typeof ModeBody>;

/** Milliseconds from the decision until each had it; absent where it has not. */
export const SwitchTimes = Type.Object({
  kernelMs: Type.Optional(Milliseconds),
  inspectorsMs: Type.Optional(Milliseconds),
  recordMs: Type.Optional(Milliseconds),
});
export type SwitchTimes = Static<typeof SwitchTimes>;

/** What a person's switch has done. */
export const SwitchedBody = Type.Object({
  mode: ModeBody,
  ...SwitchTimes.properties,
  /** What of it is not done yet, as sentences. */
  troubles: Type.Array(Text),
});
export type SwitchedBody = Static<typeof SwitchedBody>;
