import type { OpenFlow } from '../../rules/nft/gates.ts';
import type { Moment } from '../../rules/session/grant.ts';
import type { Identity } from '../authority/authority.ts';
import type { CarriersNow } from '../ipc/carriers-body.ts';
import type { FrontLink } from './broker.ts';
import type { Entry } from './grant-entry.ts';
import type { BrokerParts } from './parts.ts';

/** Tells the front which carriers may listen, and for whom. */
export interface Carriers {
  /** What the carrier of an entry shows to its clients is at hand when this resolves. */
  readonly prepare: (carrier: string) => Promise<void>;
  readonly publish: () => void;
  readonly came: (front: FrontLink) => void;
  readonly lost: (front: FrontLink) => void;
  readonly hasFront: () => boolean;
}

export function createCarriers(
  { authority }: Pick<BrokerParts, 'authority'>,
  open: () => readonly Entry[],
): Carriers {
  const fronts = new Set<FrontLink>();
  let identity: Identity | undefined;
  let told = '';

  function now(): CarriersNow {
    const grants = open().flatMap(({ id, kept, formerCertificate }): CarriersNow['grants'] => {
      const { carrier, targets } = kept.grant.asked.request;
      if (carrier !== 'tls' && carrier !== 'ssh') return [];
      // A new certificate counts from when it was handed out; until then the tool in use goes on with the old one.
      const certificate =
        carrier === 'ssh' ? '' : formerCertificate || (kept.grant.opened?.certificate ?? '');
      return [{ grant: id, carrier, targets: [...targets], certificate }];
    });
    const used = new Set(grants.map(({ carrier }) => carrier));
    return {
      kind: 'carriers',
      grants,
      ...(used.has('tls') && identity !== undefined
        ? { tls: { ...identity, authority: authority.certificate } }
        : {}),
      ...(used.has('ssh') ? { ssh: { key: authority.sshHostKey().key } } : {}),
    };
  }

  return {
    prepare: async (carrier) => {
      if (carrier === 'tls') identity = await authority.carrierIdentity();
    },
    publish: () => {
      const message = now();
      const text = JSON.stringify(message);
      if (text === told) return;
      told = text;
      for (const front of fronts) front.send(message);
    },
    came: (front) => {
      fronts.add(front);
      front.send(now());
    },
    lost: (front) => {
      fronts.delete(front);
    },
    hasFront: () => fronts.size > 0,
  };
}

/**
 * What open grants hold open, each with its end as the wall clock will show it. The same end is told again and again
 * unless somebody has set the clock: whoever keeps it would otherwise be told a new one all the time.
 */
export function grantedFlows(open: readonly Entry[], now: Moment): readonly OpenFlow[] {
  return open.flatMap((entry) => {
    const { opened, asked } = entry.kept.grant;
    if (opened === undefined) return [];
    const until = Math.round(now.wall + opened.until - now.mono);
    if (Math.abs(until - entry.toldUntil) > Drift) entry.toldUntil = until;
    return asked.request.targets.map((flow) => ({ flow, until: entry.toldUntil }));
  });
}

/** What an end may be off by before it is told anew, milliseconds. */
const Drift = 250;
