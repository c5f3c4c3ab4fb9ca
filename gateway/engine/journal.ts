import type { Policy } from '../../rules/policy.ts';
import type { Act } from '../../rules/record/record.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { type Rejection, Resumed } from '../load/activation.ts';
import type { Logger } from '../log.ts';

/** What the gateway did and what befell it, on record, and what people ask about it. */
export interface Journal {
  /** Never awaited. */
  readonly act: (act: Act) => void;
  /** Resolves when it is on the medium. @throws GatewayError PST_ERR_EVIDENCE */
  readonly accepted: (policy: Policy, digest: string, by: string) => Promise<void>;
  readonly rejected: (rejection: Rejection, by: string) => void;
  /** By rejection code, since the start. */
  readonly rejections: () => ReadonlyMap<string, number>;
  readonly lastRejection: () => (Rejection & { readonly at: number }) | undefined;
}

export interface JournalOptions {
  readonly evidence: Pick<EvidenceLog, 'append' | 'appendDurable'>;
  readonly wall: () => number;
  readonly log: Logger;
}

export function createJournal({ evidence, wall, log }: JournalOptions): Journal {
  const rejections = new Map<string, number>();
  const told = new Map<string, string>();
  let lastRejection: (Rejection & { readonly at: number }) | undefined;
  const act = (one: Act): void => evidence.append({ kind: 'act', at: wall(), act: one });

  /** What the gateway tries again by itself is told once; acts are never given up for room. */
  function isRepeated({ code, message }: Rejection, by: string): boolean {
    const text = `${code} ${message}`;
    const repeated = by !== ByPerson && told.get(by) === text;
    told.set(by, text);
    return repeated;
  }

  return {
    act,
    accepted: async (policy, digest, by) => {
      const accepted: Act = {
        kind: 'bundleAccepted',
        policyVersion: policy.version,
        digest: Buffer.from(digest, 'hex'),
        by,
      };
      // A new policy is an administrative act: durable before effect. Taking up the confirmed one again is
      // not: a full disk must not keep the plant's own policy from coming back.
      if (by === Resumed) act(accepted);
      else await evidence.appendDurable({ kind: 'act', at: wall(), act: accepted });
    },
    rejected: (rejection, by) => {
      const { code, message, remedy } = rejection;
      if (isRepeated(rejection, by)) return;
      rejections.set(code, (rejections.get(code) ?? 0) + 1);
      lastRejection = { code, message, remedy, at: wall() };
      act({ kind: 'bundleRefused', code, message, digest: new Uint8Array(), by });
      log.error({ code, message, remedy, by }, 'bundle refused, the running policy stays');
    },
    rejections: () => rejections,
    lastRejection: () => lastRejection,
  };
}

/** Who hands over a bundle with `penstock apply`. */
export const ByPerson = 'control socket';
