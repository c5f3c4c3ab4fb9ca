import { element } from '../element.ts';
import type { Live } from '../live.ts';
import { counted } from '../words.ts';
import { connectionRows } from './activity.ts';
import { conduitList, type FlowRates } from './conduit-list.ts';
import { isWide, plantDrawing } from './drawing.ts';

/** The conduits with their flows, and who is connected now. */
export function plantSections(live: Live, rates: FlowRates): readonly (HTMLElement | undefined)[] {
  const { conduits = [], connections = [], status } = live;
  const cards = conduitList(conduits, rates);
  const drawing = plantDrawing(live, rates, isWide());
  return [
    drawing === undefined
      ? undefined
      : element('section', { id: 'drawing', 'data-key': 'drawing' }, element('h2', {}, 'The plant'), drawing),
    element(
      'section',
      { id: 'conduits', 'data-key': 'conduits', 'aria-labelledby': 'conduits-title' },
      element('h2', { id: 'conduits-title' }, 'Conduits'),
      ...(cards.length > 0 ? cards : [element('p', { class: 'none' }, 'No conduit: nothing passes.')]),
    ),
    element(
      'div',
      { class: 'column', 'data-key': 'beside' },
      element(
        'section',
        { id: 'connections', 'data-key': 'connections', 'data-empty': String(connections.length === 0) },
        element(
          'h2',
          { id: 'connections-title' },
          'Connected now ',
          element('span', {}, counted(connections.length, 'connection')),
        ),
        element(
          'div',
          { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': 'connections-title' },
          element(
            'table',
            {},
            element(
              'thead',
              {},
              element(
                'tr',
                {},
                ...Columns.map(({ name, number }) =>
                  element('th', { scope: 'col', class: number ? 'number' : undefined }, name),
                ),
              ),
            ),
            element(
              'tbody',
              { id: 'connection-rows' },
              ...connectionRows(connections, status?.now ?? Date.now()),
            ),
          ),
        ),
      ),
    ),
  ];
}

const Columns = [
  { name: 'Who', number: false },
  { name: 'Flow', number: false },
  { name: 'For', number: true },
  { name: 'Requests', number: true },
  { name: 'Refused', number: true },
] as const;
