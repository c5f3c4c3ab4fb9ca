import type { MeBody } from '../../ipc/account-body.ts';
import type { GrantsBody, OperationsBody } from '../../ipc/grant-body.ts';
import type { ModeBody } from '../../ipc/mode-body.ts';
import type { ConduitsBody, ConnectionsBody, RefusalsBody, StatusBody } from '../../ipc/snapshot.ts';

/** Bodies by topic, as the stream tells them. */
interface Topics {
  readonly me: MeBody;
  readonly status: StatusBody;
  readonly conduits: ConduitsBody;
  readonly connections: ConnectionsBody;
  readonly refusals: RefusalsBody;
  readonly mode: ModeBody;
  readonly grants: GrantsBody;
  readonly closed: GrantsBody;
  readonly operations: OperationsBody;
}

/** All that is known now. What is absent was not told, or is not for this person. */
export interface Live extends Partial<Topics> {
  /** When something was last told, on this machine's clock. */
  readonly heardAt: number;
  /** When the granted sessions were last told: their countdowns run from there. */
  readonly grantsAt: number;
  /** What the gateway's clock is ahead of this machine's, milliseconds. */
  readonly ahead: number;
  /** Why nothing new comes, or empty. */
  readonly trouble: string;
}

export interface LiveStream {
  readonly now: () => Live;
  readonly close: () => void;
}

/** Listens to the gateway for as long as the sign-in stands, also through its restarts. */
export function openLive(onNews: (live: Live, topic: string) => void, onEnded: () => void): LiveStream {
  let live: Live = { heardAt: Date.now(), grantsAt: Date.now(), ahead: 0, trouble: '' };
  let source = open();
  let again: ReturnType<typeof setTimeout> | undefined;

  function open(): EventSource {
    const made = new EventSource('/api/live');
    for (const topic of TopicNames) {
      made.addEventListener(topic, ({ data }) => take(topic, JSON.parse(data)));
    }
    made.addEventListener('beat', ({ data }) => {
      const { now } = JSON.parse(data) as { readonly now: number };
      live = { ...live, heardAt: Date.now(), ahead: now - Date.now(), trouble: '' };
      onNews(live, 'beat');
    });
    made.addEventListener('trouble', ({ data }) => troubled(String(JSON.parse(data).sentence)));
    made.addEventListener('ended', () => {
      made.close();
      onEnded();
    });
    made.onerror = () => {
      // A stream that was refused is not tried again by the browser itself.
      const refused = made.readyState === EventSource.CLOSED;
      troubled(refused ? Refused : 'The gateway’s page server does not answer.');
      if (!refused) return;
      again = setTimeout(() => {
        source = open();
        onNews(live, 'refused');
      }, Pause);
    };
    return made;
  }

  function take(topic: keyof Topics, body: unknown): void {
    const value =
      topic === 'operations' ? [...(live.operations ?? []), ...(body as OperationsBody)].slice(-Kept) : body;
    const grantsAt = topic === 'grants' ? Date.now() : live.grantsAt;
    live = { ...live, [topic]: value, grantsAt };
    onNews(live, topic);
  }

  function troubled(sentence: string): void {
    live = { ...live, trouble: sentence };
    onNews(live, 'trouble');
  }

  return {
    now: () => live,
    close: () => {
      clearTimeout(again);
      source.close();
    },
  };
}

const TopicNames = [
  'me',
  'status',
  'conduits',
  'connections',
  'refusals',
  'mode',
  'grants',
  'closed',
  'operations',
] as const satisfies readonly (keyof Topics)[];

const Refused = 'The gateway tells this page nothing now. Too many of its pages may be open: close others.';

/** Milliseconds before a refused stream is tried again. */
const Pause = 2_000;

/** Operations that are kept here; the evidence log has all that changed something. */
const Kept = 500;
