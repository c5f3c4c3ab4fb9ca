import type { CarrierGrantsBody, ChannelOfferBody } from '../../ipc/grant-body.ts';
import type { Peer } from '../../ipc/reports.ts';
import type { EngineAsker, Who } from '../engine-asker.ts';
import type { ForwardTarget } from './ssh-target.ts';

/** Somebody who signed in over SSH. The engine is asked each time: nothing of what it says is kept here. */
export interface SshPerson {
  readonly name: string;
  /** What may be reached now. */
  readonly open: () => Promise<CarrierGrantsBody>;
  /** A new channel to a target, or nothing where the engine refuses. */
  readonly openChannel: (to: ForwardTarget) => Promise<ChannelOfferBody | undefined>;
  /** Whether the sign-in still holds. */
  readonly holds: () => Promise<boolean>;
  readonly signOut: () => void;
}

export function createSshPerson(
  engine: Pick<EngineAsker, 'call'>,
  name: string,
  session: string,
  source: Peer,
): SshPerson {
  const who: Who = { session, source, attended: true };
  let asking = false;
  return {
    name,
    open: async () => {
      const answer = await engine.call('carrier-grants', { carrier: 'ssh' }, who);
      return answer.ok ? answer.body : [];
    },
    openChannel: async ({ grant, target }) => {
      const answer = await engine.call(
        'carrier-open',
        { carrier: 'ssh', grant, target, proof: session },
        who,
      );
      return answer.ok ? answer.body : undefined;
    },
    holds: async () => {
      if (asking) return true;
      asking = true;
      const answer = await engine.call('me', {}, { ...who, attended: false });
      asking = false;
      return answer.ok || answer.problem.code !== 'PST_NOT_SIGNED_IN';
    },
    signOut: () => void engine.call('sign-out', {}, who),
  };
}
