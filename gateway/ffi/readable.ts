import koffi from 'koffi';

/** A descriptor that Node waits for. */
export interface Readable {
  /** Waits no longer; the descriptor stays open. */
  readonly close: () => void;
}

/**
 * Calls `tell` from Node's event loop whenever there is something to read, until closed. What `tell` throws ends the
 * process as any exception does that nobody catches, and nothing is told after it.
 * @throws Error where this cannot be had
 */
export function whenReadable(fd: number, tell: () => void): Readable {
  let isOpen = true;
  const handle = koffi.node.poll(fd, { readable: true }, () => {
    if (!isOpen) return;
    try {
      tell();
    } catch (cause) {
      close();
      // Thrown in here it would be lost: the call comes from outside of JavaScript, and nobody asks how it went.
      process.nextTick(() => {
        throw cause;
      });
    }
  });
  // One that nobody holds is collected, and then nothing is told any more.
  held.add(handle);

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    held.delete(handle);
    handle.close();
  }

  return { close };
}

const held = new Set<object>();
