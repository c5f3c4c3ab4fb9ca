import type { OfferBody } from '../../../ipc/grant-body.ts';
import type { Api } from '../api.ts';
import { ask, choice, field, ticks } from '../dialog.ts';
import { button, element } from '../element.ts';
import { CarrierNames, lengthText } from '../grants/grant-words.ts';
import { moment } from '../words.ts';
import { lengthField, lengthOf } from './length.ts';

type Offered = OfferBody[number];

/** What the model lets this vendor ask for, and why nothing can be asked for now. */
export function offerCards(offer: OfferBody): readonly HTMLElement[] {
  if (offer.length === 0)
    return [element('p', { class: 'none' }, 'Nothing: the policy in force names no access for you.')];
  return offer.map((offered) =>
    element(
      'article',
      { class: 'grant', 'data-key': offered.vendor, 'aria-label': `Access of ${offered.company}` },
      element('header', {}, element('div', {}, element('h3', {}, offered.company))),
      element(
        'ul',
        { class: 'rows' },
        ...offered.targets.map(({ id, asset, port, zone, profile, pinhole }) =>
          element(
            'li',
            { 'data-key': id },
            element('b', {}, `${asset}${port === 0 ? '' : ` port ${port}`}`),
            element(
              'small',
              {},
              `in ${zone}; ${profile === '' ? 'recorded as it is' : `held to ${profile}`}${pinhole ? '; by address alone' : ''}`,
            ),
          ),
        ),
      ),
      element(
        'p',
        { class: 'quiet' },
        `At most ${lengthText(offered.maxDuration)}; ${offered.window === '' ? 'at any time' : offered.window}; `,
        `approved by ${offered.approval.role}${offered.approval.second === '' ? '' : ` and ${offered.approval.second}`}; `,
        offered.idle === 0 ? '' : `ends after ${lengthText(offered.idle)} without traffic; `,
        `contract until ${moment(offered.contractEnds).slice(0, 10)}.`,
      ),
      offered.obstacles.length === 0
        ? undefined
        : element(
            'ul',
            { class: 'conditions' },
            ...offered.obstacles.map((sentence) => element('li', {}, '✕ ', sentence)),
          ),
      element(
        'p',
        { class: 'acts' },
        offered.obstacles.length === 0
          ? button('request', 'Ask to be let in…', { class: 'main', 'data-vendor': offered.vendor })
          : undefined,
      ),
    ),
  );
}

/** The request: what for, why, how long, and over which carrier. */
export function askForSession(api: Api, { vendor, targets, carriers, maxDuration }: Offered): void {
  ask({
    title: 'Ask to be let in',
    content: [
      ticks(
        'targets',
        'To what',
        targets.map(({ id, asset, port }, index) => ({
          value: id,
          label: `${asset}${port === 0 ? '' : ` port ${port}`}`,
          ticked: index === 0,
        })),
      ),
      field('reason', 'Why (stands in the record)', { required: '', maxlength: '1000', autocomplete: 'off' }),
      field('ticket', 'Ticket or work order', { maxlength: '64', autocomplete: 'off' }),
      lengthField(maxDuration),
      choice(
        'carrier',
        'How you connect',
        carriers.map((value) => ({ value, label: CarrierNames[value] })),
      ),
    ],
    acts: [{ act: 'ask', label: 'Ask' }],
    onAct: async (_act, given) => {
      const called = await api.call('grant-request', {
        vendor,
        targets: (given['targets'] ?? '').split(',').filter((id) => id !== ''),
        carrier: carriers.find((one) => one === given['carrier']) ?? 'tls',
        reason: given['reason'] ?? '',
        ticket: given['ticket'] ?? '',
        length: lengthOf(given),
      });
      return called.ok ? undefined : called.trouble;
    },
  });
}
