/** A certificate with its chain and its key, in PEM form. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** The certificate that the box's own authority gives the page, as the engine tells it, and again at each renewal. */
export interface PageIdentity {
  /** Resolves when there is one. */
  readonly first: Promise<Identity>;
  readonly take: (identity: Identity) => void;
  /** Told of every one after the first. */
  readonly onRenewed: (listener: (identity: Identity) => void) => void;
}

export function openPageIdentity(): PageIdentity {
  const { promise, resolve } = Promise.withResolvers<Identity>();
  const listeners: ((identity: Identity) => void)[] = [];
  let held: Identity | undefined;
  return {
    first: promise,
    take: (identity) => {
      if (held?.cert === identity.cert && held.key === identity.key) return;
      const renewed = held !== undefined;
      held = identity;
      resolve(identity);
      if (renewed) for (const listener of listeners) listener(identity);
    },
    onRenewed: (listener) => listeners.push(listener),
  };
}
