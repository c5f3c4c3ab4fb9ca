import type { SignInsBody } from '../../ipc/account-body.ts';
import { button, type Content, element } from './element.ts';
import { counted, moment } from './words.ts';

/** Who is signed in now, from where and since when. */
export function signInsSection(signIns: SignInsBody, mayEnd: boolean): readonly Content[] {
  return [
    element(
      'h2',
      { class: 'next' },
      'Signed in now ',
      element('span', {}, counted(signIns.length, 'sign-in')),
    ),
    element(
      'ul',
      { class: 'rows' },
      ...signIns.map(({ session, account, source, means, since, lastCall, locked }) =>
        element(
          'li',
          { 'data-key': session },
          element(
            'span',
            {},
            element('b', {}, account),
            ` from ${source}, with ${means}`,
            element(
              'small',
              {},
              `since ${moment(since)}, last seen ${moment(lastCall)}${locked ? ', locked' : ''}`,
            ),
          ),
          mayEnd
            ? button('sign-in-end', 'End', {
                class: 'plain',
                'data-session': session,
                'aria-label': `End the sign-in of ${account}`,
              })
            : undefined,
        ),
      ),
    ),
  ];
}
