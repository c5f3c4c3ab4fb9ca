import type { AccountBody, Role } from '../../ipc/account-body.ts';
import type { Api, Called, Trouble } from './api.ts';
import { ask, field, tell, ticks } from './dialog.ts';
import { button, type Content, element } from './element.ts';
import { counted, moment } from './words.ts';

/** Everybody who has an account, and what an administrator may do about it. */
export function accountsSection(accounts: readonly AccountBody[], mayChange: boolean): readonly Content[] {
  return [
    element('h2', {}, 'Accounts ', element('span', {}, counted(accounts.length, 'account'))),
    mayChange
      ? element('p', { class: 'acts above' }, button('invite', 'Invite somebody…', { class: 'main' }))
      : undefined,
    element('ul', { class: 'rows accounts' }, ...accounts.map((account) => row(account, mayChange))),
  ];
}

function row(account: AccountBody, mayChange: boolean): HTMLElement {
  const { name, fullName, roles, duties, vendor, state, factors, lastSignIn, signIns, resetAskedBy } =
    account;
  const data = { 'data-account': name };
  const factorText = factors.length === 0 ? 'no second factor' : factors.map(({ kind }) => kind).join(', ');
  return element(
    'li',
    { 'data-key': name, 'data-state': state },
    element(
      'span',
      {},
      element('b', {}, fullName),
      ` ${name}`,
      element(
        'small',
        {},
        [roles.join(', '), duties.join(', '), vendor === '' ? '' : `of ${vendor}`]
          .filter(Boolean)
          .join(' · '),
      ),
      element(
        'small',
        {},
        `${factorText}; ${lastSignIn === 0 ? 'never signed in' : `last signed in ${moment(lastSignIn)}`}; ${counted(signIns, 'sign-in')} now`,
      ),
      account.mayNotApproveUntil > Date.now()
        ? element(
            'small',
            { class: 'warning' },
            `⚠ May not approve until ${moment(account.mayNotApproveUntil)}: authenticators were reset.`,
          )
        : undefined,
      resetAskedBy === ''
        ? undefined
        : element(
            'small',
            { class: 'warning' },
            `⚠ ${resetAskedBy} asks to reset it; a second administrator has to say so too.`,
          ),
    ),
    element('span', { class: 'pill' }, state),
    mayChange
      ? element(
          'span',
          { class: 'acts' },
          button('account-change', 'Change…', { class: 'plain', ...data }),
          state === 'locked' ? button('account-unlock', 'Unlock', { class: 'plain', ...data }) : undefined,
          button('account-reset', resetAskedBy === '' ? 'Reset…' : 'Confirm reset…', {
            class: 'plain',
            ...data,
          }),
          state === 'disabled'
            ? button('account-enable', 'Enable', { class: 'plain', ...data })
            : button('account-disable', 'Disable…', { class: 'plain', ...data }),
        )
      : undefined,
  );
}

/** Does what the section's buttons say; `onChanged` reads the list again. */
export function actOnAccounts(
  api: Api,
  accounts: readonly AccountBody[],
  act: string,
  data: DOMStringMap,
  onChanged: () => void,
): void {
  const account = accounts.find(({ name }) => name === data['account']);
  const settle = (called: Called<unknown>): Trouble | undefined => {
    onChanged();
    return called.ok ? undefined : called.trouble;
  };
  if (act === 'invite') return askToInvite(api, onChanged);
  if (account === undefined) return;
  const { name, fullName } = account;
  if (act === 'account-enable')
    void api.call('account-set', { name, disabled: false }).then(settle).then(sorry);
  if (act === 'account-unlock') void api.call('account-unlock', { name }).then(settle).then(sorry);
  if (act === 'account-disable') {
    ask({
      title: `Disable ${fullName}?`,
      content: [
        element('p', {}, 'Their sign-ins end at once, and so does every session that hangs on their word.'),
      ],
      acts: [{ act: 'disable', label: 'Disable', tone: 'danger' }],
      onAct: async () => settle(await api.call('account-set', { name, disabled: true })),
    });
  }
  if (act === 'account-reset') {
    ask({
      title: `Reset the authenticators of ${fullName}?`,
      content: [
        element(
          'p',
          {},
          'This needs two administrators. They are signed out, cannot approve for a day, and receipts say so.',
        ),
        field('why', 'Why (stands in the record)', { maxlength: '1000' }),
      ],
      acts: [{ act: 'reset', label: 'Reset', tone: 'danger' }],
      onAct: async (_act, { why = '' }) => {
        const called = await api.call('account-reset', { name, why });
        const trouble = settle(called);
        if (called.ok) tellReset(called.body.state, called.body.invitation);
        return trouble;
      },
    });
  }
  if (act === 'account-change') askToChange(api, account, settle);
}

function askToInvite(api: Api, onChanged: () => void): void {
  ask({
    title: 'Invite somebody',
    content: [
      field(
        'name',
        'Name to sign in with',
        {
          required: '',
          pattern: '[a-z0-9][a-z0-9._@\\-]{0,63}',
          autocapitalize: 'none',
          autocomplete: 'off',
        },
        'Small letters and digits; never given to another person.',
      ),
      field('fullName', 'Full name', { required: '', maxlength: '128', autocomplete: 'off' }),
      roleTicks([]),
      field(
        'duties',
        'Duties',
        { autocomplete: 'off' },
        'As the zone model names them for approvals, with commas.',
      ),
      field('vendor', 'Vendor', { autocomplete: 'off' }, 'Of the zone model, for service engineers only.'),
      field('until', 'Ends on', { type: 'date' }, 'A vendor has to have an end; for others empty is none.'),
    ],
    acts: [{ act: 'invite', label: 'Invite' }],
    onAct: async (_act, given) => {
      const called = await api.call('account-add', {
        name: given['name'] ?? '',
        fullName: given['fullName'] ?? '',
        vendor: (given['vendor'] ?? '').trim(),
        ...rights(given),
      });
      if (!called.ok) return called.trouble;
      onChanged();
      tellInvitation(called.body);
      return undefined;
    },
  });
}

function askToChange(
  api: Api,
  account: AccountBody,
  settle: (called: Called<unknown>) => Trouble | undefined,
): void {
  const { name, fullName, roles, duties, endsAt } = account;
  ask({
    title: `Change ${name}`,
    content: [
      field('fullName', 'Full name', { required: '', maxlength: '128', value: fullName }),
      roleTicks(roles),
      field('duties', 'Duties', { value: duties.join(', ') }, 'With commas.'),
      field('until', 'Ends on', {
        type: 'date',
        value: endsAt === 0 ? '' : new Date(endsAt).toISOString().slice(0, 10),
      }),
    ],
    acts: [{ act: 'change', label: 'Change' }],
    onAct: async (_act, given) =>
      settle(await api.call('account-set', { name, fullName: given['fullName'] ?? '', ...rights(given) })),
  });
}

function rights(given: Readonly<Record<string, string>>) {
  const words = (text = ''): string[] =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  const until = given['until'] ?? '';
  return {
    roles: words(given['roles']) as Role[],
    duties: words(given['duties']),
    endsAt: until === '' ? 0 : new Date(`${until}T23:59:59`).getTime(),
  };
}

function roleTicks(held: readonly string[]): HTMLElement {
  return ticks(
    'roles',
    'Roles',
    Object.entries(RoleWords).map(([value, label]) => ({
      value,
      label: `${value}: ${label}`,
      ticked: held.includes(value),
    })),
  );
}

function tellInvitation({
  name,
  code,
  until,
}: {
  readonly name: string;
  readonly code: string;
  readonly until: number;
}): void {
  tell(
    'Invitation',
    element(
      'p',
      {},
      `For ${name}, good once until ${moment(until)}. Hand it over in person; it is shown now and never again.`,
    ),
    element('pre', { class: 'secret', tabindex: '0' }, code),
  );
}

function tellReset(
  state: 'waiting' | 'done',
  invitation: Parameters<typeof tellInvitation>[0] | undefined,
): void {
  if (invitation !== undefined) return tellInvitation(invitation);
  const sentence = state === 'waiting' ? 'Another administrator has to say the same.' : 'It is done.';
  tell('Reset', element('p', {}, sentence));
}

function sorry(trouble: Trouble | undefined): void {
  if (trouble !== undefined)
    tell('That did not work', element('p', {}, `${trouble.sentence} ${trouble.remedy}`));
}

const RoleWords: Record<Role, string> = {
  viewer: 'sees everything, changes nothing',
  operator: 'ends sessions, switches modes',
  approver: 'lets vendors in',
  engineer: 'ends sessions, switches modes, breaks the glass',
  auditor: 'sees evidence and accounts, brings witnesses',
  administrator: 'keeps the accounts',
  vendor: 'asks to be let in, and sees nothing else',
};
