import { contains, type Prefix, parsePrefix } from '../../../rules/address.ts';
import type { Zone, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { joinWords, knownPrefix } from '../endpoint.ts';

/** The commonest failing: one zone for all of it is no segmentation. */
export const onlyControlZone: Check = {
  code: 'Z-109',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.1',
  title: 'Control is more than one zone.',
  run: ({ zones, assets }) => {
    const [zone, second] = zones.filter(({ kind }) => kind === 'control');
    if (zone === undefined || second !== undefined) return [];
    const count = assets.filter((asset) => asset.zone === zone).length;
    if (count <= MostInOneZone) return [];
    return [
      {
        at: zone.at,
        about: zone.id,
        message: `All ${count} assets of control stand in ${zone.id}: who is on one of them is on all.`,
        hint: 'Divide it by what belongs together in operation, and by consequence.',
      },
    ];
  },
};

/** Where IT and OT meet nowhere, they meet directly. */
export const noMeetingPlace: Check = {
  code: 'Z-118',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.2',
  title: 'Between business and control lies a DMZ.',
  run: ({ zones, metadata }) => {
    const outer = zones.find(({ kind }) => kind === 'enterprise' || kind === 'external');
    const inner = zones.find(({ kind }) => kind === 'control' || kind === 'safety');
    if (outer === undefined || inner === undefined || zones.some(({ kind }) => kind === 'dmz')) return [];
    return [
      {
        at: outer.at,
        about: metadata.site,
        message: `There is no DMZ between ${outer.id} and ${inner.id}.`,
        hint: 'Add a zone of kind dmz, and let what both sides use stand there.',
      },
    ];
  },
};

/** A host with two legs carries what no box sees. */
export const bridgingAsset: Check = {
  code: 'Z-119',
  severity: 'warning',
  clause: '62443-3-3 SR 5.1',
  title: 'No asset joins two zones by itself.',
  run: ({ assets }) =>
    assets
      .filter(({ alsoIn, decommissioned }) => alsoIn.length > 0 && decommissioned === undefined)
      .map(({ name, zone, alsoIn, at }) => ({
        at,
        about: name,
        message: `${name} stands in ${joinWords([zone, ...alsoIn].map(({ id }) => id))}, a way between them that no box enforces.`,
        hint: 'Take one leg away and lead its traffic over a conduit.',
      })),
};

/** Such a zone is inside by its kind and outside by its addresses. */
export const publicNetwork: Check = {
  code: 'Z-121',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2',
  title: 'Zones inside the site have private addresses.',
  run: ({ zones }) =>
    zones
      .filter(({ kind }) => kind === 'control' || kind === 'safety')
      .flatMap(({ id, networks }) =>
        networks
          .filter(({ prefix }) => !isPrivate(knownPrefix(prefix)))
          .map(({ prefix, at }) => ({
            at,
            about: id,
            message: `${prefix} of ${id} is routed on the internet.`,
            hint: 'Use private addresses, or make the zone of kind external.',
          })),
      ),
};

export const openZoneIntoSafety: Check = {
  code: 'Z-122',
  severity: 'warning',
  clause: '62443-3-2 ZCR 3.4',
  title: 'No radio and no visiting device has a conduit into a safety zone.',
  run: ({ conduits }) =>
    conduits
      .filter(({ from, to }) => to.kind === 'safety' && (from.wireless || from.transient))
      .map(({ id, from, to, at }) => ({
        at,
        about: id,
        message: `${id} leads from ${from.id}, whose devices ${from.wireless ? 'are reached by radio' : 'come and go'}, into the safety zone ${to.id}.`,
        hint: 'Lead it through a zone of fixed, wired assets.',
      })),
};

export const emptyZone: Check = {
  code: 'Z-124',
  severity: 'info',
  clause: '62443-3-2 ZCR 6.3',
  title: 'Every zone has assets.',
  run: ({ zones, assets }) => {
    const used = new Set(assets.map(({ zone }) => zone));
    return zones
      .filter((zone) => !used.has(zone))
      .map(({ id, at }) => ({
        at,
        about: id,
        message: `No asset is assigned to zone ${id}.`,
        hint: 'Add its assets, so that the list of them is whole.',
      }));
  },
};

export const zoneWithoutConduit: Check = {
  code: 'Z-125',
  severity: 'info',
  clause: '62443-3-2 ZCR 6.4 i',
  title: 'Every zone is joined by a conduit.',
  run: (model) => {
    const joined = joinedZones(model);
    return model.zones
      .filter((zone) => !joined.has(zone))
      .map(({ id, at }) => ({
        at,
        about: id,
        message: `No conduit and no declared path leads into or out of ${id}.`,
        hint: 'Nothing is needed where the zone is meant to stand alone; otherwise add its conduits.',
      }));
  },
};

const MostInOneZone = 20;

function joinedZones({ conduits, nonIpPaths }: ZoneModel): ReadonlySet<Zone | undefined> {
  return new Set([...conduits, ...nonIpPaths].flatMap(({ from, to }) => [from, to]));
}

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193 and RFC 4291 §2.5.6, and the blocks of RFC 5737 for examples. */
function isPrivate(prefix: Prefix): boolean {
  return PrivateBlocks.some((block) => contains(block, prefix));
}

const PrivateBlocks: readonly Prefix[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  'fc00::/7',
  'fe80::/10',
  '2001:db8::/32',
].flatMap((text) => parsePrefix(text) ?? []);
