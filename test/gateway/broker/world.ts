import type { Caller } from '../../../gateway/access/caller.ts';
import type { KeySwitchState } from '../../../gateway/broker/parts.ts';
import { Normal } from '../../../rules/admission/mode.ts';
import type { Policy } from '../../../rules/policy.ts';
import { vendorPolicy } from './vendor-policy.ts';

/** Everything around a broker that a test can turn. */
export interface World {
  wall: number;
  mono: number;
  policy: Policy;
  mode: string;
  keySwitch: KeySwitchState;
  synchronised: boolean;
  newestEvidence: number;
  /** Why nothing can be put on record, or ''. */
  evidenceBroken: string;
  /** The disk takes its time: resolves when a record may be on the medium. */
  disk: () => Promise<void>;
  readonly people: Map<string, Person>;
  /** How often somebody was asked for a second factor. */
  proofs: number;
  /** Inspectors end channels when they are told to. */
  obedient: boolean;
  recording: boolean;
  /** The log can be read at a start. */
  logReads: boolean;
  /** What the kernel has counted on the flow of the pinhole. */
  flowBytes: number;
}

export interface Person {
  roles: Caller['roles'];
  duties: readonly string[];
  vendor: string;
  usable: boolean;
  mayApprove: boolean;
  factorAt: number | undefined;
  recentlyReset: boolean;
}

/** A Wednesday noon in Stockholm. */
export const Noon = Date.UTC(2026, 10, 25, 11);

/** All is well, and these people have accounts. */
export function createWorld(): World {
  return {
    wall: Noon,
    mono: 1_000,
    policy: vendorPolicy,
    mode: Normal.mode,
    keySwitch: 'closed',
    synchronised: true,
    newestEvidence: 0,
    evidenceBroken: '',
    disk: async () => undefined,
    people: new Map(
      Object.entries({
        'service-1': person(['vendor'], [], { vendor: 'pumpco', factorAt: 0 }),
        'service-2': person(['vendor'], [], { vendor: 'pumpco', factorAt: 0 }),
        'other-1': person(['vendor'], [], { vendor: 'otherco', factorAt: 0 }),
        lena: person(['approver', 'operator'], ['shift-lead']),
        omar: person(['approver'], ['safety-engineer']),
        eva: person(['engineer'], []),
        vera: person(['viewer'], []),
      }),
    ),
    proofs: 0,
    obedient: true,
    recording: true,
    logReads: true,
    flowBytes: 0,
  };
}

export function person(
  roles: Caller['roles'],
  duties: readonly string[],
  more: Partial<Person> = {},
): Person {
  const known = { vendor: '', usable: true, mayApprove: true, factorAt: undefined, recentlyReset: false };
  return { roles, duties, ...known, ...more };
}
