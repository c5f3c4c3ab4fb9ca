import type { Asset, EndpointRef, Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { nameOf } from '../endpoint.ts';
import { type Door, describeDoor, doorsOf, overlapsOf } from './doors.ts';
import { holdersOf, sameClient, serversIn, sharedUnit } from './servers.ts';

/** Two that set one value undo each other, and neither knows. */
export const twoWriters: Check = {
  code: 'M-327',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'A register has one writer.',
  run: (model: ZoneModel) => {
    const found = new Map<string, Problem>();
    for (const mode of model.modes)
      for (const [asset, uses] of serversIn(model, mode)) {
        const doors = holdersOf(uses).flatMap(doorsOf);
        for (const [one, other] of [...sharedDoors(doors), ...overlapsOf(doors)])
          add(found, asset, one, other);
      }
    return [...found.values()];
  },
};

/** Each door with the first door of the same permission: one permission may be many clients'. */
function sharedDoors(doors: readonly Door[]): readonly (readonly [Door, Door])[] {
  const firsts = new Map<Permission, Door>();
  return doors.map((door) => {
    const first = firsts.get(door.permission) ?? door;
    firsts.set(door.permission, first);
    return [first, door];
  });
}

function add(found: Map<string, Problem>, asset: Asset, one: Door, other: Door): void {
  const [writer, second] = writersOf(one, other);
  if (writer === undefined || second === undefined) return;
  if (sharedUnit(asset, one.permission, other.permission) === undefined) return;
  const { flow } = other.use;
  const key = `${asset.name} ${[writer, second].sort().join(' ')}`;
  if (found.has(key)) return;
  found.set(key, {
    at: flow.at,
    about: flow.id,
    message: `${describeDoor(one, other)} of ${asset.name} may be written by ${writer} and by ${second}.`,
    hint: 'Let one of them write it, or keep their addresses apart.',
  });
}

/** Two clients that come through these doors; fewer where there is only one. */
function writersOf(one: Door, other: Door): readonly string[] {
  const [first, second] = one.use.flow.sources;
  if (one.use.flow === other.use.flow) return names(first, second);
  return sameClient(one.use.flow, other.use.flow) ? [] : names(first, other.use.flow.sources[0]);
}

function names(...ends: readonly (EndpointRef | undefined)[]): readonly string[] {
  return ends.flatMap((end) => (end === undefined ? [] : [nameOf(end)]));
}
