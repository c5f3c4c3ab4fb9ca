import type { Profile } from '../model/zone-model.ts';
import type { Check } from './check.ts';
import { describeAddress } from './modbus-servers.ts';
import { writtenBy } from './modbus-terms.ts';

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
        message: `No permission of ${first?.profile.name} writes ${describeAddress('holding-registers', register)}, so none guards coil ${coil}, and no write of it passes.`,
        hint: 'Correct the register, add its permission, or remove the alias.',
      }));
  },
};

function writesRegister({ permissions }: Profile, register: number): boolean {
  return permissions
    .flatMap(writtenBy)
    .some(
      ({ table, ranges }) =>
        table === 'holding-registers' &&
        ranges.some(({ first, last }) => register >= first && register <= last),
    );
}
