import type { MeBody } from '../../../ipc/account-body.ts';
import type { Api, Trouble } from '../api.ts';
import { ask, field, tell } from '../dialog.ts';
import { button, element, onAct, show } from '../element.ts';
import { qrCode } from '../qr.ts';
import { CodeField, canUsePasskeys, makePasskey } from '../second-factor.ts';

/** A second factor has to be there before anything else: what somebody new sees first. */
export function showEnrolment(place: HTMLElement, api: Api, { account }: MeBody, onDone: () => void): void {
  show(place);
  const main = element(
    'main',
    { id: 'main', class: 'door', tabindex: '-1' },
    element('h1', {}, `Welcome, ${account.fullName}`),
    element(
      'p',
      {},
      'One thing first: a second way to prove that it is you. Without it this account can do nothing.',
    ),
    element(
      'div',
      { class: 'ways' },
      canUsePasskeys()
        ? button(
            'passkey',
            'Add a passkey',
            { class: 'main' },
            element('small', {}, 'A key, a phone or this computer. Signs what you approve.'),
          )
        : undefined,
      button(
        'totp',
        'Add an authenticator app',
        { class: canUsePasskeys() ? 'plain' : 'main' },
        element('small', {}, 'Six digits that change every 30 seconds.'),
      ),
    ),
    element('p', {}, button('sign-out', 'Sign out', { class: 'plain' })),
  );
  onAct(main, (act) => {
    if (act === 'passkey') void addPasskey(api, onDone);
    if (act === 'totp') void addTotp(api, onDone);
    if (act === 'sign-out') void api.call('sign-out', {}).then(onDone);
  });
  place.append(main);
  main.focus();
}

/** Adds an authenticator app: shows its secret as a QR code, and wants a first code of it. */
export async function addTotp(api: Api, onDone: () => void): Promise<void> {
  const begun = await api.call('totp-begin', {});
  if (!begun.ok) return sorry(begun.trouble);
  const { qr, secret } = begun.body;
  ask({
    title: 'Authenticator app',
    content: [
      element('p', {}, 'Scan this with the app, then type the code that it shows.'),
      qrCode(qr, 'QR code for the authenticator app'),
      element('p', {}, 'Or type this into the app: ', element('code', { class: 'secret' }, secret)),
      field('code', 'Code of the app', { ...CodeField, required: '' }),
      field('label', 'What to call it', { value: 'authenticator', maxlength: '64' }),
    ],
    acts: [{ act: 'code', label: 'Add it' }],
    onAct: async (_act, { code = '', label = '' }) => {
      const done = await api.call('totp-finish', { code: code.replaceAll(/\s/g, ''), label });
      if (!done.ok) return done.trouble;
      showCodes(done.body.codes, onDone);
      return undefined;
    },
  });
}

/** Adds a passkey, which the browser makes. */
export async function addPasskey(api: Api, onDone: () => void): Promise<void> {
  const begun = await api.call('passkey-begin', {});
  if (!begun.ok) return sorry(begun.trouble);
  const made = await makePasskey(begun.body.options);
  if (!made.ok) return sorry(made.trouble);
  const done = await api.call('passkey-finish', { response: made.body, label: 'passkey' });
  if (!done.ok) return sorry(done.trouble);
  showCodes(done.body.codes, onDone);
}

/** Recovery codes are told once. With none to tell, there is nothing to show. */
export function showCodes(codes: readonly string[], onDone: () => void): void {
  if (codes.length === 0) return onDone();
  const dialog = ask({
    title: 'Recovery codes',
    content: [
      element(
        'p',
        {},
        'Each is good once, when you have lost your second factor. They are shown now and never again.',
      ),
      element('pre', { class: 'secret', tabindex: '0' }, codes.join('\n')),
    ],
    acts: [{ act: 'kept', label: 'I have them in a safe place' }],
    onAct: async () => undefined,
    cancel: 'Close',
  });
  dialog.addEventListener('close', onDone);
}

function sorry({ sentence, remedy }: Trouble): void {
  tell('That did not work', element('p', {}, `${sentence} ${remedy}`.trim()));
}
