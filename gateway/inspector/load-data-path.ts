import type { DataPath } from './data-path.ts';

export type DataPathName = 'epoll' | 'streams';

export function isDataPathName(text: string): text is DataPathName {
  return text === 'epoll' || text === 'streams';
}

/** Loaded when needed: each brings foreign functions that a process without transparent sockets does without. */
export async function loadDataPath(name: DataPathName): Promise<DataPath> {
  if (name === 'streams') return (await import('./stream-path.ts')).streamPath;
  const [{ createDescriptorPath }, { createEventLoop }] = await Promise.all([
    import('./descriptors/descriptor-path.ts'),
    import('./descriptors/event-loop.ts'),
  ]);
  return createDescriptorPath(createEventLoop());
}
