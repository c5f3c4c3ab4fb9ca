import type { Invariant } from '../../model/claims.ts';
import type { Asset, Zone, ZoneModel } from '../../model/zone-model.ts';
import { type AccessPiece, piecesOf } from '../access.ts';
import { zoneOfEnd } from '../ends.ts';
import type { PacketBox } from '../packet-box.ts';
import { type Permit, permitsOf } from '../permit.ts';
import { indexPieces, type PieceIndex } from '../piece-index.ts';
import type { CounterExample, ZoneAssets } from './counter-example.ts';

/** What became of one statement. */
export interface InvariantResult {
  readonly invariant: Invariant;
  /** `unproved`: nothing was shown to break it, and it was not shown to hold either. */
  readonly outcome: 'holds' | 'broken' | 'unproved';
  /** Confirmed ones first. A path that leads past its zone has one for each hop, in order. */
  readonly examples: readonly CounterExample[];
  /** One sentence: what holds and over what, or what breaks it. */
  readonly sentence: string;
  /** Allowances of the model that were looked at. */
  readonly looked: number;
}

/** What every proof over one model starts from. */
export interface Ground {
  readonly model: ZoneModel;
  readonly now: number;
  readonly permits: readonly Permit[];
  /** The permits that can lead from one of some zones into one of others; undefined is every zone, and the box. */
  readonly between: (
    from: ReadonlySet<Zone> | undefined,
    to: ReadonlySet<Zone> | undefined,
  ) => readonly Permit[];
  /** What inspected flows take of some packets, before any other flow does. */
  readonly inspected: (packets: PacketBox) => readonly AccessPiece[];
  readonly assetsIn: ZoneAssets;
  /** Coils that are bits of registers by any profile that speaks of an asset. */
  readonly aliasesOf: (server: Asset | undefined) => readonly Alias[];
}

export interface Alias {
  readonly coil: number;
  readonly register: number;
}

export function groundOf(model: ZoneModel, now: number): Ground {
  const permits = permitsOf(model, now);
  const byPair = new Map<Zone | undefined, Map<Zone | undefined, Permit[]>>();
  for (const permit of permits) {
    for (const from of new Set(permit.sources.map(zoneOfEnd))) {
      for (const to of new Set(permit.destinations.map(zoneOfEnd))) push(byPair, from, to, permit);
    }
  }
  const assets = Map.groupBy(model.assets, ({ zone }) => zone.id);
  const aliases = aliasesByServer(permits);
  let inspected: PieceIndex<AccessPiece> | undefined;
  return {
    model,
    now,
    permits,
    between: (from, to) => {
      const found = new Set<Permit>();
      for (const [source, targets] of byPair) {
        if (from !== undefined && (source === undefined || !from.has(source))) continue;
        for (const [target, list] of targets) {
          if (to !== undefined && (target === undefined || !to.has(target))) continue;
          for (const permit of list) found.add(permit);
        }
      }
      return [...found];
    },
    inspected: (packets) => {
      inspected ??= indexPieces(inspectedPieces(model, permits));
      return inspected.meeting(packets);
    },
    assetsIn: (zone) => assets.get(zone) ?? [],
    aliasesOf: (server) => (server === undefined ? NoAliases : (aliases.get(server) ?? NoAliases)),
  };
}

function inspectedPieces(model: ZoneModel, permits: readonly Permit[]): readonly AccessPiece[] {
  const own = permits.filter(({ by, says }) => by.kind === 'flow' && says.kind !== 'anything');
  return own.flatMap((permit) => piecesOf(model, permit));
}

function aliasesByServer(permits: readonly Permit[]): ReadonlyMap<Asset, readonly Alias[]> {
  const byServer = new Map<Asset, Set<Alias>>();
  for (const { says, destinations } of permits) {
    if (says.kind === 'anything' || says.profile.aliases.length === 0) continue;
    for (const end of destinations) {
      if (end.kind !== 'asset') continue;
      const known = byServer.get(end.asset) ?? new Set();
      for (const alias of says.profile.aliases) known.add(alias);
      byServer.set(end.asset, known);
    }
  }
  return new Map([...byServer].map(([asset, own]) => [asset, [...own]]));
}

function push<K, T>(map: Map<K, Map<K, T[]>>, one: K, other: K, item: T): void {
  const inner = map.get(one) ?? new Map<K, T[]>();
  const list = inner.get(other) ?? [];
  list.push(item);
  inner.set(other, list);
  map.set(one, inner);
}

const NoAliases: readonly Alias[] = [];
