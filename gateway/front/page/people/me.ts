import type { MeBody } from '../../../ipc/account-body.ts';
import type { Second } from '../../../ipc/calls.ts';
import type { Api, Called, Trouble } from '../api.ts';
import { ask, field, tell } from '../dialog.ts';
import { button, type Content, element } from '../element.ts';
import { passkeyOptions } from '../fresh-factor.ts';
import { secondFactor } from '../second-factor.ts';
import { counted, moment } from '../words.ts';
import { addPasskey, addTotp, showCodes } from './enrol.ts';

/** The person's own account: their factors, their password, and where else they are signed in. */
export function meSection({ account, means, endsAt }: MeBody): readonly Content[] {
  return [
    element('h2', {}, 'My account'),
    element(
      'p',
      {},
      `${account.fullName} (${account.name}), ${account.roles.join(', ')}. `,
      `Signed in with ${Means[means]}, until ${moment(endsAt)} at the latest.`,
    ),
    element('h3', {}, 'Second factors'),
    element(
      'ul',
      { class: 'rows' },
      ...account.factors.map(({ id, kind, label, lastUsed }) =>
        element(
          'li',
          { 'data-key': id },
          element('span', {}, kind === 'passkey' ? 'Passkey' : 'Authenticator app', ` “${label}”`),
          element('small', {}, lastUsed === 0 ? 'never used' : `last used ${moment(lastUsed)}`),
          button('factor-remove', 'Remove', { class: 'plain', 'data-factor': id }),
        ),
      ),
    ),
    element('p', {}, `${counted(account.recoveryCodes, 'recovery code')} left.`),
    element(
      'p',
      { class: 'acts' },
      button('passkey', 'Add a passkey', { class: 'plain' }),
      button('totp', 'Add an authenticator', { class: 'plain' }),
      button('recovery-codes', 'New recovery codes', { class: 'plain' }),
      button('change-password', 'Change password', { class: 'plain' }),
    ),
  ];
}

/** Does what the section's buttons say. */
export function actOnMe(api: Api, me: MeBody, act: string, data: DOMStringMap): void {
  const nothing = (): void => undefined;
  if (act === 'passkey') void addPasskey(api, nothing);
  if (act === 'totp') void addTotp(api, nothing);
  if (act === 'factor-remove') {
    withSecond(api, me, 'Remove a second factor', 'Remove', (second) =>
      api.call('factor-remove', { factor: data['factor'] ?? '', second }),
    );
  }
  if (act === 'recovery-codes') {
    withSecond(api, me, 'New recovery codes', 'Make them', async (second) => {
      const made = await api.call('recovery-codes', { second });
      if (made.ok) showCodes(made.body.codes, nothing);
      return made;
    });
  }
  if (act === 'change-password') changePassword(api);
}

function withSecond(
  api: Api,
  me: MeBody,
  title: string,
  label: string,
  onGiven: (second: Second) => Promise<Called<unknown>>,
): void {
  const { content, acts, read } = secondFactor(me, label, passkeyOptions(api, me));
  ask({
    title,
    content,
    acts,
    onAct: async (act, { code = '' }) => {
      const second = await read(act, code);
      return troubleOf(second.ok ? await onGiven(second.body) : second);
    },
  });
}

function changePassword(api: Api): void {
  ask({
    title: 'Change password',
    content: [
      field('old', 'Password until now', {
        type: 'password',
        autocomplete: 'current-password',
        required: '',
      }),
      field('password', 'New password', {
        type: 'password',
        autocomplete: 'new-password',
        minlength: '12',
        required: '',
      }),
    ],
    acts: [{ act: 'change', label: 'Change it' }],
    onAct: async (_act, { old = '', password = '' }) => {
      const called = await api.call('change-password', { old, password });
      if (called.ok) tell('Changed', element('p', {}, 'All other sign-ins of this account have ended.'));
      return troubleOf(called);
    },
  });
}

function troubleOf(called: Called<unknown>): Trouble | undefined {
  return called.ok ? undefined : called.trouble;
}

const Means: Record<MeBody['means'], string> = {
  passkey: 'a passkey',
  totp: 'a code',
  recovery: 'a recovery code',
  password: 'the password alone',
};
