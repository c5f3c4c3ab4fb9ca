import type { MeBody } from '../../ipc/account-body.ts';
import type { ModeBody } from '../../ipc/mode-body.ts';
import type { Api } from './api.ts';
import { ask, choice, field, tell } from './dialog.ts';
import { button, type Content, element } from './element.ts';
import { passkeyOptions } from './fresh-factor.ts';
import { secondFactor } from './second-factor.ts';
import { counted, moment } from './words.ts';

/** The mode in force, what it cuts, and the others. */
export function modeSection(mode: ModeBody, maySwitch: boolean): readonly Content[] {
  const since =
    mode.since === 0 ? '' : ` since ${moment(mode.since)}${mode.by === '' ? '' : `, by ${mode.by}`}`;
  const why = mode.why === '' ? '' : `: ${mode.why}`;
  return [
    element('h2', {}, 'Mode'),
    element('p', {}, element('b', { class: 'mode' }, mode.name), `${since}${why}.`),
    mode.cut.length === 0
      ? element('p', { class: 'quiet' }, 'It cuts nothing.')
      : element(
          'ul',
          { class: 'rows' },
          ...mode.cut.map(({ conduit, flows }) =>
            element(
              'li',
              { 'data-key': conduit },
              element('b', {}, conduit),
              element('span', {}, `${counted(flows.length, 'flow')} cut`),
            ),
          ),
        ),
    maySwitch
      ? element(
          'p',
          { class: 'acts' },
          ...mode.modes
            .filter((name) => name !== mode.name || (name === 'normal' && mode.recovery !== undefined))
            .map((name) =>
              button('mode', name === 'normal' ? 'Back to normal…' : `Switch to ${name}…`, {
                class: name === 'normal' ? 'main' : 'danger',
                'data-mode': name,
                'data-key': name,
              }),
            ),
        )
      : undefined,
  ];
}

/** Asks for a switch: a reason, and a second factor. */
export function askToSwitch(api: Api, me: MeBody, mode: string): void {
  const label = mode === 'normal' ? 'Go back to normal' : `Switch to ${mode}`;
  const { content, acts, read } = secondFactor(me, label, passkeyOptions(api, me), 'danger');
  ask({
    title: `${label}?`,
    content: [
      element(
        'p',
        {},
        mode === 'normal'
          ? 'Conduits are opened again in the order that the mode states.'
          : 'What this mode does not keep is cut at once, open connections too. Essential flows go on.',
      ),
      field('why', 'Why (stands in the record)', { required: '', maxlength: '1000' }),
      mode === 'normal' ? choice('pace', 'From one step to the next', Paces) : undefined,
      ...content,
    ],
    acts,
    onAct: async (act, { code = '', why = '', pace: given = '0' }) => {
      const second = await read(act, code);
      if (!second.ok) return second.trouble;
      const pace = given === 'confirm' ? given : Number(given);
      const switched = await api.call('switch-mode', { mode, why, pace, second: second.body });
      if (!switched.ok) return switched.trouble;
      const { troubles } = switched.body;
      if (troubles.length > 0) {
        tell(
          'Switched, but not all of it',
          element('ul', {}, ...troubles.map((one) => element('li', {}, one))),
        );
      }
      return undefined;
    },
  });
}

/** How fast conduits are opened again, milliseconds. */
const Paces = [
  { value: '0', label: 'all at once' },
  { value: '60000', label: 'a minute apart' },
  { value: '300000', label: 'five minutes apart' },
  { value: 'confirm', label: 'each by somebody’s word' },
] as const;
