import type { Carriers } from './carriers.ts';
import type { ChannelDesk } from './channel-desk.ts';
import type { GrantJudge } from './facts.ts';
import type { Entry } from './grant-entry.ts';
import type { GrantEffects } from './keeper.ts';
import type { BrokerParts } from './parts.ts';
import { receiptMessage, receiptText } from './receipt.ts';

/** What follows from the transitions of grants: gates, carriers, channels, certificates, alarms, receipts. */
export interface BrokerEffects extends GrantEffects {
  /** SHA-256 of a certificate for the time that is asked for more, or ''. */
  readonly certificateForMore: (entry: Entry) => Promise<string>;
  /** Resolves when the end of the grant is on record with its receipt, or after a while. */
  readonly settled: (entry: Entry) => Promise<void>;
}

export interface EffectsOptions {
  readonly parts: BrokerParts;
  readonly judge: GrantJudge;
  readonly channels: ChannelDesk;
  readonly carriers: Carriers;
  readonly isAnyOpen: () => boolean;
  readonly tally: { opened: number; readonly closed: Map<string, number> };
}

export function createGrantEffects({
  parts,
  judge,
  channels,
  carriers,
  isAnyOpen,
  tally,
}: EffectsOptions): BrokerEffects {
  const { authority, evidence, turnGates, log } = parts;
  const settling = new Map<Entry, PromiseWithResolvers<void>>();

  function publish(): void {
    parts.keepSigning(isAnyOpen());
    void turnGates();
    carriers.publish();
  }

  async function issue(entry: Entry, until: number): Promise<string> {
    const { carrier } = entry.kept.grant.asked.request;
    if (carrier !== 'tls') return '';
    const former = entry.kept.grant.opened?.certificate ?? '';
    const identity = await authority.issueClient(entry.id, until);
    entry.issued.set(identity.fingerprint, { identity, former });
    return identity.fingerprint;
  }

  /** The certificate that is on record now is the one that is handed out; what else was made came to nothing. */
  function takeIssued(entry: Entry): void {
    const issued = entry.issued.get(entry.kept.grant.opened?.certificate ?? '');
    entry.issued.clear();
    if (issued === undefined) return;
    entry.identity = issued.identity;
    entry.formerCertificate = entry.formerCertificate || issued.former;
  }

  return {
    prepare: async (entry, until) => {
      await carriers.prepare(entry.kept.grant.asked.request.carrier);
      return issue(entry, until);
    },
    opened: (entry) => {
      tally.opened += 1;
      takeIssued(entry);
      publish();
      log.warn({ grant: entry.id, person: entry.kept.grant.asked.request.person }, 'grant open');
    },
    prolonged: (entry) => {
      takeIssued(entry);
      publish();
    },
    cut: (entry, cause) => {
      settling.set(entry, Promise.withResolvers<void>());
      // The nearest to the plant first: what an inspector has read and not forwarded stays where it is.
      channels.cut(entry, cause);
      publish();
      tally.closed.set(cause, (tally.closed.get(cause) ?? 0) + 1);
      entry.identity = undefined;
      entry.formerCertificate = '';
      log.warn({ grant: entry.id, cause }, 'grant cut');
    },
    alone: (entry) => tellAlarm(entry, true),
    calm,
    still: channels.still,
    ended: async (entry) => {
      calm(entry);
      const checkpoint = await evidence.checkpoint().catch((cause: unknown) => {
        log.error({ grant: entry.id, problem: String(cause) }, 'no checkpoint could be made');
        return '';
      });
      const { origin, publicKey } = evidence.body();
      const text = receiptText(entry.kept, { checkpoint, origin, publicKey });
      const signed = await evidence.sign(receiptMessage(text));
      entry.kept.receipt = { text, signature: Buffer.from(signed).toString('base64') };
      settling.get(entry)?.resolve();
      settling.delete(entry);
    },
    certificateForMore: async (entry) => {
      const { opened, more } = entry.kept.grant;
      if (opened === undefined || more === undefined) return '';
      const now = judge.now();
      const until = Math.round(now.wall + opened.until - now.mono) + more.request.extension;
      return issue(entry, until);
    },
    settled: async (entry) => {
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, SettleTime).unref();
      });
      await Promise.race([settling.get(entry)?.promise, late]);
    },
  };

  function calm(entry: Entry): void {
    if (entry.kept.approvals.some(({ means }) => means === 'break-glass')) tellAlarm(entry, false);
  }

  function tellAlarm(entry: Entry, raised: boolean): void {
    const by = entry.kept.approvals.find(({ means }) => means === 'break-glass');
    const sentence = `${by?.by ?? 'Somebody'} let ${entry.kept.grant.asked.request.person} in alone (grant ${entry.id}): ${by?.why ?? ''}`;
    const act = { kind: 'alarmChanged', code: BreakGlass, sentence, raised } as const;
    evidence.append({ kind: 'act', at: judge.now().wall, act });
    log.warn({ grant: entry.id, raised }, 'break-glass');
  }
}

/** The alarm of one who acted alone, as it stands in evidence and status (62443-3-3 SR 2.1 RE3). */
export const BreakGlass = 'BREAK_GLASS';

/** How long the end in order waits for a grant's record and receipt, milliseconds. */
const SettleTime = 3_000;
