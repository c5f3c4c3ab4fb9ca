import { formatTime } from '../../../rules/time.ts';
import { cell, heading, paragraph, type Section, table } from '../document/block.ts';
import type { Report } from '../report.ts';

/** What gateways said: live checks, what was never used, and addresses nobody modelled. */
export function liveSection({ live, observed }: Report): Section {
  return {
    id: 'live',
    title: 'What the gateways said',
    blocks: [
      table(
        [
          ['Gateway', 1],
          ['Check', 1],
          ['Result', 0.7],
          ['Value', 5],
          ['When', 1.3],
        ],
        live.map(({ gateway, kind, ok, value, at }) => [
          cell(gateway, 'strong'),
          cell(kind),
          cell(ok ? 'holds' : 'does not hold', ok ? 'good' : 'bad'),
          cell(value),
          cell(formatTime(at)),
        ]),
        'No gateway was asked for this report: it says what is laid down, not what is in force.',
      ),
      heading('unused', 'Permissions never used'),
      ...(observed.length === 0 ? [paragraph('No observation was at hand.', 'faint')] : []),
      ...observed.flatMap(({ gateway, window, neverUsed }) => [
        paragraph(`${gateway}: watched ${window}.`),
        table(
          [
            ['Permission', 2],
            ['Kind', 1],
            ['Counted since', 1.2],
            ['Watched for', 1],
          ],
          neverUsed.map(({ id, kind, since, watched }) => [
            cell(id, 'strong'),
            cell(kind),
            cell(since),
            cell(watched),
          ]),
          'Every permission was used.',
        ),
      ]),
      heading('strangers', 'Addresses seen and not modelled'),
      ...(observed.length === 0 ? [paragraph('No observation was at hand.', 'faint')] : []),
      ...observed.map(({ gateway, strangers }) =>
        table(
          [
            ['Gateway', 1],
            ['Address', 1.6],
            ['On the wire of', 1.2],
            ['First seen', 1.2],
            ['Last seen', 1.2],
            ['Packets', 0.8],
          ],
          strangers.map(({ address, zone, first, last, packets }) => [
            cell(gateway, 'strong'),
            cell(address),
            cell(zone),
            cell(first),
            cell(last),
            cell(String(packets)),
          ]),
          `${gateway} saw none.`,
        ),
      ),
    ],
  };
}
