import type { Act } from '../../rules/record/record.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { Resumed } from '../load/activation.ts';
import type { ActivationSteps, ActivePolicy, Rejection, Rollback } from '../load/steps.ts';
import type { Logger } from '../log.ts';

/** What the gateway did and what befell it, on record, and what people ask about it. */
export interface Journal {
  /** Never awaited. */
  readonly act: (act: Act) => void;
  /** Resolves when it is on the medium. @throws GatewayError PST_ERR_EVIDENCE */
  readonly accepted: ActivationSteps['recordAccepted'];
  readonly rejected: (rejection: Rejection, by: string) => void;
  /** Resolves when it is on the medium. @throws GatewayError PST_ERR_EVIDENCE */
  readonly confirmed: (confirmed: ActivePolicy, by: string) => Promise<void>;
  readonly rolledBack: (rollback: Rollback) => void;
  /** A policy nobody confirmed cannot be taken back now. */
  readonly rollbackFailed: (problem: Rejection) => void;
  /** By rejection code, since the start. */
  readonly rejections: () => ReadonlyMap<string, number>;
  readonly lastRejection: () => (Rejection & { readonly at: number }) | undefined;
  /** Since the start. */
  readonly rollbacks: () => number;
  readonly lastRollback: () => (Rollback & { readonly at: number }) | undefined;
  /** Why a policy that should be taken back still stands, or empty. */
  readonly rollbackTrouble: () => string;
}

export interface JournalOptions {
  readonly evidence: Pick<EvidenceLog, 'append' | 'appendDurable'>;
  /** Path of the configured bundle, which the gateway takes up by itself. */
  readonly configured: string | undefined;
  readonly wall: () => number;
  readonly log: Logger;
}

export function createJournal({ evidence, configured, wall, log }: JournalOptions): Journal {
  const rejections = new Map<string, number>();
  const told = new Map<string, string>();
  let lastRejection: (Rejection & { readonly at: number }) | undefined;
  let lastRollback: (Rollback & { readonly at: number }) | undefined;
  let rollbacks = 0;
  let rollbackTrouble = '';
  const act = (one: Act): void => evidence.append({ kind: 'act', at: wall(), act: one });
  const durably = (one: Act): Promise<void> => evidence.appendDurable({ kind: 'act', at: wall(), act: one });

  /** What the gateway tries again by itself is told once; acts are never given up for room. */
  function isRepeated({ code, message }: Rejection, by: string): boolean {
    const text = `${code} ${message}`;
    const repeated = (by === Resumed || by === configured) && told.get(by) === text;
    told.set(by, text);
    return repeated;
  }

  function noteRollback(rollback: Rollback): void {
    rollbacks += 1;
    rollbackTrouble = '';
    lastRollback = { ...rollback, at: wall() };
    const { from, to, why, by } = rollback;
    const versions = { from: from.policy.version, to: to?.policy.version ?? 0 };
    log.warn({ ...versions, why, by }, 'policy rolled back');
  }

  return {
    act,
    accepted: async (next, occasion, former) => {
      const { policy, digest, signers } = next;
      const { kind, by, confirmWithin } = occasion;
      // A new policy is an administrative act: durable before effect. Taking up the confirmed one again is
      // not: a full disk must not keep the plant's own policy from coming back.
      const accepted: Act = {
        kind: 'bundleAccepted',
        policyVersion: policy.version,
        digest: bytesOf(digest),
        by,
        confirmWithin,
        signers: [...signers],
      };
      if (kind === 'restart') return act(accepted);
      if (kind === 'apply' || former === undefined) return durably(accepted);
      const rollback = { from: former, to: next, why: 'It was asked for.', by };
      await durably(rolledBackAct(rollback));
      noteRollback(rollback);
    },
    rejected: (rejection, by) => {
      const { code, message, remedy } = rejection;
      if (isRepeated(rejection, by)) return;
      rejections.set(code, (rejections.get(code) ?? 0) + 1);
      lastRejection = { code, message, remedy, at: wall() };
      act({ kind: 'bundleRefused', code, message, digest: new Uint8Array(), by });
      log.error({ code, message, remedy, by }, 'bundle refused, the running policy stays');
    },
    confirmed: ({ policy, digest }, by) =>
      durably({ kind: 'bundleConfirmed', policyVersion: policy.version, digest: bytesOf(digest), by }),
    rolledBack: (rollback) => {
      act(rolledBackAct(rollback));
      noteRollback(rollback);
    },
    rollbackFailed: ({ code, message, remedy }) => {
      if (message !== rollbackTrouble)
        log.error({ code, message, remedy }, 'policy cannot be rolled back yet');
      rollbackTrouble = message;
    },
    rejections: () => rejections,
    lastRejection: () => lastRejection,
    rollbacks: () => rollbacks,
    lastRollback: () => lastRollback,
    rollbackTrouble: () => rollbackTrouble,
  };
}

function rolledBackAct({ from, to, why, by }: Rollback): Act {
  return {
    kind: 'bundleRolledBack',
    policyVersion: from.policy.version,
    digest: bytesOf(from.digest),
    toVersion: to?.policy.version ?? 0,
    toDigest: bytesOf(to?.digest ?? ''),
    why,
    by,
  };
}

function bytesOf(digest: string): Uint8Array {
  return Buffer.from(digest, 'hex');
}
