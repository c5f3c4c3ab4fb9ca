import type { ModeRule } from '../policy.ts';

/** The mode in which everything is kept; there is no policy without it. */
export const NormalMode = 'normal';

/** The mode that holds, and how far its recovery has come. */
export interface ModeState {
  /** Name of a mode of the policy. */
  readonly mode: string;
  /** Ids of flows that recovery has opened again: for them it is as if the mode were {@link NormalMode}. */
  readonly reopened: readonly string[];
}

/** Before anybody switched. */
export const Normal: ModeState = { mode: NormalMode, reopened: [] };

/** What a mode makes of the flows of a policy (62443-3-3 SR 5.2 RE2). */
export interface ModeTerms {
  /** Whether the flow of this id does not pass. */
  readonly cuts: (flow: string) => boolean;
  /** Name of the Modbus profile that stands for the flow's own; undefined where the flow keeps its own. */
  readonly profileOf: (flow: string) => string | undefined;
}

/** Undefined when the policy has no such mode: nothing may be guessed then, and nothing passes. */
export function modeTerms(modes: readonly ModeRule[], { mode, reopened }: ModeState): ModeTerms | undefined {
  const rule = modes.find(({ name }) => name === mode);
  if (rule === undefined) return mode === NormalMode ? KeepsAll : undefined;
  const again = new Set(reopened);
  const kept = new Set(rule.keep);
  const profiles = new Map(rule.profiles.map(({ flow, profile }) => [flow, profile]));
  return {
    cuts: (flow) => !rule.keepsAll && !kept.has(flow) && !again.has(flow),
    profileOf: (flow) => (again.has(flow) ? undefined : profiles.get(flow)),
  };
}

const KeepsAll: ModeTerms = { cuts: () => false, profileOf: () => undefined };
