import type { Reason } from '../reason.ts';

/** What is known, at one moment, of everything that holds a grant open. */
export interface ConditionFacts {
  /** The account of the person may be used. */
  readonly account: boolean;
  /** Milliseconds since the person last proved a second factor; undefined where they have not, Infinity where not asked for. */
  readonly factorAge: number | undefined;
  readonly factorLasts: number;
  /** The vendor's person need not have one, by the model. */
  readonly factorWaived: boolean;
  /** Who approved and may not any more. */
  readonly approversLost: readonly string[];
  /** The end of the contract has passed. */
  readonly contractEnded: boolean;
  readonly inWindow: boolean;
  /** In words, or empty for any time. */
  readonly window: string;
  /** The mode in force, and whether it cuts one of the targets. */
  readonly mode: string;
  readonly modeCuts: boolean;
  /** `absent` where the box is not told to have one. */
  readonly keySwitch: 'closed' | 'open' | 'absent';
  /** Why nothing can be put on record, or empty. */
  readonly evidence: string;
  readonly tellsTime: boolean;
  /** The policy permits exactly what it did when this was asked for; the running bundle is within its validity. */
  readonly sameTerms: boolean;
  readonly bundleValid: boolean;
  /** Where the clients of its carrier come in can be reached: there is a front. */
  readonly carrier: boolean;
  /** As many grants of the vendor are open as may be. Of a grant that is open already this is no matter. */
  readonly full: boolean;
}

/** One condition, as people and evidence name it. */
export interface Condition {
  readonly what: ConditionName;
  readonly holds: boolean;
  readonly sentence: string;
  /** What ends an open grant when it does not hold. */
  readonly cause: Reason;
  /** It does not come back by waiting: what is asked for is not given then. */
  readonly lasting: boolean;
}

export type ConditionName =
  | 'account'
  | 'factor'
  | 'approval'
  | 'policy'
  | 'contract'
  | 'window'
  | 'mode'
  | 'key-switch'
  | 'evidence'
  | 'clock'
  | 'carrier'
  | 'concurrent';

/**
 * Every condition, the gravest first. All are asked about before a grant opens and again at every look while it is
 * open: access that has ended is a connection that is closed (62443-3-3 SR 1.13, SR 2.6).
 */
export function conditionsOf(facts: ConditionFacts): readonly Condition[] {
  const { factorAge, factorLasts, approversLost, window, keySwitch, evidence } = facts;
  return [
    lasting('account', facts.account, 'account-revoked', [
      'The account may be used.',
      'The account may not be used any more.',
    ]),
    waited('factor', facts.factorWaived || isFresh(factorAge, factorLasts), 'factor-lost', [
      facts.factorWaived
        ? 'The model asks for no second factor.'
        : 'The second factor was given within the time.',
      'The second factor has to be given anew, on the page of the box.',
    ]),
    lasting('approval', approversLost.length === 0, 'approval-lost', [
      'Those who approved still may.',
      `${approversLost.join(' and ')} may not approve any more.`,
    ]),
    lasting('policy', facts.sameTerms, 'policy-changed', [
      'The policy in force permits exactly this.',
      'The policy in force permits this no more, or something else.',
    ]),
    waited('policy', facts.bundleValid, 'policy-changed', [
      'The bundle is within its validity.',
      'The running bundle is not within its validity.',
    ]),
    lasting('contract', !facts.contractEnded, 'expired', ['The contract runs.', 'The contract has ended.']),
    waited('window', facts.inWindow, 'outside-schedule', [
      window === '' ? 'It may be at any time.' : `It is within ${window}.`,
      `It may be only within ${window}.`,
    ]),
    waited('mode', !facts.modeCuts, 'mode-cut', [
      `Mode ${facts.mode} keeps it.`,
      `Mode ${facts.mode} does not keep it.`,
    ]),
    waited('key-switch', keySwitch !== 'open', 'key-switch', [
      keySwitch === 'absent' ? 'This box has no key switch.' : 'The key switch is closed.',
      'The key switch is open, or its wire is cut.',
    ]),
    waited('evidence', evidence === '', 'evidence-lost', [
      'What happens is put on record.',
      `Nothing can be put on record: ${evidence}`,
    ]),
    waited('clock', facts.tellsTime, 'clock-untrusted', [
      'The clock is plausible.',
      'The clock is not synchronised, or shows a time before the newest record.',
    ]),
    waited('carrier', facts.carrier, 'carrier-lost', [
      'Vendors can come in.',
      'The process that carries vendors in is not there.',
    ]),
    waited('concurrent', !facts.full, 'connection-limit', [
      'The vendor may have one more grant open.',
      'As many grants of this vendor are open as may be.',
    ]),
  ];
}

/** The condition that ends an open grant now, or undefined: the gravest that does not hold. */
export function broken(conditions: readonly Condition[]): Condition | undefined {
  return conditions.find(({ holds }) => !holds);
}

function isFresh(age: number | undefined, lasts: number): boolean {
  return age !== undefined && age <= lasts;
}

type Sentences = readonly [good: string, bad: string];

function lasting(what: ConditionName, holds: boolean, cause: Reason, [good, bad]: Sentences): Condition {
  return { what, holds, cause, lasting: true, sentence: holds ? good : bad };
}

function waited(what: ConditionName, holds: boolean, cause: Reason, [good, bad]: Sentences): Condition {
  return { what, holds, cause, lasting: false, sentence: holds ? good : bad };
}
