import { type ModeState, Normal } from '../../rules/admission/mode.ts';
import type { Act } from '../../rules/record/record.ts';
import type { Enforcement } from '../enforce/enforcement.ts';
import type { InspectorPool } from './inspector-pool.ts';
import type { KeptMode, ModeFile } from './mode-file.ts';

/** Who takes part in a change of mode. */
export interface ModeParts {
  readonly enforcement: Pick<Enforcement, 'setMode'>;
  readonly pool: Pick<InspectorPool, 'setMode'>;
  readonly file: ModeFile;
  /** Never awaited. */
  readonly record: (act: Act) => void;
  /** Resolves when it is on the medium. @throws GatewayError PST_ERR_EVIDENCE */
  readonly recordDurably: (act: Act) => Promise<void>;
  readonly monotonic: () => number;
}

export interface ModeChange {
  readonly from: KeptMode;
  readonly to: KeptMode;
  /** By which inspecting processes tell that they have it; rises with each change. */
  readonly generation: number;
  readonly act: Act;
}

/** How long after the decision each part was done; milliseconds. Undefined: it was not. */
export interface ModeTimes {
  readonly kernel: number | undefined;
  readonly inspectors: number | undefined;
  readonly record: number | undefined;
}

/** What was carried out; each trouble is a sentence about a part that was not. */
export interface ModeOutcome {
  readonly times: ModeTimes;
  readonly troubles: readonly string[];
  /** Those of them that last until kernel and file are told again. */
  readonly unfinished: readonly string[];
}

/**
 * A change that only cuts takes effect first: neither a full disk nor a dead child may keep a plant from being cut
 * off. What could not be written is told, and tried again.
 */
export async function cutOff({ to, generation, act }: ModeChange, parts: ModeParts): Promise<ModeOutcome> {
  const { enforcement, pool, file, record, recordDurably, monotonic } = parts;
  const begun = monotonic();
  const since = (): number => monotonic() - begun;
  const { mode, reopened } = stateOf(to);
  const kernel = tried(enforcement.setMode(mode, reopened), since);
  const inspectors = tried(mustSet(pool.setMode({ mode, reopened }, generation)), since);
  const kept = tried(file.save(to), since);
  const recorded = await tried(recordDurably(act), since);
  if (recorded.trouble !== '') record(act);
  return outcome({ kernel: await kernel, inspectors: await inspectors, kept: await kept, recorded });
}

/**
 * A change that lets something pass is on record and on the disk before it takes effect; when the kernel does not
 * take it, nothing has changed.
 * @throws GatewayError PST_ERR_EVIDENCE, PST_ERR_STATE_DIR, PST_ERR_NFT_APPLY, PST_ERR_NFT_CHILD
 */
export async function openUp(
  { from, to, generation, act }: ModeChange,
  parts: ModeParts,
): Promise<ModeOutcome> {
  const { enforcement, pool, file, record, recordDurably, monotonic } = parts;
  const begun = monotonic();
  const since = (): number => monotonic() - begun;
  await recordDurably(act);
  const recorded: Tried = { at: since(), trouble: '' };
  const { mode, reopened } = stateOf(to);
  try {
    await file.save(to);
    await enforcement.setMode(mode, reopened);
  } catch (cause) {
    const why = `not carried out: ${textOf(cause)}`;
    record({ kind: 'modeSwitched', from: to.mode, to: from.mode, by: Gateway, why, cut: 0 });
    await tried(file.save(from), since);
    const former = stateOf(from);
    await tried(enforcement.setMode(former.mode, former.reopened), since);
    throw cause;
  }
  const kernel: Tried = { at: since(), trouble: '' };
  const inspectors = await tried(mustSet(pool.setMode({ mode, reopened }, generation)), since);
  return outcome({ kernel, inspectors, kept: kernel, recorded });
}

/** What enforcement and inspectors have to know of it. */
export function stateOf({ mode, recovery }: KeptMode): ModeState {
  return mode === Normal.mode ? Normal : { mode, reopened: recovery?.reopened ?? [] };
}

/** Who does what no person has asked for. */
export const Gateway = 'gateway';

interface Tried {
  readonly at: number;
  readonly trouble: string;
}

async function tried(act: Promise<void>, since: () => number): Promise<Tried> {
  const trouble = await act.then(() => '', textOf);
  return { at: since(), trouble };
}

async function mustSet(answer: Promise<string>): Promise<void> {
  const problem = await answer;
  if (problem !== '') throw new Error(problem);
}

function outcome(done: Record<'kernel' | 'inspectors' | 'kept' | 'recorded', Tried>): ModeOutcome {
  const { kernel, inspectors, kept, recorded } = done;
  const time = ({ at, trouble }: Tried): number | undefined => (trouble === '' ? at : undefined);
  const told = (what: string, { trouble }: Tried): readonly string[] =>
    trouble === '' ? [] : [`${what} ${trouble}`];
  const unfinished = [...told(NotInKernel, kernel), ...told(NotKept, kept)];
  const others = [
    ...told('Not every inspecting process has taken the mode.', inspectors),
    ...told('The change is not on record yet.', recorded),
  ];
  return {
    times: { kernel: time(kernel), inspectors: time(inspectors), record: time(recorded) },
    troubles: [...unfinished, ...others],
    unfinished,
  };
}

/**
 * Tells the kernel and the file once more what they should have had.
 * @returns what still fails, as sentences
 */
export async function finish(kept: KeptMode, { enforcement, file }: ModeParts): Promise<readonly string[]> {
  const { mode, reopened } = stateOf(kept);
  const kernel = await enforcement.setMode(mode, reopened).then(() => '', textOf);
  const disk = await file.save(kept).then(() => '', textOf);
  return [kernel && `${NotInKernel} ${kernel}`, disk && `${NotKept} ${disk}`].filter((one) => one !== '');
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const NotInKernel = 'The kernel has not taken the mode yet; it is told again.';
const NotKept = 'The mode is not on the disk yet, where a restart looks for it; it is written again.';
