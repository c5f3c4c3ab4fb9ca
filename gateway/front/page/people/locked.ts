import type { MeBody } from '../../../ipc/account-body.ts';
import type { Api } from '../api.ts';
import { field, givenIn } from '../dialog.ts';
import { button, element, onAct, show } from '../element.ts';

/** A locked screen: nothing of the plant, and the password to go on (62443-3-3 SR 2.5). */
export function showLocked(
  place: HTMLElement,
  api: Api,
  { account }: MeBody,
  onUnlocked: () => void,
  onLeft: () => void,
): void {
  show(place);
  const wrong = element('p', { class: 'wrong', role: 'alert' });
  const form = element(
    'form',
    {},
    element('input', { type: 'text', autocomplete: 'username', value: account.name, hidden: '' }),
    field('password', 'Password', { type: 'password', autocomplete: 'current-password', required: '' }),
    wrong,
    element(
      'p',
      { class: 'acts' },
      element('button', { type: 'submit', class: 'main' }, 'Unlock'),
      button('sign-out', 'Sign out', { class: 'plain' }),
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void api.call('unlock', { password: givenIn(form)['password'] ?? '' }).then((called) => {
      if (called.ok) onUnlocked();
      else wrong.textContent = `${called.trouble.sentence} ${called.trouble.remedy}`;
    });
  });
  onAct(form, (act) => {
    if (act === 'sign-out') void api.call('sign-out', {}).then(onLeft);
  });
  place.append(
    element(
      'main',
      { id: 'main', class: 'door', tabindex: '-1' },
      element('h1', {}, 'Locked'),
      element('p', {}, `${account.fullName} is signed in.`),
      form,
    ),
  );
  form.querySelector<HTMLInputElement>('input[type=password]')?.focus();
}
