import type { NonIpPath } from './characteristics.ts';
import type { ZoneModelFile } from './schema.ts';
import { type Source, tidy } from './source.ts';

/** Declared ways without IP. */
export function resolvePaths(source: Source, file: ZoneModelFile): readonly NonIpPath[] {
  const { names, places } = source;
  const entries = file.non_ip_paths ?? {};
  return Object.entries(entries).map(([id, entry]) => ({
    at: places.key(entries, id),
    id,
    kind: entry.kind,
    from: entry.from === undefined ? undefined : names.zone(entry.from, places.value(entry, 'from')),
    to: names.zone(entry.to, places.value(entry, 'to')),
    purpose: tidy(entry.purpose),
    owner: entry.owner ?? file.metadata.owner,
    controls: tidy(entry.controls),
  }));
}
