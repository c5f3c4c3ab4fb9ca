import type { MeBody } from '../../../ipc/account-body.ts';
import type { GrantBody } from '../../../ipc/grant-body.ts';
import type { Api, Called, Trouble } from '../api.ts';
import { ask, field } from '../dialog.ts';
import { element } from '../element.ts';
import { secondFactor } from '../second-factor.ts';
import { counted } from '../words.ts';
import { lengthText, targetText, whoText } from './grant-words.ts';

/** Asks for an approval of exactly this request: what the passkey signs is its digest. */
export function askToApprove(api: Api, me: MeBody, grant: GrantBody): void {
  const { content, acts, read } = secondFactor(me, 'Approve', () =>
    api.call('grant-challenge', { grant: grant.id }),
  );
  ask({
    title: grant.extension > 0 ? 'Approve more time' : 'Let them in?',
    content: [...summary(grant), ...content],
    acts,
    onAct: async (act, { code = '' }) => {
      const second = await read(act, code);
      if (!second.ok) return second.trouble;
      const { id, digest } = grant;
      return troubleOf(await api.call('grant-approve', { grant: id, digest, second: second.body }));
    },
  });
}

/** Alone, against the rule of two, with an alarm and a record of its own (62443-3-3 SR 2.1 RE3). */
export function askToBreakGlass(api: Api, me: MeBody, grant: GrantBody): void {
  const challenge = () => api.call('grant-challenge', { grant: grant.id, purpose: 'break-glass' });
  const { content, acts, read } = secondFactor(me, 'Open it alone', challenge, 'danger');
  ask({
    title: 'Break the glass?',
    content: [
      element(
        'p',
        { class: 'warning' },
        '⚠ You open this alone. It raises an alarm, stands in the record and in both receipts, and somebody will ask why.',
      ),
      ...summary(grant),
      field('why', 'Why it cannot wait', { required: '', maxlength: '1000' }),
      ...content,
    ],
    acts,
    onAct: async (act, { code = '', why = '' }) => {
      const second = await read(act, code);
      if (!second.ok) return second.trouble;
      const { id, digest } = grant;
      return troubleOf(await api.call('grant-break-glass', { grant: id, digest, second: second.body, why }));
    },
  });
}

export function askToDeny(api: Api, grant: GrantBody): void {
  ask({
    title: 'Deny this request?',
    content: [element('p', {}, `${whoText(grant)} → ${targetText(grant)}`), Why()],
    acts: [{ act: 'deny', label: 'Deny', tone: 'danger' }],
    onAct: async (_act, { why = '' }) => troubleOf(await api.call('grant-deny', { grant: grant.id, why })),
  });
}

export function askToEnd(api: Api, grant: GrantBody): void {
  ask({
    title: 'End this session now?',
    content: [
      element('p', {}, `${whoText(grant)} → ${targetText(grant)}`),
      element('p', {}, 'Their connections are cut at once, and this grant is not good again.'),
      Why(),
    ],
    acts: [{ act: 'end', label: 'End it now', tone: 'danger' }],
    onAct: async (_act, { why = '' }) => troubleOf(await api.call('grant-end', { grant: grant.id, why })),
  });
}

/** One button that ends every session of every vendor. */
export function askToEndAll(api: Api, open: number): void {
  ask({
    title: `End ${open === 1 ? 'the one open session' : `all ${counted(open, 'open session')}`} now?`,
    content: [element('p', {}, 'Every vendor is cut off at once. The plant’s own traffic goes on.'), Why()],
    acts: [{ act: 'end', label: 'End all now', tone: 'danger' }],
    onAct: async (_act, { why = '' }) => troubleOf(await api.call('grant-end-all', { why })),
  });
}

export function troubleOf(called: Called<unknown>): Trouble | undefined {
  return called.ok ? undefined : called.trouble;
}

function summary(grant: GrantBody): readonly HTMLElement[] {
  const time = grant.extension > 0 ? `${lengthText(grant.extension)} more` : lengthText(grant.length);
  return [
    element('p', {}, element('b', {}, whoText(grant))),
    element('p', {}, `${targetText(grant)}, for ${time}`),
    element('p', { class: 'reason' }, grant.reason),
    element(
      'p',
      { class: 'compare' },
      element('code', { class: 'short' }, grant.code),
      element(
        'small',
        {},
        'Call the vendor: this code must stand on their page too. If it does not, do not approve.',
      ),
    ),
  ];
}

const Why = (): HTMLElement => field('why', 'Why (stands in the record)', { maxlength: '1000' });
