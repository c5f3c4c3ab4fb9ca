import type { Place } from '../finding.ts';

interface Parts {
  readonly at: Place;
  readonly entries: Map<string | number, { readonly keyAt: Place; readonly valueAt: Place }>;
}

/** Where the parts of plain mappings and lists stand in the file, kept beside the values themselves. */
export class Places {
  readonly #parts = new WeakMap<object, Parts>();

  /** Makes a container known. */
  open(container: object, at: Place): void {
    this.#parts.set(container, { at, entries: new Map() });
  }

  add(container: object, key: string | number, keyAt: Place, valueAt: Place): void {
    this.#partsOf(container).entries.set(key, { keyAt, valueAt });
  }

  /** Where a mapping or list begins. */
  of(container: object): Place {
    return this.#partsOf(container).at;
  }

  /** Where a key stands, or the container when the key is not there. */
  key(container: object, key: string | number): Place {
    const parts = this.#partsOf(container);
    return parts.entries.get(key)?.keyAt ?? parts.at;
  }

  /** Where the value of a key stands, or the container when the key is not there. */
  value(container: object, key: string | number): Place {
    const parts = this.#partsOf(container);
    return parts.entries.get(key)?.valueAt ?? parts.at;
  }

  #partsOf(container: object): Parts {
    const parts = this.#parts.get(container);
    if (parts === undefined) throw new Error('assertion failed: a container the reader did not make');
    return parts;
  }
}
