import type { Mode } from '../../model/access.ts';
import type { Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Mutant } from './mutant.ts';

/** Each flow of a mode's keep-list left out, each other one put in, each profile of a mode taken back. */
export function modeMutants({ modes, flows }: ZoneModel): readonly Mutant[] {
  return modes.flatMap((mode) => {
    const of = (what: string, change: (each: Mode) => Mode): Mutant => ({
      at: mode.at,
      about: mode.name,
      what: `mode ${mode.name} ${what}`,
      change: { mode: (each) => (each.name === mode.name ? change(each) : each) },
    });
    const isOf = (id: string) => (flow: Flow) => flow.id === id;
    const outside = mode.keepsAll ? [] : flows.filter((flow) => !mode.keep.includes(flow));
    return [
      ...mode.keep.map(({ id }) =>
        of(`without ${id}`, (each) => ({ ...each, keep: each.keep.filter((flow) => !isOf(id)(flow)) })),
      ),
      ...outside.map((flow) => of(`with ${flow.id}`, (each) => ({ ...each, keep: [...each.keep, flow] }))),
      ...mode.profiles.map(({ flow: { id }, profile }) =>
        of(`without ${profile.name} for ${id}`, (each) => ({
          ...each,
          profiles: each.profiles.filter(({ flow }) => !isOf(id)(flow)),
        })),
      ),
    ];
  });
}
