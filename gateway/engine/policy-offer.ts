import type { EngineToInspector } from '../ipc/messages.ts';
import type { Member } from './inspector-member.ts';

type Prepare = Extract<EngineToInspector, { readonly kind: 'prepare' }>;

/** The policies the inspecting processes know: the one in force, and at most one that may follow it. */
export interface PolicyOffers {
  /** Digest of the policy in force, or empty. */
  readonly active: () => string;
  /** @returns what every process is to be told */
  readonly propose: (digest: string, payload: Uint8Array) => Prepare;
  readonly activate: (digest: string) => void;
  /** False when it is in force. */
  readonly abandon: (digest: string) => boolean;
  /** No policy is in force any more. */
  readonly withdraw: () => void;
  /** What a process that comes now must be told, in this order. */
  readonly forNewcomer: (policy: string) => readonly EngineToInspector[];
  /** Undefined while somebody has not answered; else what one cannot do with the proposed policy, or ''. */
  readonly verdict: (members: Iterable<Member>) => string | undefined;
  /** Who has not answered. */
  readonly silent: (members: Iterable<Member>) => readonly Member[];
}

export function createPolicyOffers(): PolicyOffers {
  let active: Prepare | undefined;
  let proposed: Prepare | undefined;
  /** Nobody may go on under the policy that was in force; before the first one is, they may. */
  let isWithdrawn = false;

  function hasAnswered({ policy, answer }: Member): boolean {
    return policy === proposed?.digest || answer.digest === proposed?.digest;
  }

  return {
    active: () => active?.digest ?? '',
    propose: (digest, payload) => {
      proposed = { kind: 'prepare', digest, policy: Buffer.from(payload).toString('base64') };
      return proposed;
    },
    activate: (digest) => {
      if (proposed?.digest === digest) active = proposed;
      proposed = undefined;
      isWithdrawn = false;
    },
    abandon: (digest) => {
      if (proposed?.digest === digest) proposed = undefined;
      return active?.digest !== digest;
    },
    withdraw: () => {
      active = undefined;
      proposed = undefined;
      isWithdrawn = true;
    },
    forNewcomer: (policy) => {
      const messages: EngineToInspector[] = [];
      if (isWithdrawn && policy !== '') messages.push({ kind: 'withdraw' });
      // A process keeps one policy beside the active one, so the first must be in force before the second comes.
      if (active !== undefined && active.digest !== policy) {
        messages.push(active, { kind: 'activate', digest: active.digest });
      }
      if (proposed !== undefined && proposed.digest !== active?.digest) messages.push(proposed);
      return messages;
    },
    verdict: (members) => {
      const all = [...members];
      const unable = all.find(({ answer }) => answer.digest === proposed?.digest && answer.problem !== '');
      if (unable !== undefined) return `Inspector ${unable.pid}: ${unable.answer.problem}`;
      return all.every(hasAnswered) ? '' : undefined;
    },
    silent: (members) => [...members].filter((member) => !hasAnswered(member)),
  };
}
