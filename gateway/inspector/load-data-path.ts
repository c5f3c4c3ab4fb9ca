import { GatewayError } from '../errors.ts';
import type { DataPath } from './data-path.ts';

export type DataPathChoice = 'auto' | 'epoll' | 'streams';

/** What carries, and under `auto` why it is not the event loop, or empty. */
export interface LoadedPath {
  readonly name: 'epoll' | 'streams';
  readonly path: DataPath;
  readonly problem: string;
  /** Gives up what it stands on; nothing is carried any more. */
  readonly close: () => void;
}

/**
 * Loaded when needed: each brings foreign functions that a process without transparent sockets does without.
 * @throws GatewayError PST_ERR_KERNEL_FEATURE where the event loop was asked for by name and cannot be had
 */
export async function loadDataPath(choice: DataPathChoice): Promise<LoadedPath> {
  if (choice === 'streams') return streams('');
  try {
    const [{ createDescriptorPath }, { openTriedLoop }] = await Promise.all([
      import('./descriptors/descriptor-path.ts'),
      import('./descriptors/trial.ts'),
    ]);
    const loop = await openTriedLoop();
    return { name: 'epoll', path: createDescriptorPath(loop), problem: '', close: loop.close };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    if (choice === 'epoll') throw new GatewayError('PST_ERR_KERNEL_FEATURE', `(${problem})`, cause);
    return streams(problem);
  }
}

async function streams(problem: string): Promise<LoadedPath> {
  return {
    name: 'streams',
    path: (await import('./stream-path.ts')).streamPath,
    problem,
    close: () => undefined,
  };
}
