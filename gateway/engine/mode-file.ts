import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { NormalMode } from '../../rules/admission/mode.ts';
import { GatewayError } from '../errors.ts';
import { readIfPresent, replaceDurably } from '../load/durable-file.ts';

const Text = Type.String({ maxLength: 2_000 });
const Time = Type.Number({ minimum: 0, maximum: 8.64e15 });

const KeptMode = Type.Object({
  format: Type.Literal(1),
  mode: Text,
  since: Time,
  by: Text,
  why: Text,
  /** Present while the mode is being left: who said so, and the ids of the flows that are open again. */
  recovery: Type.Optional(Type.Object({ by: Text, why: Text, reopened: Type.Array(Text) })),
});
/** The mode in force as it lies in the state directory. */
export type KeptMode = Static<typeof KeptMode>;

/** Where the mode survives restarts and power cuts. */
export interface ModeFile {
  /** `undefined` where nobody ever switched; `'unreadable'` where nobody can know which mode held. */
  readonly read: () => KeptMode | undefined | 'unreadable';
  /** Resolves when it is on the medium. One at a time. @throws GatewayError PST_ERR_STATE_DIR */
  readonly save: (kept: KeptMode) => Promise<void>;
}

export function openModeFile(state: string): ModeFile {
  const file = join(state, 'mode.json');
  return {
    read: () => {
      try {
        const bytes = readIfPresent(file);
        if (bytes === undefined) return undefined;
        const content: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
        return form.Check(content) ? content : 'unreadable';
      } catch {
        return 'unreadable';
      }
    },
    save: async (kept) => {
      try {
        await replaceDurably(file, Buffer.from(JSON.stringify(kept)));
      } catch (cause) {
        throw new GatewayError('PST_ERR_STATE_DIR', file, cause);
      }
    },
  };
}

/** Before anybody switched. */
export const NeverSwitched: KeptMode = {
  format: 1,
  mode: NormalMode,
  since: 0,
  by: '',
  why: '',
};

const form = Compile(KeptMode);
