/** What an element may hold. Text is always text: nothing on this page is ever parsed as markup. */
export type Content = Node | string | undefined;

type Attributes = Readonly<Record<string, string | undefined>>;

/** Makes an element. An attribute that is undefined is left out; `data-key` is what it is known by among its like. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, content);
}

/** Makes an element of a drawing. */
export function shape<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, content);
}

/** A button that says what it does with `data-act`; whoever holds the place listens. */
export function button(
  act: string,
  label: string,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLButtonElement {
  return element('button', { type: 'button', 'data-act': act, ...attributes }, label, ...content);
}

/** The element of the page with this id; the page is broken without it. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

/**
 * Puts new content in place by changing what differs and leaving the rest, so that a selection, the focus and a
 * reader's place survive a countdown that changes each second.
 */
export function show(place: Node, ...content: readonly Content[]): void {
  const wanted = content.filter((part) => part !== undefined).map(asNode);
  for (const [index, next] of wanted.entries()) {
    const here = place.childNodes[index];
    const known = next instanceof Element && keyOf(next) !== null;
    const found = known ? sameKey(place, next, index) : here;
    if (found === undefined) {
      // New: what stands here may be wanted further down.
      place.insertBefore(next, here ?? null);
      continue;
    }
    if (found !== here) place.insertBefore(found, here ?? null);
    become(found, next);
  }
  while (place.childNodes.length > wanted.length) place.lastChild?.remove();
}

/** Listens at a place for its buttons; the listener is told which act, and the button's data. */
export function onAct(place: HTMLElement, listener: (act: string, data: DOMStringMap) => void): void {
  place.addEventListener('click', ({ target }) => {
    const pressed = target instanceof Element ? target.closest<HTMLElement>('[data-act]') : null;
    if (pressed !== null && place.contains(pressed)) listener(pressed.dataset['act'] ?? '', pressed.dataset);
  });
}

function become(now: ChildNode, next: Node): void {
  if (now.isEqualNode(next)) return;
  if (now instanceof Text && next instanceof Text) {
    now.data = next.data;
  } else if (now instanceof Element && next instanceof Element && isSameKind(now, next)) {
    for (const name of now.getAttributeNames()) {
      // Whether a reader has opened it is theirs to say.
      if (!next.hasAttribute(name) && name !== 'open') now.removeAttribute(name);
    }
    for (const name of next.getAttributeNames()) {
      const value = next.getAttribute(name) ?? '';
      if (now.getAttribute(name) !== value) now.setAttribute(name, value);
    }
    show(now, ...next.childNodes);
  } else {
    now.replaceWith(next);
  }
}

function isSameKind(one: Element, other: Element): boolean {
  return one.tagName === other.tagName && keyOf(one) === keyOf(other);
}

function sameKey(place: Node, next: Element, from: number): ChildNode | undefined {
  const key = keyOf(next);
  return [...place.childNodes].slice(from).find((node) => node instanceof Element && keyOf(node) === key);
}

function keyOf(node: Element): string | null {
  return node.getAttribute('data-key');
}

function asNode(part: Node | string): Node {
  return typeof part === 'string' ? document.createTextNode(part) : part;
}

function filled<E extends Element>(made: E, attributes: Attributes, content: readonly Content[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...content.filter((part) => part !== undefined));
  return made;
}
