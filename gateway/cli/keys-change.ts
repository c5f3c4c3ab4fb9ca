import { statSync } from 'node:fs';
import { type Config, readConfig } from '../config.ts';
import { GatewayError } from '../errors.ts';
import { TrustBody } from '../ipc/life-body.ts';
import { releaseKeyDirectory, releaseKeyFiles } from '../load/release-keys.ts';
import {
  compareTrust,
  type KeyMemory,
  readTrustMemory,
  type TrustMemory,
  writeTrustMemory,
} from '../load/trust-memory.ts';
import { readTrustedKeys } from '../load/trusted-keys.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, type EngineAnswer, explainNoAnswer, isNotThere } from './engine-client.ts';
import { ExitStatus, UsageError } from './output.ts';

/** A change of which keys are trusted, and the way back. Both throw UsageError where nothing can be written. */
export interface TrustChange {
  readonly make: () => void;
  readonly undo: () => void;
}

/**
 * Changes which keys are trusted and has the engine take that over and put it on record; what it does not take is
 * undone. Where no engine runs, what is struck off is noted for a restore before its next start.
 * @returns 1 when it was refused
 * @throws UsageError, GatewayError PST_ERR_ENGINE_GONE where an engine runs and does not answer; all is as it was then
 */
export async function changeTrust(
  config: Config,
  { json, by }: { readonly json?: boolean; readonly by: string },
  { make, undo }: TrustChange,
): Promise<number> {
  // First what was changed by hand since the last look: what is missed after the change is then the change itself.
  const before = await look(config, by);
  let answer: EngineAnswer<TrustBody> | undefined;
  const takeBack = async (): Promise<void> => {
    undo();
    // An engine that was started meanwhile, or hung up, may have taken the change over.
    await look(config, by).catch(() => undefined);
  };
  try {
    make();
    answer = await look(config, by);
    if (answer === undefined) noteStruckOff(config);
  } catch (cause) {
    await takeBack();
    throw cause;
  }
  if (answer === undefined) {
    const said = 'The gateway does not run; it is put on record at its start.';
    console.log(json === true ? JSON.stringify({ changed: [] }) : said);
    return ExitStatus.good;
  }
  if (!answer.ok) {
    undo();
    explainNoAnswer(answer);
    return ExitStatus.refused;
  }
  if (before?.ok === true && answer.body.changed.length === 0) {
    await takeBack();
    console.error(
      `The gateway sees no change: it does not go by ${config.file}.\n  Name its own with --config; all is as it was.`,
    );
    return ExitStatus.refused;
  }
  const changed = [...(before?.ok === true ? before.body.changed : []), ...answer.body.changed];
  console.log(json === true ? JSON.stringify({ changed }) : describe(changed));
  return ExitStatus.good;
}

/** Undefined where no engine runs. @throws GatewayError PST_ERR_ENGINE_GONE where one does and does not answer */
async function look(config: Config, by: string): Promise<EngineAnswer<TrustBody> | undefined> {
  const asked = { kind: 'life', id: 1, by, act: { what: 'trust' } } as const;
  try {
    return await askEngine(controlSocket(config), asked, TrustBody);
  } catch (cause) {
    // One that is silent may have taken the change over, or will.
    if (cause instanceof GatewayError && isNotThere(cause)) return undefined;
    throw cause;
  }
}

/** As trusted stays noted what the engine saw last: at its start it puts the difference on record. */
function noteStruckOff(config: Config): void {
  const memory = readTrustMemory(config.state);
  if (memory === undefined) return;
  const noted = (before: KeyMemory, files: readonly string[]): KeyMemory => {
    const { distrusted } = compareTrust(before, readTrustedKeys(files), 0).memory;
    return { trusted: before.trusted, distrusted };
  };
  const { releases } = memory;
  const releaseFiles = releaseKeyFiles(releaseKeyDirectory(config));
  const now: TrustMemory = {
    form: 1,
    ...noted(memory, readConfig(config.file).trustedKeys),
    ...(releases === undefined ? {} : { releases: noted(releases, releaseFiles) }),
  };
  try {
    // The engine's own, as the directory is: root writes it here.
    writeTrustMemory(config.state, now, { ...statSync(config.state), mode: 0o640 });
  } catch {
    throw new UsageError(`${config.state} cannot be written.`, 'Run this as root: sudo penstock keys.');
  }
}

function describe(changed: TrustBody['changed']): string {
  return changed
    .map(({ use, id, name, trusted }) => {
      const what = trusted ? 'is trusted' : 'is trusted no more';
      return `${name} (${id.slice(0, 12)}) ${what}${use === 'releases' ? ' to sign releases' : ''}`;
    })
    .join('\n');
}
