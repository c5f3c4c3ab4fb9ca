/** One word for a set of function codes. */
export const Presets = ['read-only', 'operator', 'engineering'] as const;
export type Preset = (typeof Presets)[number];

/** What a preset permits. A permission that names one adds its units and addresses. */
export interface PresetTerms {
  readonly functions: readonly number[];
  /** Diagnostics that change nothing: echo, diagnostic register, counters (MAP V1.1b3 §6.8). */
  readonly subFunctions: readonly number[];
  readonly mei: readonly number[];
}

const Read = [1, 2, 3, 4];
const Write = [5, 6, 15, 16];

/**
 * Safe as named. None of them restarts, silences, tunnels, writes files or carries what cannot be read:
 * `read-only` has no 23, which writes, no 8 and no 43, of which some sub-functions change the device.
 */
export const PresetTable: Readonly<Record<Preset, PresetTerms>> = {
  'read-only': { functions: Read, subFunctions: [], mei: [] },
  operator: { functions: [...Read, ...Write], subFunctions: [], mei: [] },
  engineering: {
    functions: [...Read, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 22, 23, 24, 43],
    subFunctions: [0, 2, 11, 12, 13, 14, 15, 16, 17, 18],
    mei: [14],
  },
};

/** Whether a word is a preset's. */
export function isPreset(word: unknown): word is Preset {
  return Presets.some((preset) => preset === word);
}
