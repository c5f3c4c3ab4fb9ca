import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { CallContext, CallOutcome } from '../access/caller.ts';
import { createDesk } from '../access/desk.ts';
import { openAccountBook } from '../accounts/open-account-book.ts';
import { openAuthority } from '../authority/open-authority.ts';
import type { RunningBroker } from '../broker/create-broker.ts';
import { createBroker } from '../broker/create-broker.ts';
import { openGrantStore } from '../broker/grant-store.ts';
import { type BrokerParts, DefaultLimits } from '../broker/parts.ts';
import type { Config } from '../config.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { isLoopback } from '../front/loopback.ts';
import type { Call, CallName } from '../ipc/calls.ts';
import type { Channel } from '../ipc/channel.ts';
import type { EngineToFront } from '../ipc/messages.ts';

/** People and what they are granted, as the engine holds them. */
export interface Access {
  readonly broker: RunningBroker;
  readonly answer: (call: Call, context: CallContext) => Promise<CallOutcome<CallName>>;
  /** What of the accounts cannot be used, as sentences. */
  readonly troubles: () => readonly string[];
  readonly frontCame: (front: Channel<EngineToFront>) => void;
  readonly frontLost: (front: Channel<EngineToFront>) => void;
  readonly close: () => Promise<void>;
}

export interface AccessParts
  extends Omit<
    BrokerParts,
    'site' | 'gateway' | 'name' | 'entry' | 'store' | 'people' | 'authority' | 'limits'
  > {
  readonly config: Config;
  readonly log: BrokerParts['log'];
  readonly accountsEvidence: Pick<EvidenceLog, 'append' | 'appendDurable'>;
}

/**
 * Opens accounts, authority and grants. Nothing is granted before `broker.begin`.
 * @throws GatewayError PST_ERR_AUTHORITY, PST_ERR_STATE_DIR
 */
export async function openAccess(parts: AccessParts): Promise<Access> {
  const { config, clock, log, policy } = parts;
  const { site, gateway, name, banner, page, vendor } = config;
  const directory = join(config.state, 'access');
  const addresses = [page, vendor.tls, vendor.ssh].flatMap((one) => (one === undefined ? [] : [one.address]));
  const authority = await openAuthority(
    join(config.state, 'authority'),
    { site, gateway, name, addresses: addresses.filter((one) => !isAny(one)) },
    clock,
  );
  const book = openAccountBook({
    directory: join(directory, 'accounts'),
    ...{ site, gateway, name, banner, clock },
    page: { loopback: isLoopback(page.address), port: page.port },
    evidence: parts.accountsEvidence,
    isWaived: (account) =>
      policy()?.policy.vendors.some(({ people }) => people.some(({ id, mfa }) => id === account && !mfa)) ===
      true,
  });
  const broker = createBroker({
    ...parts,
    ...{ site, gateway, authority, people: book, limits: DefaultLimits },
    name: name || hostOf(addresses),
    entry: vendor,
    store: openGrantStore(config.state),
  });
  book.onRevoked(broker.revoked);
  const desk = createDesk({ ...book.handlers, ...broker.handlers }, (cause, call) => {
    log.error(
      { call, problem: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) },
      'defect in a call',
    );
  });
  const links = new Map<Channel<EngineToFront>, { readonly send: (message: EngineToFront) => void }>();

  async function tellIdentity(front: Channel<EngineToFront>): Promise<void> {
    if (page.tls !== undefined) return;
    const { certificate, key } = await authority.pageIdentity();
    front.send({ kind: 'page-identity', certificate, key });
  }

  return {
    broker,
    answer: desk.answer,
    troubles: () => [...book.troubles(), ...authority.troubles()],
    frontCame: (front) => {
      const link = { send: (message: EngineToFront): void => void front.send(message) };
      links.set(front, link);
      broker.frontCame(link);
      tellIdentity(front).catch((cause: unknown) => {
        log.error({ problem: String(cause) }, 'the page has no certificate');
      });
    },
    frontLost: (front) => {
      const link = links.get(front);
      links.delete(front);
      if (link !== undefined) broker.frontLost(link);
    },
    close: async () => {
      await broker.close();
      await book.close();
    },
  };
}

/** What vendors are told to connect to where the box has no name. */
function hostOf(addresses: readonly string[]): string {
  return addresses.find((one) => !isAny(one)) ?? 'localhost';
}

function isAny(address: string): boolean {
  return isIPv6(address) ? /^[0:]+$/.test(address) : address === '0.0.0.0';
}
