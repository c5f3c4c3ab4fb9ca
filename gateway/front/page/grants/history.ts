import type { GrantBody } from '../../../ipc/grant-body.ts';
import type { Api } from '../api.ts';
import { tell } from '../dialog.ts';
import { button, element } from '../element.ts';
import type { Live } from '../live.ts';
import type { ReasonSentences } from '../reasons.ts';
import { saveFile } from '../save-file.ts';
import { count, duration, moment } from '../words.ts';
import { endText, targetText, whoText } from './grant-words.ts';

/** Sessions that are over, the latest first, each with how it ended and its receipt. */
export function historyRows({ closed = [] }: Live, reasons: ReasonSentences): readonly HTMLElement[] {
  return closed.map((grant) =>
    element(
      'li',
      { 'data-key': grant.id, class: 'past' },
      element('time', { datetime: new Date(grant.closedAt).toISOString() }, moment(grant.closedAt)),
      element(
        'span',
        {},
        element('b', {}, whoText(grant)),
        ` → ${targetText(grant)}`,
        element('small', {}, `${lasted(grant)}${endText(grant, reasons)}`),
        grant.breakGlass
          ? element('small', { class: 'warning' }, '⚠ Opened by breaking the glass.')
          : undefined,
      ),
      grant.receipt
        ? button('receipt', 'Receipt', {
            class: 'plain',
            'data-grant': grant.id,
            'aria-label': `Receipt of ${grant.id}`,
          })
        : undefined,
    ),
  );
}

/** Saves a receipt as one file, and says how anybody can check it. */
export async function fetchReceipt(api: Api, grant: string): Promise<void> {
  const called = await api.call('grant-receipt', { grant });
  if (!called.ok) {
    return tell('No receipt', element('p', {}, `${called.trouble.sentence} ${called.trouble.remedy}`));
  }
  const { text, signature, publicKey, verify } = called.body;
  saveFile(
    `${grant}.receipt.json`,
    JSON.stringify({ text, signature, publicKey }, null, 2),
    'application/json',
  );
  tell(
    'Receipt saved',
    element('p', {}, 'It is signed by the gateway. Anybody can check it without a network:'),
    element('pre', { tabindex: '0' }, element('code', {}, verify)),
  );
}

function lasted({ openedAt, closedAt, writes, refused }: GrantBody): string {
  if (openedAt === 0) return 'Never opened. ';
  const writesText = writes === 0 ? '' : `, ${count(writes)} written`;
  const refusedText = refused === 0 ? '' : `, ${count(refused)} refused`;
  return `${duration(closedAt - openedAt)}${writesText}${refusedText}. `;
}
