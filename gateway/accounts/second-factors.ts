import { refuse } from '../access/refusals.ts';
import type { Clock } from '../clock.ts';
import type { Second } from '../ipc/calls.ts';
import type { Account } from './account.ts';
import type { FactorProof, Refusal } from './account-book.ts';
import { isCode } from './one-time-codes.ts';
import { credentialOf, type PasskeyPlace, verifyAssertion } from './passkeys.ts';
import type { Edit } from './people.ts';
import { useTotp } from './totp.ts';

/** What a second factor has to fit. */
export interface FactorTerms {
  readonly second: Second;
  /** A recovery code is for getting in again, never for an approval. */
  readonly recovery: boolean;
  /** Whether a passkey may have signed this challenge. */
  readonly isExpected: (challenge: Uint8Array) => boolean;
}

/** The factor fits: what to keep before anybody is told, and how it was proved. */
export interface FactorUsed {
  readonly ok: true;
  readonly next: Account;
  readonly act?: NonNullable<Edit['act']>;
  readonly proof: FactorProof;
  /** What the passkey signed. */
  readonly challenge?: Uint8Array;
}

export type FactorRefused = Refusal & { readonly why: string };

/** Judges a second factor against an account, and changes nothing by itself. */
export async function useSecond(
  account: Account,
  terms: FactorTerms,
  place: PasskeyPlace,
  { wall }: Clock,
): Promise<FactorUsed | FactorRefused> {
  const { second } = terms;
  switch (second.kind) {
    case 'none':
      return wrong('no second factor');
    case 'totp':
      return useCode(account, second.code, wall());
    case 'recovery':
      return terms.recovery
        ? useRecovery(account, second.code)
        : wrong('a recovery code is not enough for this');
    case 'passkey':
      return usePasskey(account, second.response, terms, place, wall());
  }
}

function useCode(account: Account, code: string, now: number): FactorUsed | FactorRefused {
  for (const factor of account.factors) {
    const used = factor.kind === 'totp' ? useTotp(factor, code, now) : undefined;
    if (used === undefined) continue;
    const proof = { ok: true, means: 'totp', weak: true, assertion: '' } as const;
    return { ok: true, next: withFactor(account, used), proof };
  }
  return wrong('wrong or used code');
}

function useRecovery(account: Account, code: string): FactorUsed | FactorRefused {
  // All are compared, whichever fits.
  const fits = account.recoveryCodes.map((digest) => isCode(code, digest));
  const at = fits.indexOf(true);
  if (at === -1) return wrong('wrong or used recovery code');
  const left = account.recoveryCodes.filter((_, index) => index !== at);
  const proof = { ok: true, means: 'recovery', weak: true, assertion: '' } as const;
  const detail = `one used, ${left.length} left`;
  const what = { what: 'recovery-codes', detail, by: account.name, second: '' } as const;
  const act = { kind: 'accountChanged', account: account.name, ...what } as const;
  return { ok: true, next: { ...account, recoveryCodes: left }, act, proof };
}

async function usePasskey(
  account: Account,
  answer: string,
  { isExpected }: FactorTerms,
  place: PasskeyPlace,
  now: number,
): Promise<FactorUsed | FactorRefused> {
  const credential = credentialOf(answer);
  const factor = account.factors.find((one) => one.kind === 'passkey' && one.credential === credential);
  if (factor?.kind !== 'passkey') return wrong('unknown passkey');
  const verdict = await verifyAssertion(place, factor, answer, isExpected);
  if (!verdict.ok) {
    return wrong(
      verdict.why === 'copied' ? 'the counter of the passkey went back: it was copied' : 'wrong passkey',
    );
  }
  const { counter, challenge } = verdict;
  const proof = { ok: true, means: 'passkey', weak: false, assertion: answer } as const;
  return { ok: true, next: withFactor(account, { ...factor, counter, lastUsed: now }), proof, challenge };
}

function withFactor(account: Account, factor: Account['factors'][number]): Account {
  return { ...account, factors: account.factors.map((one) => (one.id === factor.id ? factor : one)) };
}

function wrong(why: string): FactorRefused {
  return { ...refuse('PST_FACTOR_NEEDED', 'What was given is not right, or was used before.'), why };
}
