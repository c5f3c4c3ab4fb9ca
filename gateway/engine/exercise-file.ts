import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { GatewayError } from '../errors.ts';
import { ExerciseBody, exerciseText } from '../ipc/exercise-body.ts';
import { readIfPresent, stageDurably } from '../load/durable-file.ts';

/** Where the exercise that goes on, or was the last, survives a restart. */
export interface ExerciseFile {
  /** Undefined where there is none, or none that can be read: the evidence has its acts all the same. */
  readonly read: () => ExerciseBody | undefined;
  /** On the medium when it returns. @throws GatewayError PST_ERR_STATE_DIR */
  readonly save: (body: ExerciseBody) => void;
}

export function openExerciseFile(state: string): ExerciseFile {
  const file = join(state, 'exercise.json');
  return {
    read: () => {
      try {
        const bytes = readIfPresent(file);
        if (bytes === undefined) return undefined;
        const content: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
        return form.Check(content) ? content : undefined;
      } catch {
        return undefined;
      }
    },
    save: (body) => {
      try {
        stageDurably(file, Buffer.from(exerciseText(body)))();
      } catch (cause) {
        throw new GatewayError('PST_ERR_STATE_DIR', file, cause);
      }
    },
  };
}

const form = Compile(ExerciseBody);
