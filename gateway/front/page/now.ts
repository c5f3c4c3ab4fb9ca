import { element } from './element.ts';
import { insideCards } from './grants/inside.ts';
import { requestCards } from './grants/requests.ts';
import type { Live } from './live.ts';
import { refusalItems } from './plant/activity.ts';
import type { FlowRates } from './plant/conduit-list.ts';
import { isWide, plantDrawing } from './plant/drawing.ts';
import type { ReasonSentences } from './reasons.ts';
import { alarmList } from './state-line.ts';
import { counted } from './words.ts';

/** What a shift has to know at a glance: alarms, who asks, who is inside, the plant, and what was refused. */
export function nowSections(
  live: Live,
  reasons: ReasonSentences,
  rates: FlowRates,
  can: { readonly end: boolean; readonly approve: boolean; readonly breakGlass: boolean },
): readonly (HTMLElement | undefined)[] {
  const alarms = live.status === undefined ? [] : alarmList(live.status);
  const waiting = requestCards(live, can);
  const inside = insideCards(live, reasons, can);
  const drawing = plantDrawing(live, rates, isWide());
  return [
    alarms.length === 0
      ? undefined
      : section(
          'alarms',
          'To look into',
          element('ul', { id: 'alarm-list', 'aria-live': 'assertive' }, ...alarms),
        ),
    column(
      'people',
      waiting.length === 0 ? undefined : section('requests', 'Waiting to be let in', ...waiting),
      section(
        'inside',
        'Inside now',
        ...(inside.length > 0 ? inside : [element('p', { class: 'none' }, 'No vendor is inside.')]),
      ),
    ),
    drawing === undefined ? undefined : section('drawing', 'The plant', drawing, legend()),
    column(
      'refused',
      section(
        'refusals',
        'Refused lately',
        element(
          'ol',
          { id: 'refusal-list', class: 'scroll', tabindex: '0', 'aria-label': 'Refused lately' },
          ...orNone(refusalItems(live.refusals ?? [], reasons)),
        ),
      ),
    ),
  ];
}

/** Sections one below the other, beside another column where there is room. */
function column(key: string, ...content: readonly (HTMLElement | undefined)[]): HTMLElement {
  return element('div', { class: 'column', 'data-key': key }, ...content);
}

/** What the lines mean, for those who do not see their colour. */
function legend(): HTMLElement {
  const kinds = [
    ['busy', 'in use'],
    ['open', 'open'],
    ['gated', 'opened for now'],
    ['shut', 'shut'],
  ] as const;
  return element(
    'ul',
    { class: 'legend' },
    ...kinds.map(([state, word]) =>
      element('li', {}, element('i', { 'data-state': state, 'aria-hidden': 'true' }), word),
    ),
  );
}

function section(id: string, title: string, ...content: readonly Node[]): HTMLElement {
  const noted =
    id === 'inside' &&
    content.length > 0 &&
    content[0] instanceof HTMLElement &&
    content[0].tagName === 'ARTICLE';
  return element(
    'section',
    { id, 'data-key': id, 'aria-labelledby': `${id}-title` },
    element(
      'h2',
      { id: `${id}-title` },
      title,
      noted ? element('span', {}, counted(content.length, 'session')) : undefined,
    ),
    ...content,
  );
}

function orNone(found: readonly HTMLElement[]): readonly HTMLElement[] {
  return found.length > 0 ? found : [element('li', { class: 'none' }, 'Nothing was refused.')];
}
