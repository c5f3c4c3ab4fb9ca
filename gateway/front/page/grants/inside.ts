import type { GrantBody, OperationBody, OperationsBody } from '../../../ipc/grant-body.ts';
import { button, element } from '../element.ts';
import type { Live } from '../live.ts';
import type { ReasonSentences } from '../reasons.ts';
import { bytes, count, countdown, counted, duration, timeOfDay } from '../words.ts';
import { approvalTexts, CarrierNames, idleLeft, targetText, timeLeft, whoText } from './grant-words.ts';

/** Who is inside now: each open session with its time left, and what was done in it. */
export function insideCards(
  live: Live,
  reasons: ReasonSentences,
  can: { readonly end: boolean; readonly approve: boolean },
): readonly HTMLElement[] {
  const inside = (live.grants ?? []).filter(({ state }) => state === 'open');
  return inside.map((grant) => insideCard(grant, live, reasons, can));
}

function insideCard(
  grant: GrantBody,
  live: Live,
  reasons: ReasonSentences,
  can: { readonly end: boolean; readonly approve: boolean },
): HTMLElement {
  const left = timeLeft(grant, live);
  const now = Date.now() + live.ahead;
  const data = { 'data-grant': grant.id };
  return element(
    'article',
    {
      class: 'grant',
      'data-key': grant.id,
      'data-tone': toneOf(grant, left),
      'aria-label': `Session of ${whoText(grant)}`,
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
      element('p', { class: 'clock' }, element('b', {}, countdown(left)), element('small', {}, 'left')),
    ),
    element(
      'p',
      { class: 'reason' },
      grant.reason,
      grant.ticket === '' ? undefined : element('small', {}, grant.ticket),
    ),
    grant.warning === '' ? undefined : element('p', { class: 'warning' }, '⚠ ', grant.warning),
    grant.breakGlass ? element('p', { class: 'warning' }, '⚠ Opened by breaking the glass.') : undefined,
    grant.weak ? element('p', { class: 'warning' }, '⚠ Known by its address alone.') : undefined,
    element(
      'dl',
      { class: 'facts' },
      fact(
        'Last activity',
        grant.lastActivity === 0 ? 'none yet' : `${duration(now - grant.lastActivity)} ago`,
      ),
      grant.idle === 0 ? undefined : fact('Idle ends it in', countdown(idleLeft(grant, live))),
      fact('From vendor', bytes(grant.bytesFromClient)),
      fact('To vendor', bytes(grant.bytesFromServer)),
      fact('Writes', count(grant.writes), grant.writes > 0 ? 'attention' : undefined),
      fact('Refused', count(grant.refused), grant.refused > 0 ? 'attention' : undefined),
      fact('By', `${CarrierNames[grant.carrier]}, ${counted(grant.channels.length, 'channel')}`),
      fact('Approved by', approvalTexts(grant).join('; ')),
    ),
    operationList(grant, live.operations ?? [], reasons),
    element(
      'p',
      { class: 'acts' },
      can.end ? button('end', 'End this session', { class: 'danger', ...data }) : undefined,
      grant.extension > 0 && can.approve
        ? button('approve', `Approve ${duration(grant.extension)} more`, { class: 'main', ...data })
        : undefined,
      grant.extension > 0
        ? element('span', {}, `Asks for more time; code `, element('code', { class: 'short' }, grant.code))
        : undefined,
    ),
  );
}

/** The newest first; what was written stands out by a word, a mark and a colour. */
function operationList(
  { id, writes }: GrantBody,
  all: OperationsBody,
  reasons: ReasonSentences,
): HTMLElement | undefined {
  const done = all.filter(({ grant }) => grant === id);
  if (done.length === 0) return undefined;
  return element(
    'ol',
    { class: 'operations scroll', tabindex: '0', 'aria-label': `What was done, ${counted(writes, 'write')}` },
    ...done
      .slice(-Shown)
      .toReversed()
      .map((operation) => operationRow(operation, reasons)),
  );
}

export function operationRow(operation: OperationBody, reasons: ReasonSentences): HTMLElement {
  const { number, at, text, outcome, reason, write } = operation;
  return element(
    'li',
    { 'data-key': String(number), 'data-write': String(write), 'data-outcome': outcome },
    element('time', { datetime: new Date(at).toISOString() }, timeOfDay(at)),
    element(
      'span',
      {},
      outcome === 'refused' ? element('em', {}, 'Refused: ') : undefined,
      text,
      reason === '' ? undefined : element('small', {}, reasons.get(reason as never) ?? reason),
    ),
  );
}

function toneOf({ warning, breakGlass }: GrantBody, left: number): string {
  return warning !== '' || breakGlass || left < Soon ? 'look' : 'calm';
}

function fact(term: string, value: string, tone?: string): HTMLElement {
  return element('div', { 'data-tone': tone }, element('dt', {}, term), element('dd', {}, value));
}

const Shown = 100;

/** Milliseconds before its end from which a session is marked. */
const Soon = 5 * 60_000;
