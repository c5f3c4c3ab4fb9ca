import type { Place } from '../finding.ts';
import type { VendorAccess } from './access.ts';
import { Presets } from './presets.ts';
import type { Reporter } from './reporter.ts';
import { readCharacteristics } from './resolve-zones.ts';
import { didYouMean } from './suggest.ts';
import { quote } from './yaml-tree.ts';
import type { Asset, Conduit, EndpointRef, Flow, Profile, Zone } from './zone-model.ts';

/** Everything in the model that has a name, and look-ups that report what is not there. */
export class Names {
  readonly zones = new Map<string, Zone>();
  readonly assets = new Map<string, Asset>();
  readonly profiles = new Map<string, Profile>();
  /** Made from the presets that flows name, by the profile's name. */
  readonly presetProfiles = new Map<string, Profile>();
  readonly conduits = new Map<string, Conduit>();
  readonly flows = new Map<string, Flow>();
  readonly vendors = new Map<string, VendorAccess>();
  readonly #flowsOf = new Map<Conduit, Flow[]>();
  readonly #reporter: Reporter;
  #suggestions = 0;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  addFlow(flow: Flow): void {
    this.flows.set(flow.id, flow);
    const siblings = this.#flowsOf.get(flow.conduit);
    if (siblings === undefined) this.#flowsOf.set(flow.conduit, [flow]);
    else siblings.push(flow);
  }

  /** An unknown zone is reported and stood in for, so that what is said about it can still be read. */
  zone(name: string, at: Place): Zone {
    return this.zones.get(name) ?? this.#unknown('zone', name, at, this.zones) ?? standIn(name, at);
  }

  asset(name: string, at: Place): Asset | undefined {
    return this.assets.get(name) ?? this.#unknown('asset', name, at, this.assets);
  }

  profile(name: string, at: Place): Profile | undefined {
    return this.profiles.get(name) ?? this.#unknown('Modbus profile', name, at, this.profiles, PresetNames);
  }

  flow(id: string, at: Place): Flow | undefined {
    return this.flows.get(id) ?? this.#unknown('flow', id, at, this.flows);
  }

  vendor(name: string, at: Place): VendorAccess | undefined {
    return this.vendors.get(name) ?? this.#unknown('vendor', name, at, this.vendors);
  }

  /** An asset by its name, else a whole zone by its id. */
  endpoint(name: string, at: Place): EndpointRef | undefined {
    const asset = this.assets.get(name);
    if (asset !== undefined) return { kind: 'asset', asset, at };
    const zone = this.zones.get(name);
    if (zone !== undefined) return { kind: 'zone', zone, at };
    return this.#unknown('asset or zone', name, at, this.assets, this.zones);
  }

  /** All flows of a conduit, or the one flow that is named. */
  flowsNamed(id: string, at: Place): readonly Flow[] {
    const conduit = this.conduits.get(id);
    if (conduit !== undefined) return this.#flowsOf.get(conduit) ?? [];
    const flow = this.flows.get(id) ?? this.#unknown('conduit or flow', id, at, this.conduits, this.flows);
    return flow === undefined ? [] : [flow];
  }

  /** Whether anything at all has this name. */
  has(name: string): boolean {
    const { zones, assets, profiles, presetProfiles, conduits, flows, vendors } = this;
    const tables = [zones, assets, profiles, presetProfiles, conduits, flows, vendors];
    return tables.some((table) => table.has(name));
  }

  #unknown(
    what: string,
    name: string,
    at: Place,
    ...tables: readonly ReadonlyMap<string, unknown>[]
  ): undefined {
    const candidates = tables.flatMap((table) => [...table.keys()]);
    // Comparing every unknown name with every known one is quadratic; nobody reads the hundredth hint.
    const hint =
      ++this.#suggestions > MaxSuggestions
        ? 'Correct the name or add what it names.'
        : didYouMean(name, candidates, `${what.replace(' or ', 's and ')}s`);
    this.#reporter.error('N-001', at, `There is no ${what} named ${quote(name)}.`, hint);
    return undefined;
  }
}

const MaxSuggestions = 100;
const PresetNames: ReadonlyMap<string, undefined> = new Map(Presets.map((name) => [name, undefined]));

function standIn(id: string, at: Place): Zone {
  const reviewedBy = { security: '', process: '' };
  const slT = { at, level: 0, vector: {}, rationale: '', ref: '', reviewedBy };
  const characteristics = readCharacteristics(undefined);
  const unsaid = { owner: '', boundary: '', wireless: false, transient: false, consequences: {} };
  return { at, id, name: id, kind: 'control', networks: [], prefixes: [], slT, ...unsaid, characteristics };
}
