import { Compile } from 'typebox/compile';
import type { Observation } from '../../../rules/observation.ts';
import { ObservationBody } from '../../ipc/snapshot.ts';
import { readNamedFile, UsageError } from '../output.ts';

/** What `penstock observed --json` printed. @throws UsageError when the file is something else */
export function readObservationFile(path: string): Observation {
  const content = parse(readNamedFile(path).toString('utf8'));
  if (form.Check(content)) return content;
  throw new UsageError(
    `${path} is not what a gateway observed.`,
    'Name a file that penstock observed --json of this release wrote.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const form = Compile(ObservationBody);
