import type { ChunkRecord, OperationRecord } from '../../../rules/record/record.ts';
import type { Find } from './finding.ts';
import { EndSlack, type GrantReplay, RecordSlack } from './grant-replay.ts';
import type { ActOf, ChunkClaim, RecordingClaim, Where } from './told.ts';

/** Holds what is told of channels, and of what passed in them, against the grants they belong to. */
export interface ChannelReplay {
  readonly opened: (act: ActOf<'channelOpened'>, where: Where) => void;
  readonly closed: (act: ActOf<'channelClosed'>, where: Where) => void;
  readonly grantClosed: (act: ActOf<'grantClosed'>, where: Where) => void;
  readonly erased: (act: ActOf<'recordingErased'>, where: Where) => void;
  readonly operation: (record: OperationRecord, sequence: number) => void;
  readonly chunk: (record: ChunkRecord, sequence: number) => void;
  /** Records were lost here: counts prove nothing for what is open. */
  readonly lost: () => void;
  readonly restarted: () => void;
  readonly end: (latest: number) => void;
  readonly recordings: () => ReadonlyMap<string, RecordingClaim>;
}

interface ChannelStory {
  readonly id: string;
  readonly grant: string;
  readonly target: string;
  readonly openedIn: number;
  chunks: number;
  operations: number;
  lossy: boolean;
}

/** What a channel's closing counts, and a grant's again. */
const Counts = ['bytesFromClient', 'bytesFromServer', 'writes', 'refused'] as const;
const CountWords = {
  channels: 'channels',
  bytesFromClient: 'bytes of the client',
  bytesFromServer: 'bytes of the server',
  writes: 'writes',
  refused: 'refusals',
} as const;

type Totals = { open: number } & { -readonly [Name in keyof typeof CountWords]: number };

function isTold(cause: string): boolean {
  return cause === 'recording-lost' || cause === 'evidence-lost';
}

interface Recording {
  erased: boolean;
  readonly chunks: ChunkClaim[];
}

export function createChannelReplay(find: Find, grants: GrantReplay): ChannelReplay {
  const open = new Map<string, ChannelStory>();
  const ended = new Map<string, ChannelStory>();
  /** Totals of each grant's channels so far, for the counts that its closing tells. */
  const totals = new Map<string, Totals>();
  const recordings = new Map<string, Recording>();

  function openedNow(act: ActOf<'channelOpened'>, { sequence, at }: Where): void {
    const { channel, grant: id, target, carrier } = act;
    const grant = grants.get(id);
    const named = `Channel ${channel} of grant ${id}`;
    if (grant?.stage !== 'open') {
      find('channel-without-grant', sequence, `${named} was opened while the grant was not.`);
    } else if (grant.restarted) {
      find('channel-without-grant', sequence, `${named} was opened after a restart, which ends every grant.`);
    } else if (at > grant.until + EndSlack) {
      find('channel-without-grant', sequence, `${named} was opened after the end of the grant.`);
    }
    if (grant !== undefined && (!grant.targets.has(target) || grant.carrier !== carrier)) {
      find(
        'channel-elsewhere',
        sequence,
        `${named} led to ${target} over ${carrier}, which was not granted.`,
      );
    }
    if (open.has(channel) || ended.has(channel)) {
      find('channel-twice', sequence, `${named} was opened a second time.`);
    }
    const story = {
      id: channel,
      grant: id,
      target,
      openedIn: sequence,
      chunks: 0,
      operations: 0,
      lossy: false,
    };
    open.set(channel, story);
    const sum = totalsOf(id);
    sum.channels += 1;
    sum.open += 1;
  }

  function closed(act: ActOf<'channelClosed'>, { sequence }: Where): void {
    const story = open.get(act.channel);
    const named = `Channel ${act.channel} of grant ${act.grant}`;
    // One that could not be put on record was never opened, and its end may be told all the same.
    if (story === undefined && Counts.every((name) => act[name] === 0)) return;
    if (story === undefined || story.grant !== act.grant) {
      return find('channel-without-grant', sequence, `${named} was closed and had not been opened.`);
    }
    if (story.chunks !== act.chunks) {
      find(
        'chunks-missing',
        sequence,
        `${named} was recorded in ${act.chunks} pieces, and ${story.chunks} are on record.`,
      );
    }
    const passed = act.bytesFromClient + act.bytesFromServer;
    // A box that could not record says so with the cause, and lets nothing more pass.
    if (
      grants.get(act.grant)?.recordsBytes === true &&
      passed > 0 &&
      act.chunks === 0 &&
      !isTold(act.cause)
    ) {
      find('chunks-missing', sequence, `${named} carried ${passed} bytes, and nothing of it was recorded.`);
    }
    if (story.operations < act.writes + act.refused && !story.lossy) {
      find(
        'operations-missing',
        sequence,
        `${named} had ${act.writes} writes and ${act.refused} refusals, and ${story.operations} are on record.`,
      );
    }
    const sum = totalsOf(act.grant);
    sum.open -= 1;
    for (const name of Counts) sum[name] += act[name];
    open.delete(act.channel);
    ended.set(act.channel, story);
  }

  function grantClosed(act: ActOf<'grantClosed'>, { sequence }: Where): void {
    // What an earlier run of the gateway had open is closed with the counts that the later one knows: none.
    if (act.cause === 'box-restarted') return;
    const seen = totalsOf(act.grant);
    const names = seen.open > 0 ? (['channels'] as const) : (['channels', ...Counts] as const);
    for (const name of names) {
      if (act[name] === seen[name]) continue;
      find(
        'counts-differ',
        sequence,
        `Grant ${act.grant} was closed with ${act[name]} ${CountWords[name]}, and its channels had ${seen[name]}.`,
      );
    }
  }

  function totalsOf(grant: string): Totals {
    const known = totals.get(grant) ?? {
      open: 0,
      channels: 0,
      bytesFromClient: 0,
      bytesFromServer: 0,
      writes: 0,
      refused: 0,
    };
    totals.set(grant, known);
    return known;
  }

  function operation(record: OperationRecord, sequence: number): void {
    const { channel, grant, target, person } = record;
    const story = open.get(channel) ?? ended.get(channel);
    if (story === undefined || story.grant !== grant || story.target !== target) {
      return find(
        'operation-astray',
        sequence,
        `A request in channel ${channel} belongs to no such channel.`,
      );
    }
    if (grants.get(grant)?.person !== person) {
      find(
        'operation-astray',
        sequence,
        `A request in grant ${grant} is told of ${person}, who does not hold it.`,
      );
    }
    story.operations += 1;
  }

  function chunk({ channel, grant, index, digest }: ChunkRecord, sequence: number): void {
    const story = open.get(channel) ?? ended.get(channel);
    if (story === undefined || story.grant !== grant || story.chunks !== index) {
      find(
        'chunk-astray',
        sequence,
        `Piece ${index} of the recording of channel ${channel} is out of its place.`,
      );
    }
    if (story !== undefined) story.chunks = index + 1;
    recordingOf(grant).chunks.push({ sequence, channel, index, digest });
  }

  function erased({ grant, chunks, why }: ActOf<'recordingErased'>, { sequence }: Where): void {
    recordingOf(grant).erased = true;
    find(
      'recording-erased',
      sequence,
      `The recording of grant ${grant} was erased, ${chunks} pieces: ${why}.`,
    );
  }

  function recordingOf(grant: string): Recording {
    const known = recordings.get(grant) ?? { erased: false, chunks: [] };
    recordings.set(grant, known);
    return known;
  }

  function end(latest: number): void {
    for (const { id, grant: name, openedIn } of open.values()) {
      const grant = grants.get(name);
      if (grant?.stage !== 'closed' || latest < grant.closedAt + RecordSlack) continue;
      find('channel-unclosed', openedIn, `Channel ${id} of grant ${name} was opened and never closed.`);
    }
  }

  function restarted(): void {
    for (const [id, story] of open) ended.set(id, story);
    open.clear();
  }

  function lost(): void {
    for (const story of open.values()) story.lossy = true;
  }

  return {
    opened: openedNow,
    closed,
    grantClosed,
    erased,
    operation,
    chunk,
    lost,
    restarted,
    end,
    recordings: () => recordings,
  };
}
