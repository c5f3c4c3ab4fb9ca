import type { MeBody } from '../../ipc/account-body.ts';
import { button, type Content, element } from './element.ts';

/** The state line above everything: lamp, headline, and who is signed in. */
export function heading(
  { account }: MeBody,
  said: { readonly place: string; readonly headline: string; readonly subline: string },
  ...acts: readonly Content[]
): HTMLElement {
  return element(
    'header',
    { id: 'state' },
    element('div', { id: 'lamp', 'aria-hidden': 'true' }),
    element(
      'div',
      { class: 'said' },
      element('p', { id: 'place' }, said.place),
      element('h1', { id: 'headline' }, said.headline),
      element('p', { id: 'subline' }, said.subline),
    ),
    element(
      'div',
      { class: 'who' },
      ...acts,
      element('p', {}, account.fullName, element('small', {}, account.roles.join(', '))),
      element(
        'p',
        { class: 'acts' },
        button('lock', 'Lock', { class: 'plain' }),
        button('sign-out', 'Sign out', { class: 'plain' }),
      ),
    ),
  );
}

/** Where one can go on this page; the one that is shown is marked. */
export function navigation(
  places: readonly { readonly hash: string; readonly label: string; readonly mark?: string }[],
  now: string,
): HTMLElement {
  return element(
    'nav',
    { 'aria-label': 'Parts of this page' },
    element(
      'ul',
      {},
      ...places.map(({ hash, label, mark }) =>
        element(
          'li',
          { 'data-key': hash },
          element(
            'a',
            { href: `#${hash}`, 'aria-current': hash === now ? 'page' : undefined },
            label,
            mark === undefined ? undefined : element('b', {}, mark),
          ),
        ),
      ),
    ),
  );
}
