import type { CredentialsBody, GrantBody } from '../../../ipc/grant-body.ts';
import type { Api } from '../api.ts';
import { ask, field } from '../dialog.ts';
import { button, element } from '../element.ts';
import { troubleOf } from '../grants/acts.ts';
import {
  approvalTexts,
  CarrierNames,
  idleLeft,
  lengthText,
  targetText,
  timeLeft,
} from '../grants/grant-words.ts';
import type { Live } from '../live.ts';
import { saveFile } from '../save-file.ts';
import { countdown, listed, moment } from '../words.ts';
import { lengthField, lengthOf } from './length.ts';

/** One session of the vendor: asked for, approved or open, and what to do next. */
export function sessionCard(
  grant: GrantBody,
  live: Live,
  credentials: CredentialsBody | undefined,
): HTMLElement {
  const open = grant.state === 'open';
  const data = { 'data-grant': grant.id };
  return element(
    'article',
    {
      class: 'grant',
      'data-key': grant.id,
      'data-tone': grant.warning === '' ? 'calm' : 'look',
      'aria-label': `Session to ${targetText(grant)}`,
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
          targetText(grant),
          element('small', {}, `${CarrierNames[grant.carrier]} · ${grant.id}`),
        ),
      ),
      element(
        'p',
        { class: 'clock' },
        element('b', {}, open ? countdown(timeLeft(grant, live)) : lengthText(grant.length)),
        element('small', {}, open ? 'left' : 'asked for'),
      ),
    ),
    element(
      'p',
      { class: 'reason' },
      grant.reason,
      grant.ticket === '' ? undefined : element('small', {}, grant.ticket),
    ),
    grant.warning === '' ? undefined : element('p', { class: 'warning' }, '⚠ ', grant.warning),
    stateLine(grant, live),
    ...approvalTexts(grant).map((text) => element('p', { class: 'quiet' }, `Approved by ${text}.`)),
    grant.state !== 'requested' || grant.extension > 0 ? conditions(grant) : undefined,
    open && credentials === undefined
      ? element('p', { class: 'acts' }, button('credentials', 'How to connect…', { class: 'main', ...data }))
      : undefined,
    credentials === undefined ? undefined : connectLines(grant, credentials),
    element(
      'p',
      { class: 'acts' },
      open && grant.extension === 0
        ? button('more', 'Ask for more time…', { class: 'plain', ...data })
        : undefined,
      button('leave', open ? 'I am done: end now' : 'Withdraw the request', {
        class: open ? 'danger' : 'plain',
        ...data,
      }),
    ),
  );
}

function stateLine(grant: GrantBody, live: Live): HTMLElement {
  const code = element('code', { class: 'short' }, grant.code);
  if (grant.state === 'requested' || grant.extension > 0) {
    const more = grant.extension > 0 ? `${lengthText(grant.extension)} more asked for. ` : '';
    const who = grant.missing.length === 0 ? 'an approver' : listed(grant.missing);
    return element(
      'p',
      { class: 'compare' },
      code,
      element('small', {}, `${more}Waits for ${who}. When the plant calls, compare this code with theirs.`),
    );
  }
  if (grant.state === 'approved')
    return element('p', {}, 'Approved. It opens when every condition below holds.');
  const idle = grant.idle === 0 ? '' : ` Without traffic it ends in ${countdown(idleLeft(grant, live))}.`;
  return element('p', {}, `Open until ${moment(grant.endsAt)}.${idle}`);
}

function conditions(grant: GrantBody): HTMLElement | undefined {
  const missing = grant.conditions.filter(({ holds }) => !holds);
  if (missing.length === 0) return undefined;
  return element(
    'ul',
    { class: 'conditions' },
    ...missing.map(({ what, sentence }) => element('li', { 'data-key': what }, '✕ ', sentence)),
  );
}

/** Lines to copy, those of the vendor's own system first. */
function connectLines({ id }: GrantBody, { lines }: CredentialsBody): HTMLElement {
  const own = /Windows/.test(navigator.userAgent)
    ? 'Windows'
    : /Mac/.test(navigator.userAgent)
      ? 'macOS'
      : 'Linux';
  const sorted = lines.toSorted(
    (one, other) => Number(other.system.includes(own)) - Number(one.system.includes(own)),
  );
  return element(
    'div',
    { class: 'connect' },
    element('h4', {}, 'How to connect'),
    ...sorted.map(({ system, title, text }, index) =>
      element(
        'details',
        { 'data-key': `${id}-${index}`, open: index === 0 ? '' : undefined },
        element('summary', {}, title, element('small', {}, system)),
        element('pre', { tabindex: '0' }, element('code', {}, text)),
        button('copy', 'Copy', { class: 'plain', 'data-text': text, 'data-grant': undefined }),
      ),
    ),
  );
}

/** Key and certificate are told once: the box keeps no copy of the key. */
export function askForCredentials(
  api: Api,
  grant: GrantBody,
  onTold: (credentials: CredentialsBody) => void,
): void {
  const { id } = grant;
  const file = grant.carrier === 'tls';
  ask({
    title: 'How to connect',
    content: [
      element(
        'p',
        {},
        file
          ? `A file ${id}.pem with your key and certificate is saved on this computer. It can be had once and is good for this session alone. Treat it like a password.`
          : 'You are shown the lines to connect with. They are good for this session alone.',
      ),
    ],
    acts: [{ act: 'get', label: file ? 'Save it and show how' : 'Show how' }],
    onAct: async () => {
      const called = await api.call('grant-credentials', { grant: id });
      if (!called.ok) return called.trouble;
      const { certificate, key, authority } = called.body;
      if (key !== '') {
        const text = [certificate, key, authority].map((pem) => `${pem.trim()}\n`).join('');
        saveFile(`${id}.pem`, text, 'application/x-pem-file');
      }
      onTold(called.body);
      return undefined;
    },
  });
}

export function askForMore(api: Api, { id }: GrantBody): void {
  ask({
    title: 'Ask for more time',
    content: [
      element(
        'p',
        {},
        'It needs a new approval, with a new code. The session goes on meanwhile until its end.',
      ),
      lengthField(4 * 3_600_000),
      field('reason', 'Why', { required: '', maxlength: '1000' }),
    ],
    acts: [{ act: 'ask', label: 'Ask' }],
    onAct: async (_act, given) =>
      troubleOf(
        await api.call('grant-extend', { grant: id, length: lengthOf(given), reason: given['reason'] ?? '' }),
      ),
  });
}

export function askToLeave(api: Api, { id, state }: GrantBody): void {
  const open = state === 'open';
  ask({
    title: open ? 'End your session now?' : 'Withdraw the request?',
    content: [
      element(
        'p',
        {},
        open
          ? 'Your connections are cut and this grant is not good again. You get a receipt.'
          : 'Nobody has to answer it then.',
      ),
    ],
    acts: [{ act: 'end', label: open ? 'End it now' : 'Withdraw', tone: 'danger' }],
    onAct: async () => troubleOf(await api.call(open ? 'grant-end' : 'grant-deny', { grant: id, why: '' })),
  });
}
