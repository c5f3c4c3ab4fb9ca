import { InspectorShards } from '../../rules/policy.ts';

/** An inspecting process as far as dealing goes. */
export interface Candidate {
  readonly id: number;
  /** Shards it holds or was told to take. */
  readonly shards: readonly number[];
  /** It enforces the policy in force, so that it may be given shards. */
  readonly ready: boolean;
}

/** One process is to take these shards. */
export interface Assignment {
  readonly id: number;
  readonly shards: readonly number[];
}

/**
 * Who should take which shards now. The shards are dealt into one block per inspector; a block without
 * a process goes to one that has none, so the spare takes over the moment a process is lost. A process
 * never takes a second block: it would carry the load that may have ended the first one. What a process
 * holds stays its own while it lives, also while it has yet to take up a new policy: nobody else could
 * listen there.
 * @param inspectors number of blocks, 1 to {@link InspectorShards}
 * @param candidates connected processes, those to be preferred first
 */
export function assignShards(inspectors: number, candidates: readonly Candidate[]): readonly Assignment[] {
  const idle = candidates.filter(({ ready, shards }) => ready && shards.length === 0);
  const held = new Set(candidates.flatMap(({ shards }) => shards));
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
