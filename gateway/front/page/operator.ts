import type { AccountBody, MeBody, SignInsBody } from '../../ipc/account-body.ts';
import type { EvidenceBody, GrantBody } from '../../ipc/grant-body.ts';
import { accountsSection, actOnAccounts } from './accounts.ts';
import { announcer } from './announcer.ts';
import { button, byId, element, onAct, show } from './element.ts';
import { askForWitness, copyText, evidenceSection } from './evidence.ts';
import { withFreshFactor } from './fresh-factor.ts';
import { askToApprove, askToBreakGlass, askToDeny, askToEnd, askToEndAll } from './grants/acts.ts';
import { fetchReceipt, historyRows } from './grants/history.ts';
import { heading, navigation } from './heading.ts';
import type { Live } from './live.ts';
import { may } from './may.ts';
import { askToSwitch, modeSection } from './modes.ts';
import { nowSections } from './now.ts';
import { actOnMe, meSection } from './people/me.ts';
import { plantSections } from './plant/plant-part.ts';
import { createRates } from './plant/rates.ts';
import { signInsSection } from './sign-ins.ts';
import { announcement, gradeOf, headline, stateOf, subline } from './state-line.ts';
import type { View, ViewOptions } from './view.ts';
import { counted } from './words.ts';

/** The page of somebody of the plant. */
export function operatorView({ place, api, reasons, me: first, onLeave }: ViewOptions): View {
  const openedAt = Date.now();
  const rates = createRates();
  const announce = announcer();
  let last: Live | undefined;
  let evidence: EvidenceBody | undefined;
  let accounts: readonly AccountBody[] = [];
  let signIns: SignInsBody = [];
  let shown = '';
  const root = element('div', { class: 'operator' });
  place.append(root);
  onAct(root, (act, data) => onPressed(act, data));
  const onHash = (): void => {
    void fetchPart();
    if (last !== undefined) update(last, 'time');
    const [, target = ''] = location.hash.slice(1).split('/');
    if (target !== '') document.getElementById(`conduit-${target}`)?.scrollIntoView({ block: 'center' });
    else if (location.hash !== '') byId('main').focus();
  };
  addEventListener('hashchange', onHash);

  function update(live: Live, topic: string): void {
    last = live;
    if (topic === 'conduits') rates.take(live.conduits ?? []);
    if (topic === 'grants') announce.grants(live.grants ?? []);
    const me = live.me ?? first;
    const state = stateOf(live, openedAt);
    const open = openGrants(live).length;
    document.documentElement.dataset['grade'] = gradeOf(state);
    document.title = `${open > 0 ? `(${open} inside) ` : ''}${headline(state)} – Penstock`;
    announce.state(announcement(state));
    const now = partShown(me);
    show(
      root,
      heading(
        me,
        {
          place:
            live.status === undefined ? 'Penstock gateway' : `${live.status.site} · ${live.status.gateway}`,
          headline: headline(state),
          subline: subline(state),
        },
        open > 0 && may(me, 'end')
          ? button('end-all', open === 1 ? 'End the open session' : `End all ${open} sessions`, {
              class: 'danger big',
            })
          : undefined,
      ),
      navigation(parts(me, live), now),
      element(
        'main',
        { id: 'main', tabindex: '-1', 'data-part': now, class: state.kind === 'lost' ? 'stale' : '' },
        ...sections(now, live, me),
      ),
    );
    if (now !== shown) {
      shown = now;
      void fetchPart();
    }
  }

  function sections(now: string, live: Live, me: MeBody): readonly (Node | undefined)[] {
    const whole = (content: Parameters<typeof element>[2][]): HTMLElement =>
      element('section', { 'data-key': now }, ...content);
    switch (now) {
      case 'plant':
        return plantSections(live, rates.now());
      case 'history':
        return [
          whole([
            element('h2', {}, 'Sessions that are over'),
            element('ul', { class: 'rows' }, ...orNone('li', historyRows(live, reasons), 'None yet.')),
          ]),
        ];
      case 'modes':
        return live.mode === undefined ? [] : [whole([...modeSection(live.mode, may(me, 'switchMode'))])];
      case 'evidence':
        return [whole([...evidenceSection(evidence, live.status, may(me, 'witness'))])];
      case 'accounts':
        return [
          whole([
            ...accountsSection(accounts, may(me, 'changeAccounts')),
            ...signInsSection(signIns, may(me, 'changeAccounts')),
          ]),
        ];
      case 'me':
        return [whole([...meSection(me)])];
      default:
        return nowSections(live, reasons, rates.now(), {
          end: may(me, 'end'),
          approve: may(me, 'approve') && me.account.mayNotApproveUntil === 0,
          breakGlass: may(me, 'breakGlass'),
        });
    }
  }

  function onPressed(act: string, data: DOMStringMap): void {
    const live = last;
    if (live === undefined) return;
    const me = live.me ?? first;
    const grant = [...(live.grants ?? []), ...(live.closed ?? [])].find(({ id }) => id === data['grant']);
    switch (act) {
      case 'lock':
      case 'sign-out':
        return void api.call(act, {}).then(onLeave);
      case 'end-all':
        return askToEndAll(api, openGrants(live).length);
      case 'mode':
        return askToSwitch(api, me, data['mode'] ?? '');
      case 'copy-checkpoint':
        return void copyText(evidence?.checkpoint ?? '');
      case 'witness':
        return askForWitness(api, (news) => {
          evidence = news;
          update(live, 'time');
        });
      default:
        if (grant !== undefined) return onGrant(act, grant, me);
        if (act === 'sign-in-end') {
          return void api.call(act, { session: data['session'] ?? '' }).then(() => fetchPart());
        }
        if (shown === 'me') return actOnMe(api, me, act, data);
        if (shown === 'accounts') {
          withFreshFactor(api, me, live.ahead, () =>
            actOnAccounts(api, accounts, act, data, () => void fetchPart()),
          );
        }
    }
  }

  function onGrant(act: string, grant: GrantBody, me: MeBody): void {
    if (act === 'approve') askToApprove(api, me, grant);
    if (act === 'break-glass') askToBreakGlass(api, me, grant);
    if (act === 'deny') askToDeny(api, grant);
    if (act === 'end') askToEnd(api, grant);
    if (act === 'receipt') void fetchReceipt(api, grant.id);
  }

  /** What is not live is asked for when it is looked at. */
  async function fetchPart(): Promise<void> {
    if (shown === 'evidence') {
      const called = await api.call('evidence', {});
      if (called.ok) evidence = called.body;
    }
    if (shown === 'accounts') {
      const [people, there] = await Promise.all([api.call('accounts', {}), api.call('sign-ins', {})]);
      if (people.ok) accounts = people.body;
      if (there.ok) signIns = there.body;
    }
    if (last !== undefined && ['evidence', 'accounts'].includes(shown)) update(last, 'time');
  }

  return { update, close: () => removeEventListener('hashchange', onHash) };
}

function openGrants({ grants = [] }: Live): readonly GrantBody[] {
  return grants.filter(({ state }) => state === 'open');
}

function partShown(me: MeBody): string {
  const [part = ''] = location.hash.slice(1).split('/');
  return parts(me, undefined).some(({ hash }) => hash === part) ? part : 'now';
}

function parts(me: MeBody, live: Live | undefined) {
  const waiting = (live?.grants ?? []).filter(({ state }) => state === 'requested').length;
  return [
    { hash: 'now', label: 'Now', ...(waiting > 0 ? { mark: counted(waiting, 'request') } : {}) },
    { hash: 'plant', label: 'Conduits' },
    { hash: 'history', label: 'History' },
    { hash: 'modes', label: 'Modes' },
    { hash: 'evidence', label: 'Evidence' },
    ...(may(me, 'seeAccounts') ? [{ hash: 'accounts', label: 'Accounts' }] : []),
    { hash: 'me', label: 'My account' },
  ];
}

function orNone(tag: 'p' | 'li', found: readonly HTMLElement[], sentence: string): readonly HTMLElement[] {
  return found.length > 0 ? found : [element(tag, { class: 'none' }, sentence)];
}
