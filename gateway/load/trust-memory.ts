import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type FileRights, readIfPresent, stageDurably } from './durable-file.ts';
import type { TrustedKey } from './trusted-keys.ts';

const Id = Type.String({ pattern: '^[0-9a-f]{64}$' });

const Keys = {
  trusted: Type.Array(Type.Object({ id: Id, name: Type.String(), since: Type.Number() })),
  /** An older configuration must not bring them back unseen. */
  distrusted: Type.Array(Type.Object({ id: Id, name: Type.String() })),
};

/** Keys of one use that were trusted at the last look, and those that are so no more. */
const KeyMemory = Type.Object(Keys);
export type KeyMemory = Static<typeof KeyMemory>;

/** Which keys that sign policies this box trusted when it last looked, and which that sign releases. */
export const TrustMemory = Type.Object({
  form: Type.Literal(1),
  ...Keys,
  /** Absent until a box that knows of them has looked. */
  releases: Type.Optional(KeyMemory),
});
export type TrustMemory = Static<typeof TrustMemory>;

/** A key that became trusted, or is so no more. */
export type TrustStep = Pick<TrustedKey, 'id' | 'name'> & { readonly trusted: boolean };

/** Undefined where the box never looked, or what it kept cannot be read. */
export function readTrustMemory(state: string): TrustMemory | undefined {
  try {
    const bytes = readIfPresent(join(state, FileName));
    if (bytes === undefined) return undefined;
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return form.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param rights of the file; whoever writes it owns it if not given. @throws the system's error */
export function writeTrustMemory(state: string, memory: TrustMemory, rights?: FileRights): void {
  stageDurably(join(state, FileName), Buffer.from(`${JSON.stringify(memory, undefined, 1)}\n`), rights)();
}

/** What is to be kept from now on, and what changed. The first look changes nothing. `now` is wall time. */
export function compareTrust(
  before: KeyMemory | undefined,
  keys: readonly Pick<TrustedKey, 'id' | 'name'>[],
  now: number,
): { readonly memory: KeyMemory; readonly steps: readonly TrustStep[] } {
  const known = before?.trusted ?? [];
  const added = keys.filter(({ id }) => !known.some((one) => one.id === id));
  const gone = known.filter(({ id }) => !keys.some((one) => one.id === id));
  const since = (id: string): number => known.find((one) => one.id === id)?.since ?? now;
  const isTrusted = (id: string): boolean => keys.some((one) => one.id === id);
  const distrusted = [...(before?.distrusted ?? []), ...gone.map(({ id, name }) => ({ id, name }))];
  return {
    memory: {
      trusted: keys.map(({ id, name }) => ({ id, name, since: since(id) })),
      distrusted: distrusted.filter(
        ({ id }, at) => !isTrusted(id) && distrusted.findIndex((one) => one.id === id) === at,
      ),
    },
    steps:
      before === undefined
        ? []
        : [
            ...added.map(({ id, name }) => ({ id, name, trusted: true })),
            ...gone.map(({ id, name }) => ({ id, name, trusted: false })),
          ],
  };
}

const FileName = 'trusted-keys.json';
const form = Compile(TrustMemory);
