import type { GrantBody } from '../../../ipc/grant-body.ts';
import { button, element } from '../element.ts';
import type { Live } from '../live.ts';
import { countdown, listed, moment } from '../words.ts';
import { approvalTexts, CarrierNames, lengthText, targetText, whoText } from './grant-words.ts';

/** What waits for somebody's word, and what is approved and not open yet. */
export function requestCards(
  live: Live,
  can: { readonly approve: boolean; readonly breakGlass: boolean; readonly end: boolean },
): readonly HTMLElement[] {
  const waiting = (live.grants ?? []).filter(({ state }) => state === 'requested' || state === 'approved');
  return waiting.map((grant) => requestCard(grant, live, can));
}

function requestCard(
  grant: GrantBody,
  live: Live,
  can: { readonly approve: boolean; readonly breakGlass: boolean; readonly end: boolean },
): HTMLElement {
  const data = { 'data-grant': grant.id };
  const waits = grant.state === 'requested';
  return element(
    'article',
    {
      class: 'grant',
      'data-key': grant.id,
      'data-tone': 'look',
      'aria-label': `Request of ${whoText(grant)}`,
    },
    element(
      'header',
      {},
      element(
        'div',
        {},
        element(
          'h3',
          {},
          grant.fullName || grant.person,
          element('small', {}, grant.company || grant.vendor),
        ),
        element('p', { class: 'target' }, '→ ', targetText(grant)),
      ),
      element(
        'p',
        { class: 'clock' },
        element('b', {}, lengthText(grant.length)),
        element('small', {}, 'asked for'),
      ),
    ),
    element(
      'p',
      { class: 'reason' },
      grant.reason,
      grant.ticket === '' ? undefined : element('small', {}, grant.ticket),
    ),
    element(
      'p',
      {},
      'Code ',
      element('code', { class: 'short' }, grant.code),
      element('small', {}, `Over ${CarrierNames[grant.carrier]}, asked for ${moment(grant.requestedAt)}.`),
    ),
    grant.weak ? element('p', { class: 'warning' }, '⚠ It would be known by its address alone.') : undefined,
    ...approvalTexts(grant).map((text) => element('p', {}, `Approved by ${text}.`)),
    element(
      'p',
      { class: 'quiet' },
      waits ? waitingText(grant, live) : 'Approved. It opens when every condition holds.',
    ),
    conditionList(grant),
    element(
      'p',
      { class: 'acts' },
      waits && can.approve ? button('approve', 'Approve…', { class: 'main', ...data }) : undefined,
      waits && can.approve ? button('deny', 'Deny…', { class: 'plain', ...data }) : undefined,
      waits && can.breakGlass
        ? button('break-glass', 'Break the glass…', { class: 'plain', ...data })
        : undefined,
      !waits && can.end ? button('end', 'Withdraw', { class: 'danger', ...data }) : undefined,
    ),
  );
}

function waitingText({ missing, requestEndsAt }: GrantBody, { ahead }: Live): string {
  const left = countdown(requestEndsAt - Date.now() - ahead);
  const duties = missing.length === 0 ? 'an approval' : `the word of ${listed(missing)}`;
  return `Waits for ${duties}; lapses in ${left}.`;
}

/** What keeps it from opening; what holds is not worth a line. */
function conditionList({ conditions }: GrantBody): HTMLElement | undefined {
  const missing = conditions.filter(({ holds }) => !holds);
  if (missing.length === 0) return undefined;
  return element(
    'ul',
    { class: 'conditions' },
    ...missing.map(({ what, sentence }) => element('li', { 'data-key': what }, '✕ ', sentence)),
  );
}
