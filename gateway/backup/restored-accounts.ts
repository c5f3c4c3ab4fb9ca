import { readFileSync, writeFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { Account } from '../accounts/account.ts';
import { TotpStep } from '../accounts/totp.ts';

/**
 * Makes an account out of a backup safe to use again: what is good once may have been used since, and nobody can tell.
 * So invitations, recovery codes and half a reset are void, and no code of an authenticator counts that could have been
 * seen before now (RFC 6238 §5.2).
 * @param now milliseconds since the Unix epoch
 */
export function asRestored(account: Account, now: number): Account {
  const step = Math.floor(now / TotpStep) + 1;
  return {
    ...account,
    invitation: '',
    invitationUntil: 0,
    recoveryCodes: [],
    resetAskedBy: '',
    resetAskedAt: 0,
    factors: account.factors.map((factor) =>
      factor.kind === 'totp' ? { ...factor, lastStep: Math.max(factor.lastStep, step) } : factor,
    ),
  };
}

/** The same in its file; one that holds no account stays as it is, and opens nothing. @throws the system's error */
export function restoreAccount(file: string, now: number): void {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (form.Check(value)) writeFileSync(file, `${JSON.stringify(asRestored(value, now), undefined, 1)}\n`);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
}

const form = Compile(Account);
