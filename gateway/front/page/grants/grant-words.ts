import type { GrantBody } from '../../../ipc/grant-body.ts';
import type { Live } from '../live.ts';
import type { ReasonSentences } from '../reasons.ts';
import { duration, listed } from '../words.ts';

/** `Pavel Novak, PumpCo Service AB` */
export function whoText({ fullName, person, company, vendor }: GrantBody): string {
  return `${fullName || person}, ${company || vendor}`;
}

/** `plc-dosing port 502, as vendor-diagnosis` */
export function targetText({ targets }: GrantBody): string {
  return listed(
    targets.map(
      ({ asset, port, profile, pinhole }) =>
        `${asset}${port === 0 ? '' : ` port ${port}`}${profile === '' ? '' : ` (${profile})`}${pinhole ? ' (pinhole)' : ''}`,
    ),
  );
}

/** Milliseconds left now, told a moment ago. */
export function timeLeft({ secondsLeft }: GrantBody, { grantsAt }: Live): number {
  return Math.max(0, secondsLeft * 1000 - (Date.now() - grantsAt));
}

export function idleLeft({ idleLeft: left }: GrantBody, { grantsAt }: Live): number {
  return Math.max(0, left - (Date.now() - grantsAt));
}

/** How it ended: `The granted session had reached its end.` */
export function endText({ state, cause, closedBy, why }: GrantBody, reasons: ReasonSentences): string {
  const sentence =
    state === 'refused' && cause === ''
      ? 'The request was denied.'
      : (reasons.get(cause) ?? (cause === '' ? 'It has ended.' : cause));
  return `${sentence}${closedBy === '' ? '' : ` By ${closedBy}.`}${why === '' ? '' : ` “${why}”`}`;
}

/** Who has approved, and how: `ada as shift-lead, with a passkey`. */
export function approvalTexts({ approvals, breakGlass }: GrantBody): readonly string[] {
  return approvals.map(
    ({ by, role, means, weak }) =>
      `${by}${role === '' ? '' : ` as ${role}`}, ${breakGlass && means === 'break-glass' ? 'alone, by breaking the glass' : Means[means]}${weak ? ' (weaker)' : ''}`,
  );
}

export const CarrierNames: Record<GrantBody['carrier'], string> = {
  tls: 'TLS tunnel',
  ssh: 'SSH forwarding',
  pinhole: 'pinhole by address',
  wireguard: 'WireGuard',
};

/** `1 h` */
export function lengthText(milliseconds: number): string {
  return duration(milliseconds).replace(/ 0 (min|s|h)$/, '');
}

const Means: Record<GrantBody['approvals'][number]['means'], string> = {
  passkey: 'with a passkey',
  totp: 'with a code',
  'break-glass': 'alone, by breaking the glass',
};
