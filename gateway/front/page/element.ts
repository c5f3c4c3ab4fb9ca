/** What an element may hold. Text is always text: nothing on this page is ever parsed as markup. */
export type Content = Node | string | undefined;

/** Makes an element. An attribute that is undefined is left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...content.filter((part) => part !== undefined));
  return made;
}

/** The element of the page with this id; the page is broken without it. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

/** Puts new content in place where it differs, so that a selection or a reader's place survives. */
export function show(place: Node, ...content: readonly Node[]): void {
  for (const [index, next] of content.entries()) {
    const now = place.childNodes[index];
    if (now === undefined) place.appendChild(next);
    else if (!now.isEqualNode(next)) place.replaceChild(next, now);
  }
  while (place.childNodes.length > content.length) place.lastChild?.remove();
}
