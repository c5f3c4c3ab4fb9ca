import type { MeBody, WelcomeBody } from '../../ipc/account-body.ts';
import { openApi, type SignedIn } from './api.ts';
import { byId, element, show } from './element.ts';
import { type Live, openLive } from './live.ts';
import { operatorView } from './operator.ts';
import { showEnrolment } from './people/enrol.ts';
import { showLocked } from './people/locked.ts';
import { showSignIn } from './people/sign-in.ts';
import { watchPresence } from './presence.ts';
import { readReasons } from './reasons.ts';
import { vendorView } from './vendor/vendor.ts';
import type { View } from './view.ts';

/*
 * What is shown follows from who is signed in: nobody, somebody who has to enrol or to unlock, a vendor, or somebody of
 * the plant. The page keeps no secret; what it knows is gone when the sign-in ends.
 */

const place = byId('app');
const api = openApi(({ code }) =>
  code === 'PST_SCREEN_LOCKED' ? void enter() : leave('The sign-in has ended.'),
);
let stop: () => void = () => undefined;

addEventListener('hashchange', () => {
  // Between the form to sign in and the one for an invitation.
  if (place.querySelector('main.door form') !== null && location.hash !== '#main') void enter();
});

await enter();

/** Looks who is signed in, and shows what they may see. */
async function enter(why = ''): Promise<void> {
  end();
  const who = await api.whoAmI();
  if (who.ok) return begin(who.body);
  if (who.trouble.status !== 401) return waitFor(who.trouble.sentence);
  const welcome = await api.call('welcome', {});
  if (!welcome.ok) return waitFor(welcome.trouble.sentence);
  door(welcome.body, why);
}

function door(welcome: WelcomeBody, why: string): void {
  document.documentElement.dataset['grade'] = 'waiting';
  document.title = `Sign in – Penstock ${welcome.site}`;
  showSignIn(place, api, welcome, why, () => {
    history.replaceState(undefined, '', '#');
    void enter();
  });
}

function begin({ me }: SignedIn): void {
  if (me.locked) {
    const again = (): void => void enter();
    document.title = 'Locked – Penstock';
    return showLocked(place, api, me, again, again);
  }
  if (me.mustEnrol) {
    document.title = 'Welcome – Penstock';
    return showEnrolment(place, api, me, () => void enter());
  }
  void watch(me);
}

/** The live page of somebody who is in. */
async function watch(me: MeBody): Promise<void> {
  const reasons = await readReasons(api);
  const staff = me.account.roles.some((role) => role !== 'vendor');
  show(place);
  const view: View = (staff ? operatorView : vendorView)({
    place,
    api,
    reasons,
    me,
    onLeave: () => void enter(),
  });
  const presence = watchPresence(api);
  const news = (live: Live, topic: string): void => {
    // A stream that was refused: is it the sign-in, or only that there are too many pages?
    if (topic === 'refused') void api.whoAmI().then((who) => (who.ok ? undefined : enter()));
    if (topic === 'me' && (live.me?.locked === true || live.me?.mustEnrol === true)) return void enter();
    presence.look(live);
    view.update(live, topic);
  };
  const live = openLive(news, () => leave('The sign-in has ended.'));
  // On its own clock, so that countdowns run and old news cannot look fresh.
  const timer = setInterval(() => {
    presence.look(live.now());
    view.update(live.now(), 'time');
  }, 1_000);
  stop = () => {
    clearInterval(timer);
    presence.close();
    live.close();
    view.close();
  };
  view.update(live.now(), 'time');
}

function leave(why: string): void {
  void enter(why);
}

function end(): void {
  stop();
  stop = () => undefined;
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
}

/** Nothing answers: says so, and tries again. */
function waitFor(sentence: string): void {
  document.documentElement.dataset['grade'] = 'bad';
  show(
    place,
    element(
      'main',
      { id: 'main', class: 'door', tabindex: '-1' },
      element('h1', {}, 'No answer'),
      element('p', { role: 'alert' }, `${sentence} What is enforced stays enforced.`),
    ),
  );
  const timer = setTimeout(() => void enter(), 2_000);
  stop = () => clearTimeout(timer);
}
