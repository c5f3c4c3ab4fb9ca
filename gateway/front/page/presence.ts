import type { Api } from './api.ts';
import { button, byId, element, onAct } from './element.ts';
import type { Live } from './live.ts';
import { duration } from './words.ts';

/** Tells the engine that somebody is there, when somebody is; and warns before a sign-in ends for want of that. */
export interface Presence {
  readonly look: (live: Live) => void;
  readonly close: () => void;
}

/** A page that only shows keeps no sign-in alive (62443-3-3 SR 2.5, SR 2.6): a key or the pointer does. */
export function watchPresence(api: Api): Presence {
  let told = Date.now();
  let bar: HTMLElement | undefined;
  const stay = (): void => {
    told = Date.now();
    void api.call('me', {});
  };
  const seen = (): void => {
    if (Date.now() - told > Pause) stay();
  };
  for (const event of Signs) addEventListener(event, seen, { passive: true });

  function look({ me, ahead }: Live): void {
    if (me === undefined) return;
    const left = Math.min(me.idleEndsAt, me.endsAt) - Date.now() - ahead;
    if (left > Warning) {
      bar?.remove();
      bar = undefined;
      return;
    }
    const idle = me.idleEndsAt < me.endsAt;
    if (bar === undefined) {
      bar = element(
        'div',
        { class: 'bar', role: 'alert' },
        element('span', {}),
        idle ? button('stay', 'Stay', { class: 'main' }) : undefined,
      );
      onAct(bar, stay);
      byId('app').before(bar);
    }
    const text = `You are signed out in ${duration(Math.max(0, left))}.`;
    // Said once to a screen reader, counted for the eyes.
    if (bar.firstElementChild !== null) bar.firstElementChild.textContent = text;
    bar.setAttribute('role', 'group');
  }

  return {
    look,
    close: () => {
      for (const event of Signs) removeEventListener(event, seen);
      bar?.remove();
    },
  };
}

const Signs = ['pointerdown', 'keydown'] as const;

/** Milliseconds between two signs of life. */
const Pause = 60_000;

/** Milliseconds before the end. */
const Warning = 90_000;
