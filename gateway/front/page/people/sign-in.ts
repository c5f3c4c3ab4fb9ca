import type { WelcomeBody } from '../../../ipc/account-body.ts';
import type { Second } from '../../../ipc/calls.ts';
import type { Api, Called, SignedIn, Trouble } from '../api.ts';
import { field, givenIn } from '../dialog.ts';
import { element, show } from '../element.ts';
import { CodeField, canUsePasskeys, secondOf, usePasskey } from '../second-factor.ts';

/** The form to sign in with: password, and a code or a passkey; or an invitation, once. */
export function showSignIn(
  place: HTMLElement,
  api: Api,
  welcome: WelcomeBody,
  /** Why it is shown again, or empty. */
  why: string,
  onSignedIn: (signedIn: SignedIn) => void,
): void {
  const invited = location.hash === '#invitation';
  show(place);
  place.append(
    element(
      'main',
      { id: 'main', class: 'door', tabindex: '-1' },
      element('p', { class: 'place' }, `${welcome.site} · ${welcome.gateway}`),
      element('h1', {}, 'Penstock'),
      welcome.banner === '' ? undefined : element('p', { class: 'banner' }, welcome.banner),
      why === '' ? undefined : element('p', { class: 'wrong', role: 'alert' }, why),
      welcome.empty ? firstSteps() : invited ? invitationForm() : signInForm(),
    ),
  );
  place.querySelector('input')?.focus();

  function signInForm(): HTMLElement {
    const passkeys = canUsePasskeys();
    return form(
      [
        field('name', 'Name', {
          autocomplete: 'username',
          autocapitalize: 'none',
          required: '',
          maxlength: '128',
        }),
        field('password', 'Password', {
          type: 'password',
          autocomplete: 'current-password',
          maxlength: '1024',
        }),
        field('code', 'Code of your authenticator', CodeField, 'Or one of your recovery codes.'),
      ],
      [
        { act: 'code', label: 'Sign in' },
        ...(passkeys ? [{ act: 'passkey', label: 'Use a passkey instead of a code' }] : []),
      ],
      async (act, given) => {
        const second = act === 'passkey' ? await passkeyOf(given['name'] ?? '') : typed(given['code'] ?? '');
        if (!second.ok) return second;
        const asks = { name: given['name'] ?? '', password: given['password'] ?? '', second: second.body };
        return api.signIn('sign-in', asks);
      },
      element('a', { href: '#invitation' }, 'I have an invitation'),
    );
  }

  function invitationForm(): HTMLElement {
    return form(
      [
        field('name', 'Name', { autocomplete: 'username', autocapitalize: 'none', required: '' }),
        field(
          'code',
          'Invitation',
          { ...CodeField, inputmode: 'text', autocomplete: 'off' },
          'The code you were handed, good once.',
        ),
        field('password', 'New password', {
          type: 'password',
          autocomplete: 'new-password',
          minlength: '12',
        }),
      ],
      [{ act: 'code', label: 'Take it up' }],
      (_act, { name = '', code = '', password = '' }) =>
        api.signIn('accept-invitation', { name, code: code.trim(), password }),
      element('a', { href: '#' }, 'Sign in'),
    );
  }

  async function passkeyOf(name: string): Promise<Called<Second>> {
    const asked = await api.call('sign-in-options', { name });
    return asked.ok ? usePasskey(asked.body.options) : asked;
  }

  function form(
    fields: readonly HTMLElement[],
    acts: readonly { readonly act: string; readonly label: string }[],
    onAct: (act: string, given: Readonly<Record<string, string>>) => Promise<Called<SignedIn>>,
    elsewhere: HTMLElement,
  ): HTMLElement {
    const wrong = element('p', { class: 'wrong', role: 'alert' });
    const buttons = acts.map(({ act, label }, index) =>
      element('button', { type: 'submit', value: act, class: index === 0 ? 'main' : 'plain' }, label),
    );
    const made = element(
      'form',
      {},
      ...fields,
      wrong,
      element('p', { class: 'acts' }, ...buttons),
      elsewhere,
    );
    made.addEventListener('submit', (event) => {
      event.preventDefault();
      const act = event.submitter instanceof HTMLButtonElement ? event.submitter.value : 'code';
      void onAct(act, givenIn(made)).then((called) => {
        if (called.ok) onSignedIn(called.body);
        else wrong.textContent = inWords(called.trouble);
      });
    });
    return made;
  }
}

function typed(code: string): Called<Second> {
  return { ok: true, body: secondOf(code) };
}

function inWords({ sentence, remedy }: Trouble): string {
  return `${sentence} ${remedy}`.trim();
}

/** Nobody has an account: the first is made where only somebody at the box can (62443-3-3 SR 1.3). */
function firstSteps(): HTMLElement {
  return element(
    'section',
    {},
    element('h2', {}, 'Nobody has an account here yet'),
    element('p', {}, 'The first administrator is made at the console of the box:'),
    element(
      'pre',
      {},
      element('code', {}, 'penstock account first-administrator NAME --full-name "Full Name"'),
    ),
    element('p', {}, 'It gives an invitation. Take it up here, then invite everybody else on this page.'),
    element('p', {}, element('a', { href: '#invitation' }, 'I have an invitation')),
  );
}
