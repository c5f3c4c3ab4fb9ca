import type { Profile } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { describeAddress, serversIn } from './servers.ts';
import { writtenBy } from './terms.ts';

/** The coil opens only where the register would: where nobody may write that, it is shut, or the line is wrong. */
export const aliasWithoutRegister: Check = {
  code: 'M-318',
  severity: 'warning',
  clause: 'MAP V1.1b3 §4.3',
  title: 'Every alias leads to a register that some permission guards.',
  run: ({ profiles }) => {
    const holders = Map.groupBy(
      profiles.flatMap((profile) => profile.aliases.map((alias) => ({ alias, profile }))),
      ({ alias }) => alias,
    );
    return [...holders]
      .filter(([{ register }, held]) => !held.some(({ profile }) => writesRegister(profile, register)))
      .map(([{ coil, register, at }, [first]]) => ({
        at,
        about: first?.profile.name ?? '',
        message: `No permission of ${first?.profile.name} writes ${describeAddress('holding-registers', register)}, so none guards coil ${coil}, and no write of it passes.`,
        hint: 'Correct the register, add its permission, or remove the alias.',
      }));
  },
};

/** A write makes its own address unknown and that address's twins, and nothing of what those are besides. */
export const aliasShared: Check = {
  code: 'M-326',
  severity: 'warning',
  clause: 'MAP V1.1b3 §4.3',
  title: 'A coil is one bit, and a bit is one coil.',
  run: (model) => {
    const found = new Map<Alias, Problem>();
    for (const { name, aliases } of model.profiles) addShared(found, name, aliases);
    for (const mode of model.modes)
      for (const [asset, uses] of serversIn(model, mode))
        addShared(
          found,
          asset.name,
          uses.flatMap(({ profile }) => profile.aliases),
        );
    return [...found.values()];
  },
};

type Alias = Profile['aliases'][number];

function addShared(found: Map<Alias, Problem>, name: string, aliases: readonly Alias[]): void {
  const byBit = new Map<string, Alias>();
  const byCoil = new Map<number, Alias>();
  for (const alias of aliases) {
    const { coil, at } = alias;
    const bit = describeBit(alias);
    const firstOfBit = byBit.get(bit) ?? alias;
    const firstOfCoil = byCoil.get(coil) ?? alias;
    byBit.set(bit, firstOfBit);
    byCoil.set(coil, firstOfCoil);
    if (firstOfBit.coil !== coil) {
      found.set(alias, {
        at,
        about: name,
        message: `${describeAlias(alias)}, and so is coil ${firstOfBit.coil} (line ${firstOfBit.at.line}): when one is written, what is known of the other stays as it was.`,
        hint: 'Keep one of the two, and permit no write of the other coil.',
      });
    } else if (describeBit(firstOfCoil) !== bit) {
      found.set(alias, {
        at,
        about: name,
        message: `${describeAlias(alias)} as well as ${describeBit(firstOfCoil)} (line ${firstOfCoil.at.line}): when one is written, what is known of the other stays as it was.`,
        hint: 'Keep one of the two, and permit no write of the other register.',
      });
    }
  }
}

function describeAlias(alias: Alias): string {
  return `Coil ${alias.coil} is ${describeBit(alias)}`;
}

function describeBit({ register, bit }: Alias): string {
  return `bit ${bit} of ${describeAddress('holding-registers', register)}`;
}

function writesRegister({ permissions }: Profile, register: number): boolean {
  return permissions
    .flatMap(writtenBy)
    .some(
      ({ table, ranges }) =>
        table === 'holding-registers' &&
        ranges.some(({ first, last }) => register >= first && register <= last),
    );
}
