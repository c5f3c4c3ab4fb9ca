import { Secret, TOTP } from 'otpauth';
import { qrSvg } from '../qr.ts';
import type { TotpFactor } from './account.ts';

/** Length of a time step, milliseconds (RFC 6238). */
export const TotpStep = 30_000;

/** A new secret of 160 bits, base 32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What an authenticator app reads: a link, and the same as an SVG to point a camera at. */
export function totpInvitation(secret: string, account: string, issuer: string): { uri: string; qr: string } {
  const uri = totp(secret, account, issuer).toString();
  return { uri, qr: qrSvg(uri) };
}

/**
 * The time step a code belongs to: the present one, the one before or the one after; undefined for any other code.
 * @param now milliseconds since the Unix epoch
 */
export function stepOfCode(secret: string, code: string, now: number): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totp(secret).validate({ token, timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / TotpStep) + delta;
}

/** The code an authenticator shows at a time, milliseconds since the Unix epoch. */
export function codeAt(secret: string, time: number): string {
  return totp(secret).generate({ timestamp: time });
}

/** The factor after this code was used; undefined where the code is wrong or was used before (RFC 6238 §5.2). */
export function useTotp(factor: TotpFactor, code: string, now: number): TotpFactor | undefined {
  const step = stepOfCode(factor.secret, code, now);
  if (step === undefined || step <= factor.lastStep) return undefined;
  return { ...factor, lastStep: step, lastUsed: now };
}

function totp(secret: string, label = 'penstock', issuer = 'Penstock'): TOTP {
  return new TOTP({
    issuer,
    label,
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: TotpStep / 1000,
  });
}
