import type { Trouble } from './api.ts';
import { type Content, element } from './element.ts';

/** What the person gave: the fields of the form by name. */
export type Given = Readonly<Record<string, string>>;

export interface Question {
  readonly title: string;
  readonly content: readonly Content[];
  /** One button or several, the first of them pressed by Enter; `danger` for what cuts or opens something. */
  readonly acts: readonly {
    readonly act: string;
    readonly label: string;
    readonly tone?: 'danger' | 'plain';
  }[];
  /** Does it; what goes wrong is told in the dialog, which stays. Undefined closes it. */
  readonly onAct: (act: string, given: Given) => Promise<Trouble | undefined>;
  readonly cancel?: string;
}

/** Asks in a dialog of the browser's own, which keeps the focus within and gives it back. */
export function ask({ title, content, acts, onAct, cancel = 'Cancel' }: Question): HTMLDialogElement {
  const heading = newId('dialog');
  const wrong = element('p', { class: 'wrong', role: 'alert' });
  const back = element('button', { type: 'button', class: 'plain' }, cancel);
  const buttons = acts.map(({ act, label, tone }) =>
    element('button', { type: 'submit', value: act, class: tone ?? 'main' }, label),
  );
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', { id: heading }, title),
    ...content,
    wrong,
    element('p', { class: 'acts' }, ...buttons, back),
  );
  const dialog = element('dialog', { 'aria-labelledby': heading }, form);
  let busy = false;
  back.addEventListener('click', () => dialog.close());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (busy) return;
    const act = event.submitter instanceof HTMLButtonElement ? event.submitter.value : (acts[0]?.act ?? '');
    busy = true;
    for (const one of buttons) one.setAttribute('aria-disabled', 'true');
    void onAct(act, givenIn(form)).then((trouble) => {
      busy = false;
      for (const one of buttons) one.removeAttribute('aria-disabled');
      if (trouble === undefined) return dialog.close();
      wrong.textContent = `${trouble.sentence} ${trouble.remedy}`.trim();
    });
  });
  // Enter in the field of a code means the code, whatever button comes first.
  form.addEventListener('keydown', (event) => {
    const { target, key } = event;
    const byCode = buttons.find(({ value }) => value === 'code');
    if (key !== 'Enter' || !(target instanceof HTMLInputElement) || target.name !== 'code') return;
    event.preventDefault();
    form.requestSubmit(byCode);
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Tells something in a dialog that is only closed. */
export function tell(title: string, ...content: readonly Content[]): void {
  ask({ title, content, acts: [], onAct: async () => undefined, cancel: 'Close' });
}

/** A field with its label, a hint below it, and what kind of input it is. */
export function field(
  name: string,
  label: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  hint = '',
): HTMLElement {
  const id = newId('field');
  const hinted = hint === '' ? undefined : `${id}-hint`;
  const shared = { id, name, 'aria-describedby': hinted, ...attributes };
  return element(
    'p',
    { class: 'field' },
    element('label', { for: id }, label),
    attributes['rows'] === undefined ? element('input', shared) : element('textarea', shared),
    hinted === undefined ? undefined : element('small', { id: hinted }, hint),
  );
}

/** A choice of one among few. */
export function choice(
  name: string,
  label: string,
  options: readonly { readonly value: string; readonly label: string }[],
): HTMLElement {
  const id = newId('field');
  return element(
    'p',
    { class: 'field' },
    element('label', { for: id }, label),
    element(
      'select',
      { id, name },
      ...options.map((option) => element('option', { value: option.value }, option.label)),
    ),
  );
}

/** Boxes to tick, any number of them; their values are given joined by commas. */
export function ticks(
  name: string,
  legend: string,
  options: readonly { readonly value: string; readonly label: string; readonly ticked?: boolean }[],
): HTMLElement {
  return element(
    'fieldset',
    {},
    element('legend', {}, legend),
    ...options.map(({ value, label, ticked }) =>
      element(
        'label',
        { class: 'tick' },
        element('input', { type: 'checkbox', name, value, checked: ticked === true ? '' : undefined }),
        element('span', {}, label),
      ),
    ),
  );
}

/** The fields of a form by name. */
export function givenIn(form: HTMLFormElement): Given {
  const given: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== 'string') continue;
    given[name] = given[name] === undefined ? value : `${given[name]},${value}`;
  }
  return given;
}

function newId(kind: string): string {
  count += 1;
  return `${kind}-${count}`;
}

let count = 0;
