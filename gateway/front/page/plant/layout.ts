/** A zone where it stands in the drawing: its middle, in boxes across and down. */
export interface Placed {
  readonly zone: string;
  readonly layer: number;
  /** Among those of its layer, from -0.5 × (n - 1) to 0.5 × (n - 1). */
  readonly offset: number;
}

export interface Layout {
  readonly placed: readonly Placed[];
  readonly layers: number;
  /** Most zones in one layer. */
  readonly breadth: number;
}

/**
 * Zones in layers by how many conduits lie between them and the outside, as the plant is spoken of: the office at one
 * end, the safety system at the other. The same zones and conduits always give the same drawing, whatever passes.
 */
export function layoutZones(
  zones: readonly { readonly name: string; readonly kind: string }[],
  conduits: readonly { readonly from: string; readonly to: string }[],
): Layout {
  const depth = depths(zones, conduits);
  const deepest = Math.max(0, ...depth.values());
  const layers = Array.from({ length: deepest + 1 }, (_, layer) =>
    zones.filter(({ name }) => depth.get(name) === layer).map(({ name }) => name),
  ).filter((layer) => layer.length > 0);
  return {
    placed: layers.flatMap((names, layer) =>
      names.map((zone, index) => ({ zone, layer, offset: index - (names.length - 1) / 2 })),
    ),
    layers: layers.length,
    breadth: Math.max(1, ...layers.map((names) => names.length)),
  };
}

/** Steps from the outermost zones. */
function depths(
  zones: readonly { readonly name: string; readonly kind: string }[],
  conduits: readonly { readonly from: string; readonly to: string }[],
): ReadonlyMap<string, number> {
  const neighbours = new Map<string, string[]>(zones.map(({ name }) => [name, []]));
  for (const { from, to } of conduits) {
    neighbours.get(from)?.push(to);
    neighbours.get(to)?.push(from);
  }
  const depth = new Map<string, number>();
  for (;;) {
    // What no conduit joins to the rest starts at the edge by itself.
    let front = outermost(zones.filter(({ name }) => !depth.has(name)));
    if (front.length === 0) return depth;
    for (let layer = 0; front.length > 0; layer += 1) {
      for (const name of front) depth.set(name, layer);
      const next = new Set(front.flatMap((name) => neighbours.get(name) ?? []));
      front = [...next].filter((name) => neighbours.has(name) && !depth.has(name));
    }
  }
}

/** What lies outside the plant; else its DMZ; else the first of all. */
function outermost(zones: readonly { readonly name: string; readonly kind: string }[]): readonly string[] {
  const ofKind = (...kinds: readonly string[]) => zones.filter(({ kind }) => kinds.includes(kind));
  const found = [ofKind('external', 'enterprise'), ofKind('dmz'), zones.slice(0, 1)];
  return found.find((some) => some.length > 0)?.map(({ name }) => name) ?? [];
}
