import type { Flow, Permission, Profile, ZoneModel } from '../model/zone-model.ts';
import { type AccessPiece, piecesOf } from './access.ts';
import { packetsMeet } from './packet-box.ts';
import { permitsOf } from './permit.ts';
import { indexPieces } from './piece-index.ts';
import { type RequestBox, subtractBox } from './requests/request-box.ts';
import { requestsOf } from './requests/request-set.ts';
import { subtractPieces } from './subtract-pieces.ts';

/** A flow that could go and nothing would change: at every time and in every mode others permit all of it. */
export interface ShadowedFlow {
  readonly flow: Flow;
  /** Those that do, together; none of them is shadowed itself. */
  readonly by: readonly Flow[];
}

/** A permission of which the same is true within its profile. */
export interface ShadowedPermission {
  readonly profile: Profile;
  readonly permission: Permission;
  /** Empty where it permits nothing at all. */
  readonly by: readonly Permission[];
}

/** Two flows that permit some of the same packets. */
export interface FlowOverlap {
  readonly one: Flow;
  readonly other: Flow;
}

/**
 * The flows that the union of others already permits, down to the Modbus request. A flow with inspection, limits
 * of its own, one-way or with tolerances is only shadowed by those that are no looser and no tighter in that. All
 * of them together can be taken out. @param now wall time, milliseconds: what has ended by then shadows nothing
 */
export function shadowedFlows(model: ZoneModel, now: number): readonly ShadowedFlow[] {
  const pieces = flowPieces(model, now);
  const { meeting } = indexPieces(pieces);
  const modes = new Set(model.modes.map(({ name }) => name));
  const shadowed = new Map<Flow, readonly Flow[]>();
  const byFlow = Map.groupBy(pieces, ({ flow }) => flow);
  // The later of two that are alike is the one too many.
  for (const [flow, own] of [...byFlow].reverse()) {
    const by = new Set<Flow>();
    const isCovered = own.every((piece) => {
      const others = meeting(piece.packets).filter(
        (other) => mayShadow(other, piece) && !shadowed.has(other.flow),
      );
      if (subtractPieces(piece, others, modes).length > 0) return false;
      for (const other of neededOf(piece, others, modes)) by.add(other.flow);
      return true;
    });
    if (isCovered) shadowed.set(flow, [...by]);
  }
  return [...shadowed].map(([flow, by]) => ({ flow, by })).reverse();
}

/** The permissions a profile states itself that the others of it already give. */
export function shadowedPermissions({ profiles }: ZoneModel): readonly ShadowedPermission[] {
  return profiles.filter(({ preset }) => preset === undefined).flatMap((profile) => shadowedIn(profile));
}

/** Pairs of flows in the order of the file; at most so many, which is more than anyone reads. */
export function overlaps(model: ZoneModel, now: number, most = MostOverlaps): readonly FlowOverlap[] {
  const pieces = flowPieces(model, now);
  const { meeting } = indexPieces(pieces);
  const place = new Map(model.flows.map((flow, at) => [flow, at]));
  const found = new Map<string, FlowOverlap>();
  for (const { flow: one, packets } of pieces) {
    for (const { flow: other } of meeting(packets)) {
      const [first, second] = [place.get(one) ?? 0, place.get(other) ?? 0];
      if (first < second) found.set(`${first} ${second}`, { one, other });
    }
    if (found.size >= most) break;
  }
  return [...found.values()].slice(0, most);
}

interface FlowPiece extends AccessPiece {
  readonly flow: Flow;
}

function flowPieces(model: ZoneModel, now: number): readonly FlowPiece[] {
  return permitsOf(model, now).flatMap((permit) => {
    const { by } = permit;
    if (by.kind !== 'flow') return [];
    return piecesOf(model, permit).map((piece): FlowPiece => ({ ...piece, flow: by.flow }));
  });
}

/** Whether what one permits is treated as what the other permits is, so that it can stand for it. */
function mayShadow(other: FlowPiece, piece: FlowPiece): boolean {
  const [one, two] = [other.flow, piece.flow];
  return (
    one !== two &&
    (one.profile === undefined) === (two.profile === undefined) &&
    one.conduit.oneWay === two.conduit.oneWay &&
    two.conduit.tolerances.every((each) => one.conduit.tolerances.includes(each)) &&
    (one.limits === undefined || JSON.stringify(one.limits) === JSON.stringify(two.limits))
  );
}

/** Those of the others without which something would be left: in order, what nothing is taken by is left out. */
function neededOf(
  piece: AccessPiece,
  others: readonly FlowPiece[],
  modes: ReadonlySet<string>,
): readonly FlowPiece[] {
  let needed = others.filter((other) => packetsMeet(other.packets, piece.packets));
  for (const other of others.slice(0, MostTried)) {
    const rest = needed.filter((each) => each !== other);
    if (subtractPieces(piece, rest, modes).length === 0) needed = rest;
  }
  return needed;
}

function shadowedIn(profile: Profile): readonly ShadowedPermission[] {
  const boxes = Map.groupBy(requestsOf(profile, 'direct'), ({ permission }) => permission);
  const gone = new Map<Permission, readonly Permission[]>();
  // What is inherited is stated elsewhere, where others may need it.
  const own = profile.permissions.filter(({ id }) => id.startsWith(`${profile.name}/`));
  for (const permission of own.toReversed()) {
    const others = profile.permissions.filter((each) => each !== permission && !gone.has(each));
    const by = shadowing(boxes.get(permission) ?? [], others, boxes);
    if (by !== undefined) gone.set(permission, by);
  }
  return [...gone].map(([permission, by]) => ({ profile, permission, by })).reverse();
}

/** The permissions that together give all of the boxes, or undefined where something is left. */
function shadowing(
  whole: readonly RequestBox[],
  others: readonly Permission[],
  boxes: ReadonlyMap<Permission | undefined, readonly RequestBox[]>,
): readonly Permission[] | undefined {
  let left = whole;
  const by: Permission[] = [];
  for (const other of others) {
    if (left.length === 0) break;
    const before = left;
    for (const box of boxes.get(other) ?? []) left = left.flatMap((part) => subtractBox(part, box));
    const isSame = left.length === before.length && left.every((part, at) => part === before[at]);
    if (!isSame) by.push(other);
    if (left.length > MostParts) return undefined;
  }
  return left.length === 0 ? by : undefined;
}

const MostOverlaps = 1000;
/** So many of those that share packets are tried one by one for whether they are needed. */
const MostTried = 32;
const MostParts = 4096;
