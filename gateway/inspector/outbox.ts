import type { InspectorToEngine } from '../ipc/messages.ts';

/** A message that must not get lost while it can be kept: what evidence records are made of. */
export type RecordMessage = Extract<InspectorToEngine, { kind: 'closed' | 'refusal' }>;

/** Keeps records for an engine that is away or slow. */
export interface Outbox {
  readonly add: (record: RecordMessage) => void;
  /** Sends what waits, oldest first, until the engine takes no more. */
  readonly flush: () => void;
  /** Records that found no place since the process started, exact. */
  readonly lost: () => number;
  readonly waiting: () => number;
}

/**
 * An empty outbox of `capacity` records. When it is full the newest is counted and dropped: what happened
 * first explains what came after.
 */
export function createOutbox(send: (record: RecordMessage) => boolean, capacity: number): Outbox {
  let waiting: RecordMessage[] = [];
  let lost = 0;

  function flush(): void {
    let sent = 0;
    for (const record of waiting) {
      if (!send(record)) break;
      sent += 1;
    }
    if (sent > 0) waiting = waiting.slice(sent);
  }

  return {
    add: (record) => {
      if (waiting.length === 0 && send(record)) return;
      if (waiting.length < capacity) waiting.push(record);
      else lost += 1;
    },
    flush,
    lost: () => lost,
    waiting: () => waiting.length,
  };
}
