import type { MeBody } from '../../../ipc/account-body.ts';
import type { CredentialsBody, GrantBody, OfferBody } from '../../../ipc/grant-body.ts';
import { announcer } from '../announcer.ts';
import { byId, element, onAct, show } from '../element.ts';
import { copyText } from '../evidence.ts';
import { timeLeft } from '../grants/grant-words.ts';
import { fetchReceipt, historyRows } from '../grants/history.ts';
import { heading, navigation } from '../heading.ts';
import type { Live } from '../live.ts';
import { actOnMe, meSection } from '../people/me.ts';
import type { View, ViewOptions } from '../view.ts';
import { countdown, duration } from '../words.ts';
import { askForSession, offerCards } from './offer.ts';
import { askForCredentials, askForMore, askToLeave, sessionCard } from './session.ts';

/** The page of a vendor's service engineer: what they may ask for, what they asked for, and how to connect. */
export function vendorView({ place, api, reasons, me: first, onLeave }: ViewOptions): View {
  const announce = announcer();
  const credentials = new Map<string, CredentialsBody>();
  let offer: OfferBody | undefined;
  let last: Live | undefined;
  const root = element('div', { class: 'vendor' });
  place.append(root);
  onAct(root, (act, data) => onPressed(act, data));
  const onHash = (): void => {
    if (last !== undefined) update(last, 'time');
    if (location.hash !== '') byId('main').focus();
  };
  addEventListener('hashchange', onHash);
  void readOffer();
  // What may be asked for changes with the time of day.
  const timer = setInterval(() => void readOffer(), OfferInterval);

  async function readOffer(): Promise<void> {
    const called = await api.call('offer', {});
    if (called.ok) offer = called.body;
    if (last !== undefined) update(last, 'time');
  }

  function update(live: Live, topic: string): void {
    last = live;
    const me = live.me ?? first;
    if (topic === 'grants') announce.grants(live.grants ?? []);
    const lost = live.trouble !== '' || Date.now() - live.heardAt > StaleAfter;
    const { grade, headline } = lost
      ? { grade: 'bad', headline: `No news for ${duration(Date.now() - live.heardAt)}` }
      : stateOf(live);
    document.documentElement.dataset['grade'] = grade;
    document.title = `${headline} – Penstock`;
    announce.state(lost ? 'No news from the gateway.' : headline.replace(/: [\d:]+ left$/, ''));
    const part = location.hash === '#me' || location.hash === '#history' ? location.hash.slice(1) : 'now';
    show(
      root,
      heading(me, { place: me.account.vendor, headline, subline: lost ? live.trouble : '' }),
      navigation(
        [
          { hash: 'now', label: 'Sessions' },
          { hash: 'history', label: 'History' },
          { hash: 'me', label: 'My account' },
        ],
        part,
      ),
      element(
        'main',
        { id: 'main', tabindex: '-1', 'data-part': part, class: lost ? 'stale' : '' },
        ...sections(part, live, me),
      ),
    );
  }

  function sections(part: string, live: Live, me: MeBody): readonly HTMLElement[] {
    if (part === 'me') return [element('section', { 'data-key': 'me' }, ...meSection(me))];
    if (part === 'history') {
      const rows = historyRows(live, reasons);
      const none = element('li', { class: 'none' }, 'None yet.');
      return [
        element(
          'section',
          { 'data-key': 'history' },
          element('h2', {}, 'Sessions that are over'),
          element('ul', { class: 'rows' }, ...(rows.length > 0 ? rows : [none])),
        ),
      ];
    }
    const mine = (live.grants ?? []).map((grant) => sessionCard(grant, live, credentials.get(grant.id)));
    return [
      ...(mine.length === 0
        ? []
        : [
            element('section', { id: 'mine', 'data-key': 'mine' }, element('h2', {}, 'My sessions'), ...mine),
          ]),
      element(
        'section',
        { id: 'offer', 'data-key': 'offer' },
        element('h2', {}, 'What you may ask for'),
        ...(offer === undefined ? [] : offerCards(offer)),
      ),
    ];
  }

  function onPressed(act: string, data: DOMStringMap): void {
    if (last === undefined) return;
    const grant = [...(last.grants ?? []), ...(last.closed ?? [])].find(({ id }) => id === data['grant']);
    const offered = offer?.find(({ vendor }) => vendor === data['vendor']);
    if (act === 'lock' || act === 'sign-out') return void api.call(act, {}).then(onLeave);
    if (act === 'request' && offered !== undefined) return askForSession(api, offered);
    if (act === 'copy') return void copyText(data['text'] ?? '');
    if (grant !== undefined) return onGrant(act, grant);
    actOnMe(api, last.me ?? first, act, data);
  }

  function onGrant(act: string, grant: GrantBody): void {
    if (act === 'leave') askToLeave(api, grant);
    if (act === 'more') askForMore(api, grant);
    if (act === 'receipt') void fetchReceipt(api, grant.id);
    if (act === 'credentials') {
      askForCredentials(api, grant, (told) => {
        credentials.set(grant.id, told);
        if (last !== undefined) update(last, 'time');
      });
    }
  }

  return {
    update,
    close: () => {
      clearInterval(timer);
      removeEventListener('hashchange', onHash);
    },
  };
}

/** How it stands with them, in one line. */
function stateOf(live: Live): { readonly grade: string; readonly headline: string } {
  const grants = live.grants ?? [];
  const open = grants.find(({ state }) => state === 'open');
  if (open !== undefined) {
    return {
      grade: open.warning === '' ? 'good' : 'look',
      headline: `You are let in: ${countdown(timeLeft(open, live))} left`,
    };
  }
  if (grants.some(({ state }) => state === 'approved'))
    return { grade: 'look', headline: 'Approved, not open yet' };
  if (grants.some(({ state }) => state === 'requested'))
    return { grade: 'look', headline: 'Your request waits' };
  return { grade: 'waiting', headline: 'Nothing is open for you' };
}

/** Milliseconds. */
const OfferInterval = 60_000;
const StaleAfter = 5_000;
