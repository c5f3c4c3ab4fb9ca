import { describe, expect, test } from 'vitest';
import { createChannelOwners } from '../../../gateway/engine/channel-owners.ts';
import { joined, type Member } from '../../../gateway/engine/inspector-member.ts';
import type { ChannelReport, ChannelTerms } from '../../../gateway/ipc/channel-body.ts';
import type { EngineToInspector } from '../../../gateway/ipc/messages.ts';
import { createToldBook } from '../../../gateway/ipc/told-book.ts';

const terms: ChannelTerms = {
  channel: 'C-1',
  grant: 'G-1',
  person: 'anna',
  target: 'pumpco/plc-1.502',
  token: 'a'.repeat(64),
  patience: 5_000,
  client: { address: '198.51.100.7', port: 40_312 },
  recordBytes: true,
  reportReads: false,
};

function crew(...shards: readonly (readonly number[])[]) {
  const told: { pid: number; message: EngineToInspector }[] = [];
  const channel = { send: () => true, queued: () => 0, close: () => undefined, isOpen: () => true };
  const members: Member[] = shards.map((own, index) =>
    joined(
      index,
      channel,
      {
        kind: 'hello',
        pid: index + 1,
        epoch: `${index}`.repeat(16),
        shards: [...own],
        policy: '',
        countsInFile: false,
        told: createToldBook().totals(),
      },
      { wall: 0, monotonic: 0 },
    ),
  );
  const tell = ({ pid }: Member, message: EngineToInspector): void => void told.push({ pid, message });
  return { owners: createChannelOwners({ members: () => members, tell }), told, members };
}

const closed: ChannelReport = {
  what: 'closed',
  channel: 'C-1',
  at: 9,
  reason: 'client-closed',
  bytesFromClient: 1,
  bytesFromServer: 2,
  requests: 0,
  writes: 0,
  refused: 0,
  pieces: 0,
};

describe('a channel', () => {
  test('is expected by the process that listens on its target’s shard, and all that concerns it goes there', () => {
    const { owners, told } = crew([0, 2], [1, 3]);
    expect(owners.expect(3, terms)).toBe('1'.repeat(16));
    owners.recorded('C-1', 7);
    owners.end(['C-1', 'C-unknown'], 'grant-stopped');
    expect(told).toEqual([
      { pid: 2, message: { kind: 'expect-channel', terms } },
      { pid: 2, message: { kind: 'recorded', channel: 'C-1', upTo: 7 } },
      { pid: 2, message: { kind: 'end-channels', channels: ['C-1'], reason: 'grant-stopped' } },
    ]);
  });

  test('is expected by nobody where nobody listens on the shard', () => {
    const { owners, told } = crew([0]);
    expect(owners.expect(1, terms)).toBeUndefined();
    expect(told).toEqual([]);
  });

  test('ends once: nothing is taken of it from another process, or after its end', () => {
    const { owners } = crew([0]);
    const epoch = owners.expect(0, terms) ?? '';
    expect(owners.take('f'.repeat(16), closed)).toBe(false);
    expect(owners.take(epoch, closed)).toBe(true);
    expect(owners.take(epoch, closed)).toBe(false);
    expect(owners.lose(epoch, 10)).toEqual([]);
  });

  test('ends with its process, with what was last told of it', () => {
    const { owners } = crew([0]);
    const epoch = owners.expect(0, terms) ?? '';
    const about = { channel: 'C-1' } as const;
    const passed = { bytesFromClient: 120, bytesFromServer: 90, lastActivity: 5 };
    const operation = {
      ...about,
      what: 'operation',
      at: 5,
      write: true,
      exceptionCode: 0,
      text: '',
    } as const;
    const request = { unit: 1, functionCode: 6, values: [] };
    for (const report of [
      { ...about, what: 'expected', path: '/run' },
      { ...about, what: 'bytes', piece: 4, from: 'client', at: 5, data: '' },
      { ...about, what: 'progress', ...passed },
      { ...operation, request, outcome: 'passed', permission: 'p/1' },
      { ...operation, request, outcome: 'refused', permission: 'p/1' },
    ] satisfies ChannelReport[]) {
      expect(owners.take(epoch, report)).toBe(true);
    }
    expect(owners.lose(epoch, 10)).toEqual([
      {
        ...closed,
        at: 10,
        reason: 'inspector-lost',
        bytesFromClient: 120,
        bytesFromServer: 90,
        requests: 2,
        writes: 1,
        refused: 1,
        pieces: 4,
      },
    ]);
    expect(owners.take(epoch, closed)).toBe(false);
  });
});
