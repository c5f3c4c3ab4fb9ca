import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { AuditedBody } from '../ipc/snapshot.ts';
import { readIfPresent, stageDurably } from '../load/durable-file.ts';
import type { KeptUse } from './observation-book.ts';

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number({ minimum: 0 });
const Text = Type.String();
/** Id, digest, since, hits, last, gone at: short, because all of it is written each time. */
const Use = Type.Tuple([Text, Text, Time, Count, Time, Time]);
const Counted = Type.Array(Type.Tuple([Text, Count]));

const ObservationFile = Type.Object({
  format: Type.Literal(1),
  site: Text,
  gateway: Text,
  since: Time,
  until: Time,
  blind: Time,
  flows: Type.Array(Use),
  permissions: Type.Array(Use),
  /** Not in what earlier releases kept. */
  vendors: Type.Optional(Type.Array(Use)),
  strangers: Type.Array(Type.Object({ address: Text, zone: Text, first: Time, last: Time, packets: Count })),
  audited: AuditedBody,
  /** What inspecting processes that may live on had counted by then, of flows and of permissions. */
  counted: Type.Array(Type.Object({ epoch: Text, flows: Counted, permissions: Counted })),
});
/** What one gateway keeps of what it saw, in its state directory. */
export type ObservationFile = Static<typeof ObservationFile>;
export type UseTuple = Static<typeof Use>;

/** What was kept; undefined where nothing is, or nothing that can be read. */
export function readObservation(state: string): ObservationFile | undefined {
  try {
    const bytes = readIfPresent(fileIn(state));
    if (bytes === undefined) return undefined;
    const content: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return form.Check(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** All of it or, after a power cut, all of what was kept before. @throws the system's own error */
export function writeObservation(state: string, content: ObservationFile): void {
  stageDurably(fileIn(state), Buffer.from(JSON.stringify(content)))();
}

export function asTuple({ id, digest, since, hits, last, goneAt }: KeptUse): UseTuple {
  return [id, digest, since, hits, last, goneAt];
}

export function asUse([id, digest, since, hits, last, goneAt]: UseTuple): KeptUse {
  return { id, digest, since, hits, last, goneAt };
}

function fileIn(state: string): string {
  return join(state, 'observation.json');
}

const form = Compile(ObservationFile);
