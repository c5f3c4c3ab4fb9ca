import type { VendorEntry } from '../../config.ts';
import type { CarriersNow } from '../../ipc/carriers-body.ts';
import type { Logger } from '../../log.ts';
import type { EngineAsker } from '../engine-asker.ts';
import { createEntrance, type Entrance } from './entrance.ts';
import { createSshCarrier } from './ssh-carrier.ts';
import { createTlsCarrier } from './tls-carrier.ts';

/** The ends of vendors' sessions in the front. They decide nothing: the engine says what is open. */
export interface Carriers {
  /**
   * What the engine says is open now, all of it. Whatever is not named ends before this returns. `undefined` is an
   * engine that cannot be reached: then nobody vouches for anything, and everything ends.
   */
  readonly news: (now: CarriersNow | undefined) => void;
  /** Where each carrier listens, for those that do. */
  readonly listening: () => { readonly tls: number | undefined; readonly ssh: number | undefined };
  readonly close: () => void;
}

/** One grant as the engine named it. */
export type NamedGrant = CarriersNow['grants'][number];

/** One way in: takes connections, and ends those of grants that are no longer named. */
export interface Carrier {
  readonly take: Entrance['onSocket'];
  /** Ends what is not named any more, at once. */
  readonly keepOnly: (named: readonly NamedGrant[]) => void;
}

export interface CarrierOptions {
  readonly engine: Pick<EngineAsker, 'call'>;
  readonly log: Logger;
}

/** No address is listened on before the engine names a grant for it (62443-3-3 SR 1.13, SR 7.7). */
export function startCarriers(options: CarrierOptions & { readonly listen: VendorEntry }): Carriers {
  const { listen, log } = options;
  const tls = createTlsCarrier(options);
  const ssh = createSshCarrier(options);
  const tlsEntrance =
    listen.tls && createEntrance({ name: 'tls', place: listen.tls, log, onSocket: tls.take });
  const sshEntrance =
    listen.ssh && createEntrance({ name: 'ssh', place: listen.ssh, log, onSocket: ssh.take });

  function news(now: CarriersNow | undefined): void {
    const over = (carrier: NamedGrant['carrier']): readonly NamedGrant[] =>
      now?.grants.filter((one) => one.carrier === carrier) ?? [];
    // What ends first, so that nothing new stands in its way.
    tls.keepOnly(over('tls'));
    ssh.keepOnly(over('ssh'));
    tlsEntrance?.open(over('tls').length > 0 && tls.show(now?.tls));
    sshEntrance?.open(over('ssh').length > 0 && ssh.show(now?.ssh));
  }

  return {
    news,
    listening: () => ({ tls: tlsEntrance?.port(), ssh: sshEntrance?.port() }),
    close: () => news(undefined),
  };
}
