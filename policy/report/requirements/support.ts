import { counted } from '../words.ts';
import { boundarySupport } from './boundary-support.ts';
import type { LiveCheck } from './live-checks.ts';
import { recordSupport } from './record-support.ts';
import { vendorSupport } from './vendor-support.ts';
import type { ZoneView } from './zone-view.ts';

/** What the gateway and the model offer for one requirement of one zone. */
export interface Support {
  /** Empty: nothing here speaks to it. */
  readonly by: readonly string[];
  /** Enhancements that `by` covers. */
  readonly covers: readonly number[];
  readonly live: readonly LiveCheck[];
  readonly open: readonly string[];
  /** Whether the boundary alone can carry all of it; otherwise the zone's devices have a part in it. */
  readonly carries: boolean;
}

export type SupportTable = Readonly<Record<string, (view: ZoneView) => Partial<Support>>>;

/** What supports a requirement for a zone. `sr` is a key of the catalogue. */
export function supportOf(sr: string, view: ZoneView): Support {
  const nothing: Support = { by: [], covers: [], live: [], open: [], carries: false };
  return { ...nothing, ...Tables[sr]?.(view) };
}

const systemSupport: SupportTable = {
  '1.2': ({ assets, flowsOut }) => {
    const clients = assets.filter((asset) =>
      flowsOut.some(({ sources }) => sources.some((end) => end.kind === 'asset' && end.asset === asset)),
    );
    const known = clients.filter(({ mac }) => mac !== '');
    if (clients.length === 0) return {};
    return {
      by: [
        `clients known by address and link-layer address: ${known.length} of ${clients.length}; the others by address`,
      ],
      open: ['an address is no proof of identity'],
    };
  },
  '1.6': wireless,
  '2.2': wireless,
  '2.3': ({ assets, paths, zone }) => {
    const moving = assets.filter(({ transient }) => transient);
    const carried = paths.filter(({ kind }) => kind === 'usb' || kind === 'laptop');
    const bounded = carried.filter(({ controls }) => controls !== '');
    return {
      by: [
        ...(zone.transient ? ['devices connected for a while have this zone of their own'] : []),
        ...moving.map(({ name }) => `${name} is listed as transient`),
        ...bounded.map(({ id, controls }) => `${id}: ${controls}`),
      ],
      open: [
        ...carried.filter(({ controls }) => controls === '').map(({ id }) => `${id} states no control`),
        'devices that nobody declared',
      ],
    };
  },
  '3.3': ({ facts: { tests, invariants } }) => {
    const all = [...(tests ?? []), ...(invariants ?? [])];
    if (all.length === 0) return {};
    const failed = all.filter(({ ok }) => !ok);
    return {
      by: [
        `${counted(tests?.length ?? 0, 'test')} and ${counted(invariants?.length ?? 0, 'invariant')} of the model were run against the compiled policy`,
        'the gateway asks itself these tests on its tables as loaded, before a policy is confirmed, and compares its kernel table with what it loaded',
      ],
      covers: [1],
      open: [...failed.map(({ name }) => `${name} fails`), 'security functions of the zone’s own devices'],
    };
  },
  '4.3': ({ gateways }) => ({
    by: gateways.length === 0 ? [] : ['policies are signed with Ed25519, and digests are SHA-256'],
    open: ['cryptography of the zone’s own devices'],
  }),
  '7.3': ({ facts: { modelDigest } }) => ({
    by: [
      `the gateways’ settings are this model (SHA-256 ${modelDigest.slice(0, 12)}): compiled again, it gives the same bundle`,
    ],
    open: ['backup of the zone’s own devices'],
  }),
  '7.4': ({ model }) => {
    const ordered = model.modes.filter(({ recover }) => recover.length > 0).map(({ name }) => name);
    return {
      by: [
        'the gateway keeps its last good policy over a restart',
        ...(ordered.length === 0 ? [] : [`recovery order stated for ${ordered.join(', ')}`]),
      ],
      open: ['recovery of the zone’s own devices'],
    };
  },
  '7.5': ({ gateways }) => ({
    by:
      gateways.length === 0
        ? []
        : ['a gateway that lost power starts closed, and takes up its last good policy'],
    open: ['emergency power of the site'],
  }),
  '7.8': ({ assets }) => {
    const versioned = assets.filter(({ firmware }) => firmware !== '').length;
    if (assets.length === 0) return {};
    return {
      by: [`${counted(assets.length, 'asset')} in the model, ${versioned} with firmware`],
      open:
        versioned < assets.length ? [`${counted(assets.length - versioned, 'asset')} without firmware`] : [],
    };
  },
};

function wireless({ assets, zone, gateways, paths }: ZoneView): Partial<Support> {
  const radio = assets.filter((asset) => asset.wireless).map(({ name }) => name);
  if (!zone.wireless && radio.length === 0) return {};
  return {
    by:
      zone.wireless && gateways.length > 0
        ? ['devices reached by radio have this zone of their own, and its boundary is a gateway']
        : [`listed as wireless: ${radio.join(', ')}`],
    open: [
      'the radio network itself',
      ...paths.filter(({ kind }) => kind === 'wireless').map(({ id }) => `${id} goes past the gateways`),
    ],
  };
}

const Tables: SupportTable = { ...systemSupport, ...boundarySupport, ...recordSupport, ...vendorSupport };
