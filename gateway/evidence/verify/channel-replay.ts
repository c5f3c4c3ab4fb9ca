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

interface Recording {
  erased: boolean;
  readonly chunks: ChunkClaim[];
}

export function createChannelReplay(find: Find, grants: GrantReplay): ChannelReplay {
  const open = new Map<string, ChannelStory>();
  const ended = new Map<string, ChannelStory>();
  /** Channels of each grant so far, for the count that its closing tells. */
  const opened = new Map<string, number>();
  const recordings = new Map<string, Recording>();

  function openedNow(act: ActOf<'channelOpened'>, { sequence, at }: Where): void {
    const { channel, grant: id, target, carrier } = act;
    const grant = grants.get(id);
    const named = `Channel ${channel} of grant ${id}`;
    if (grant?.stage !== 'open') {
      find('channel-without-grant', sequence, `${named} was opened while the grant was not.`);
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
    opened.set(id, (opened.get(id) ?? 0) + 1);
  }

  function closed(act: ActOf<'channelClosed'>, { sequence }: Where): void {
    const story = open.get(act.channel);
    const named = `Channel ${act.channel} of grant ${act.grant}`;
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
    if (story.operations < act.writes + act.refused && !story.lossy) {
      find(
        'operations-missing',
        sequence,
        `${named} had ${act.writes} writes and ${act.refused} refusals, and ${story.operations} are on record.`,
      );
    }
    open.delete(act.channel);
    ended.set(act.channel, story);
  }

  function grantClosed(act: ActOf<'grantClosed'>, { sequence }: Where): void {
    const seen = opened.get(act.grant) ?? 0;
    if (act.channels !== seen) {
      find(
        'counts-differ',
        sequence,
        `Grant ${act.grant} had ${act.channels} channels, and ${seen} are on record.`,
      );
    }
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
