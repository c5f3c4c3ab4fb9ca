/**
 * Why a person's call is refused: a code, a sentence, and what they can do. The kind says what sort of refusal it
 * is, for whoever carries it. No sentence tells whether an account, a grant or a target exists to somebody who may
 * not know.
 */
const Catalogue = {
  PST_NOT_SIGNED_IN: {
    kind: 'sign-in',
    sentence: 'Nobody is signed in here, or the sign-in has ended.',
    remedy: 'Sign in again.',
  },
  PST_SIGN_IN_REFUSED: {
    kind: 'sign-in',
    sentence: 'Name, password or second factor is not right.',
    remedy: 'Try again; after several failures the account rests for a while. An administrator can reset it.',
  },
  PST_SCREEN_LOCKED: {
    kind: 'sign-in',
    sentence: 'This sign-in is locked.',
    remedy: 'Unlock it with the password.',
  },
  PST_FACTOR_NEEDED: {
    kind: 'forbidden',
    sentence: 'This wants a second factor, given just now.',
    remedy: 'Give the code of your authenticator, or use your passkey.',
  },
  PST_ENROL_FIRST: {
    kind: 'forbidden',
    sentence: 'The account has no second factor yet.',
    remedy: 'Add an authenticator or a passkey first.',
  },
  PST_NOT_PERMITTED: {
    kind: 'forbidden',
    sentence: 'Your roles do not permit this.',
    remedy: 'Ask somebody who holds the role; an administrator can give it.',
  },
  PST_CONSOLE_ONLY: {
    kind: 'forbidden',
    sentence: 'This is done at the console of the box only.',
    remedy: 'Run it there with the penstock command.',
  },
  PST_SLOW_DOWN: {
    kind: 'busy',
    sentence: 'Too many of these were asked for.',
    remedy: 'Wait a while and try again.',
  },
  PST_NOT_WORD: {
    kind: 'invalid',
    sentence: 'Something that was given cannot be used.',
    remedy: 'Correct what is named and try again.',
  },
  PST_NOT_HERE: {
    kind: 'not-found',
    sentence: 'There is no such thing, or it is not yours to see.',
    remedy: 'Look at the list again.',
  },
  PST_NOT_NOW: {
    kind: 'conflict',
    sentence: 'It is not in a state in which this can be done.',
    remedy: 'Look at its state again.',
  },
  PST_NO_RECORD: {
    kind: 'failed',
    sentence: 'It could not be put on record, so it was not done.',
    remedy: 'See to the disk under the state directory; penstock status says what is wrong.',
  },
  PST_NOT_DONE: {
    kind: 'failed',
    sentence: 'It could not be done.',
    remedy: 'penstock status says what is wrong.',
  },
} as const satisfies Record<
  string,
  { readonly kind: RefusalKind; readonly sentence: string; readonly remedy: string }
>;

export type RefusalKind = 'sign-in' | 'forbidden' | 'busy' | 'invalid' | 'not-found' | 'conflict' | 'failed';

/** A code of the catalogue. */
export type AccessRefusalCode = keyof typeof Catalogue;

/** Why something was not done, for the person who asked. */
export interface AccessRefusal {
  readonly code: AccessRefusalCode;
  readonly sentence: string;
  readonly remedy: string;
}

/** A refusal with more to say: the thing that is wrong. */
export function refuse(
  code: AccessRefusalCode,
  detail = '',
): { readonly ok: false; readonly refusal: AccessRefusal } {
  const { sentence, remedy } = Catalogue[code];
  return {
    ok: false,
    refusal: { code, sentence: detail === '' ? sentence : `${sentence} ${detail}`, remedy },
  };
}

/** What sort of refusal a code is; undefined for a code of another catalogue. */
export function refusalKind(code: string): RefusalKind | undefined {
  return Object.hasOwn(Catalogue, code) ? Catalogue[code as AccessRefusalCode].kind : undefined;
}
