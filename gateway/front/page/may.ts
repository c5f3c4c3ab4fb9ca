import type { MeBody, Role } from '../../ipc/account-body.ts';

/** What a page offers to whom. The engine decides; this only keeps buttons away from those it would refuse. */
const Offered = {
  watch: ['viewer', 'operator', 'approver', 'engineer', 'auditor', 'administrator'],
  approve: ['approver'],
  breakGlass: ['approver', 'engineer'],
  end: ['operator', 'approver', 'engineer', 'administrator'],
  switchMode: ['operator', 'engineer'],
  witness: ['auditor', 'administrator'],
  seeAccounts: ['administrator', 'auditor'],
  changeAccounts: ['administrator'],
} as const satisfies Record<string, readonly Role[]>;

export function may({ account }: MeBody, act: keyof typeof Offered): boolean {
  const roles: readonly Role[] = Offered[act];
  return account.roles.some((role) => roles.includes(role));
}
