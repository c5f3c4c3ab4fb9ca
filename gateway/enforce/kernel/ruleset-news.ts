import { closeDescriptor, receive, SystemCallError } from '../../ffi/libc.ts';
import { openRulesetNews } from '../../ffi/netlink.ts';
import { type Readable, whenReadable } from '../../ffi/readable.ts';

/** News that stop. */
export interface News {
  readonly close: () => void;
}

/**
 * Calls `tell` soon after any transaction of anybody on the kernel's rulesets, also one of ours; many in a row may be
 * told once. What they were is not read: whoever hears of one looks at the table.
 *
 * A kernel that has a listener writes a message for each rule that goes before it takes the hooks away, which makes it
 * less likely still that a packet on its way finds its mark set and the forward chain gone.
 * @throws SystemCallError
 * @throws Error where this process cannot wait for it
 */
export function hearOfRulesets(tell: () => void): News {
  const fd = openRulesetNews();
  const news = awaitNews(fd, tell);
  return {
    close: () => {
      news.close();
      closeDescriptor(fd);
    },
  };
}

function awaitNews(fd: number, tell: () => void): Readable {
  try {
    return whenReadable(fd, () => {
      drain(fd);
      tell();
    });
  } catch (cause) {
    closeDescriptor(fd);
    throw cause;
  }
}

/** Throws away what is there. A buffer that ran over (ENOBUFS) lost only what is not read anyway. */
function drain(fd: number): void {
  try {
    for (let datagrams = 0; datagrams < MostAtOnce; datagrams += 1) receive(fd, scrap);
  } catch (error) {
    if (!(error instanceof SystemCallError) || !Harmless.has(error.errno)) throw error;
  }
}

/** What does not fit is cut off. */
const scrap = new Uint8Array(64);
const MostAtOnce = 256;
const Harmless: ReadonlySet<string> = new Set(['EAGAIN', 'ENOBUFS', 'EINTR']);
