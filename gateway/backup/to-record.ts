import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { stageDurably, syncDirectory } from '../load/durable-file.ts';

const Text = Type.String({ maxLength: 70_000 });

/**
 * Acts that were done while no engine ran to put them on record, and the one that an engine may not live to tell:
 * `keyChanging` lies here from before the log's key is changed until that is told under the new one.
 */
const Left = Type.Array(
  Type.Union([
    Type.Object({
      kind: Type.Literal('restored'),
      madeAt: Type.Number(),
      keys: Type.Boolean(),
      evidence: Type.Boolean(),
      formerKey: Text,
      former: Text,
      by: Text,
    }),
    Type.Object({ kind: Type.Literal('backedUp'), by: Text, keys: Type.Boolean(), evidence: Type.Boolean() }),
    Type.Object({ kind: Type.Literal('keyChanging'), former: Text, by: Text, why: Text }),
  ]),
  { maxItems: 1000 },
);
export type LeftAct = Static<typeof Left>[number];

/** Leaves an act for the next start of the engine. @throws the system's error */
export function leaveForRecord(state: string, act: LeftAct): void {
  write(state, [...readLeft(state), act]);
}

/** What was left of this kind is told. @throws the system's error */
export function takeBack(state: string, kind: LeftAct['kind']): void {
  const others = readLeft(state).filter((one) => one.kind !== kind);
  if (others.length === 0) forgetLeft(state);
  else write(state, others);
}

/** What was left, oldest first; nothing where the file is none of ours. */
export function readLeft(state: string): readonly LeftAct[] {
  try {
    const value: unknown = JSON.parse(readFileSync(join(state, FileName), 'utf8'));
    return form.Check(value) ? value : [];
  } catch {
    return [];
  }
}

/** All of it is on record now. @throws the system's error */
export function forgetLeft(state: string): void {
  rmSync(join(state, FileName), { force: true });
  syncDirectory(state);
}

function write(state: string, acts: readonly LeftAct[]): void {
  // The engine has to read it, whoever writes it: it belongs to whose the directory is.
  const { uid, gid } = statSync(state);
  const rights = process.getuid?.() === 0 ? { mode: 0o640, uid, gid } : undefined;
  stageDurably(join(state, FileName), Buffer.from(JSON.stringify(acts)), rights)();
}

const FileName = 'to-record.json';
const form = Compile(Left);
