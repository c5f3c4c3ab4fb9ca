import type { Asset, Conduit, Profile, Protocol, ZoneModel } from '../model/zone-model.ts';
import { addUp, type Evidence, evidenceOf } from './evidence.ts';
import { groupBy } from './group-by.ts';
import { whyNotRequests } from './judge-requests.ts';
import { whyNotWay } from './judge-way.ts';
import { type ProposedPermission, proposePermissions } from './permissions.ts';
import { profileUsers, whyNotProfile } from './profile-users.ts';
import {
  keyOf,
  type Seen,
  type SeenEnds,
  type SeenPace,
  type SeenRequests,
  type SeenWay,
  type Sightings,
} from './sightings.ts';
import { requestsText, wayText } from './text.ts';

/** What a person can say about how careful to be. */
export interface LearnOptions {
  /** Seen less often, nothing is proposed. */
  readonly minCount: number;
  /** Percent of the span of values seen by which a value limit is wider, on both sides. */
  readonly margin: number;
  /** Ticket to put on proposed flows, or empty. */
  readonly ticket: string;
}

/** One thing that could be added to the model. */
export type Proposal = FlowProposal | PermissionProposal;

export interface FlowProposal {
  readonly kind: 'flow';
  readonly client: Asset;
  readonly server: Asset;
  /** Undefined where the zones have no conduit in this direction that could take it. */
  readonly conduit: Conduit | undefined;
  readonly protocol: Protocol;
  /** 0 for `icmp-echo`. */
  readonly port: number;
  /** Set where it speaks Modbus. */
  readonly profile:
    | { readonly permissions: readonly ProposedPermission[]; readonly perSecond: number }
    | undefined;
  readonly evidence: Evidence;
}

export interface PermissionProposal {
  readonly kind: 'permission';
  readonly profile: Profile;
  readonly permission: ProposedPermission;
  readonly evidence: Evidence;
}

/** Something that was seen, and why it is not proposed. */
export interface Unproposed extends Seen {
  readonly what: string;
  readonly why: string;
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  readonly unproposed: readonly Unproposed[];
}

/**
 * What the model would have to say for the traffic that was seen and that it does not permit. It proposes what can
 * be bounded and what nothing speaks against, and names the rest; never more than what was seen, and the margin.
 */
export function propose(model: ZoneModel, sightings: Sightings, options: LearnOptions): Proposals {
  const proposals: Proposal[] = [];
  const unproposed: Unproposed[] = [];
  const assets = new Map(model.assets.flatMap((asset) => asset.addresses.map((at) => [at, asset] as const)));
  const put = (seen: Seen, what: string, why: string): void => {
    const { count, firstAt, lastAt } = seen;
    unproposed.push({ what, why, count, firstAt, lastAt });
  };

  /** The two assets, if they are both in the model and nothing speaks against a flow between them. */
  function endsOf(seen: SeenEnds & Seen, what: string): { client: Asset; server: Asset } | undefined {
    const [client, server] = [assets.get(seen.client), assets.get(seen.server)];
    if (client !== undefined && server !== undefined) return { client, server };
    const unknown = client === undefined ? seen.client : seen.server;
    put(seen, what, `No asset has the address ${unknown}: put it into its zone first.`);
    return undefined;
  }

  /** The requests of one way that may be proposed. */
  function proposable(
    requests: readonly SeenRequests[],
    server: Asset,
    from: string,
  ): readonly SeenRequests[] {
    return requests.filter((one) => {
      const why = whyNotRequests(one, server, options);
      if (why !== undefined) put(one, requestsText(one, from, server), why);
      return why === undefined;
    });
  }

  function learnWay(way: SeenWay, requests: readonly SeenRequests[]): void {
    const what = wayText(way, assets);
    const ends = endsOf(way, what);
    if (ends === undefined) return;
    const why = whyNotWay(way, ends.client, ends.server, requests.length > 0, options);
    if (why !== undefined) return put(way, what, why);
    const good = proposable(requests, ends.server, ends.client.name);
    const conduit = model.conduits.find((one) => canTake(one, way, ends.client, ends.server));
    const flow = { kind: 'flow', ...ends, conduit, protocol: way.protocol, port: way.port } as const;
    if (requests.length === 0) {
      proposals.push({ ...flow, profile: undefined, evidence: evidenceOf(way, way.answered === 'yes') });
    } else if (good.length > 0) {
      const permissions = proposePermissions(good, options);
      const perSecond = sightings.paces.find((pace) => keyOf(pace) === keyOf(way))?.perSecond ?? 0;
      const isAnswered = good.every(({ answers }) => answers !== undefined);
      proposals.push({
        ...flow,
        profile: { permissions, perSecond },
        evidence: evidenceOf(addUp(good), isAnswered),
      });
    }
  }

  function learnRequests(group: readonly [SeenRequests, ...SeenRequests[]]): void {
    const what = requestsText(group[0], group[0].client, undefined);
    const profile = model.flows.find(({ id }) => id === group[0].flow)?.profile;
    if (profile === undefined)
      return put(addUp(group), what, `The model has no inspected flow ${group[0].flow} any more.`);
    const ends = endsOf({ ...group[0], ...addUp(group) }, what);
    if (ends === undefined) return;
    const good = proposable(group, ends.server, ends.client.name);
    const why = whyNotProfile(profile, profileUsers(model, profile));
    if (why === undefined) {
      for (const permission of proposePermissions(good, options))
        proposals.push({ kind: 'permission', profile, permission, evidence: permission.evidence });
    } else for (const one of good) put(one, requestsText(one, ends.client.name, ends.server), why);
  }

  /** A pace that was seen is no reason to allow it: a limit is somebody's decision. */
  function learnPace(pace: SeenPace): void {
    const limit = model.flows.find(({ id }) => id === pace.flow)?.profile?.limits.aduPerSecond ?? 0;
    if (limit === 0 || pace.perSecond <= limit) return;
    const seen = { count: pace.perSecond, firstAt: sightings.from, lastAt: sightings.until };
    const why = `That many requests came within one second, and the profile of ${pace.flow} allows ${limit}.`;
    put(seen, wayText(pace, assets), `${why} Change adu_per_second by hand if it is wrong.`);
  }

  const ofWay = new Map(groupBy(sightings.requests, keyOf).map((group) => [keyOf(group[0]), group] as const));
  for (const way of sightings.ways) {
    learnWay(
      way,
      (ofWay.get(keyOf(way)) ?? []).filter(({ flow }) => flow === ''),
    );
  }
  const onFlows = sightings.requests.filter(({ flow }) => flow !== '');
  for (const group of groupBy(onFlows, (one) => `${one.flow} ${keyOf(one)}`)) learnRequests(group);
  for (const pace of sightings.paces) learnPace(pace);
  return { proposals, unproposed };
}

/** A conduit that is there for good, and goes that way. */
function canTake(conduit: Conduit, { protocol }: SeenWay, client: Asset, server: Asset): boolean {
  const { from, to, temporary, schedule, oneWay } = conduit;
  const isLasting = temporary === undefined && schedule === undefined;
  return from === client.zone && to === server.zone && isLasting && (!oneWay || protocol === 'udp');
}
