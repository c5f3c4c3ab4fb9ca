import { Ready } from '../../ffi/epoll.ts';
import { closeDescriptor } from '../../ffi/libc.ts';
import { openPair, receiveInto, sendSome } from '../../ffi/stream-socket.ts';
import { createEventLoop, type EventLoop } from './event-loop.ts';

/**
 * An event loop that has just carried a byte. What Node's loop is asked through is not in its binding's
 * documentation, and the layout of what the kernel tells differs by architecture: both are tried, not believed.
 * @throws Error what is wrong with it, after at most {@link Patience}
 */
export async function openTriedLoop(): Promise<EventLoop> {
  const loop = createEventLoop();
  try {
    await tryLoop(loop);
    return loop;
  } catch (cause) {
    loop.close();
    throw cause;
  }
}

/** Carries a byte over this loop. @throws Error as {@link openTriedLoop} */
export async function tryLoop(loop: EventLoop): Promise<void> {
  const open: number[] = [];
  const pair = (): readonly [number, number] => {
    const both = openPair();
    open.push(...both);
    return both;
  };
  const told = Promise.withResolvers<void>();
  const never = { ready: () => told.reject(new Error('epoll tells of another descriptor than is ready')) };
  const slots: number[] = [];
  const patience = setTimeout(() => told.reject(new Error('epoll does not wake Node')), Patience);
  try {
    const [near, far] = pair();
    const other = pair();
    // On both sides of the one that is ready: a number read at the wrong place is another's, or 0.
    slots.push(loop.watch(other[0], Ready.In, never));
    slots.push(
      loop.watch(near, Ready.In, {
        ready: () => {
          const count = receiveInto(near, loop.received);
          if (count === 1 && loop.received[0] === Sample) told.resolve();
          else told.reject(new Error(`a byte sent comes as ${count} others`));
        },
      }),
    );
    slots.push(loop.watch(other[1], Ready.In, never));
    sendSome(far, Uint8Array.of(Sample), 1);
    await told.promise;
  } finally {
    clearTimeout(patience);
    for (const slot of slots) loop.forget(slot);
    for (const fd of open) closeDescriptor(fd);
  }
}

/** Milliseconds. */
const Patience = 1_000;
const Sample = 0xa5;
