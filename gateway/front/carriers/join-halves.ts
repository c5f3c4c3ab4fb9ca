import type { Duplex } from 'node:stream';

/** Milliseconds that one direction may go on in silence after the other has ended. */
export const LoneHalfTime = 60_000;

/**
 * Carries bytes both ways, unchanged. A side that stops reading stops the other; a side that has said its last is
 * told to the other, which may go on. `onEnd` comes once: when both are closed, when one broke, or when one half
 * has been left alone for too long.
 */
export function joinHalves(one: Duplex, other: Duplex, onEnd: () => void): void {
  let lone: NodeJS.Timeout | undefined;
  let closed = 0;
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    clearTimeout(lone);
    onEnd();
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.once('close', () => {
      closed += 1;
      const inOrder = from.readableEnded && from.writableFinished;
      // The other one still has the last bytes to hand on.
      if (!inOrder || closed === 2) end();
    });
    from.once('end', () => {
      lone ??= setTimeout(end, LoneHalfTime);
      to.on('data', () => lone?.refresh());
    });
    from.pipe(to);
  }
}
