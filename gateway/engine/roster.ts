import { InspectorShards } from '../../rules/policy.ts';

/** An inspecting process as the engine knows it: by its connection, with the shards it listens on. */
export interface Member {
  readonly id: number;
  readonly shards: readonly number[];
}

/** One process is to take these shards. */
export interface Assignment {
  readonly id: number;
  readonly shards: readonly number[];
}

/**
 * Who should take which shards now. The shards are dealt into one block per inspector; a block without
 * a process goes to one that has none, so the spare takes over the moment a process is lost. A process
 * never takes a second block: it would carry the load that may have ended the first one.
 * @param inspectors number of blocks, 1 to {@link InspectorShards}
 * @param members connected processes, oldest first, with what they hold or were told to take
 */
export function assignShards(inspectors: number, members: readonly Member[]): readonly Assignment[] {
  const idle = members.filter((member) => member.shards.length === 0);
  const held = new Set(members.flatMap((member) => member.shards));
  const assignments: Assignment[] = [];
  for (const shards of shardBlocks(inspectors)) {
    const missing = shards.filter((shard) => !held.has(shard));
    if (missing.length === 0) continue;
    const next = idle.shift();
    if (next === undefined) break;
    assignments.push({ id: next.id, shards: missing });
  }
  return assignments;
}

function shardBlocks(inspectors: number): readonly (readonly number[])[] {
  const all = Array.from({ length: InspectorShards }, (_, shard) => shard);
  return Array.from({ length: inspectors }, (_, block) =>
    all.filter((shard) => shard % inspectors === block),
  );
}
