import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ready } from '../../../../gateway/ffi/epoll.ts';
import { closeDescriptor } from '../../../../gateway/ffi/libc.ts';
import { openPair, receiveInto, sendSome } from '../../../../gateway/ffi/stream-socket.ts';
import { createEventLoop, type EventLoop } from '../../../../gateway/inspector/descriptors/event-loop.ts';
import { openTriedLoop, tryLoop } from '../../../../gateway/inspector/descriptors/trial.ts';
import { until } from '../loopback.ts';

let loop: EventLoop;
const open: number[] = [];
beforeEach(() => {
  loop = createEventLoop();
});
afterEach(() => {
  loop.close();
  for (const fd of open.splice(0)) closeDescriptor(fd);
});

/** A descriptor that has something to read, and watches for it. */
function watched(ready: (fd: number) => void): { fd: number; slot: number; say: (count?: number) => void } {
  const [fd, far] = openPair();
  open.push(fd, far);
  const slot = loop.watch(fd, Ready.In, { ready: () => ready(fd) });
  return { fd, slot, say: (count = 1) => void sendSome(far, new Uint8Array(count), count) };
}

const take = (fd: number): void => {
  const count = receiveInto(fd, loop.received);
  if (count > 0) loop.view(count);
};

describe('an event loop', () => {
  test('does not tell of what was forgotten in the same breath, whoever has its place next', async () => {
    const heard: string[] = [];
    const later: number[] = [];
    const act = (name: string, other: () => { slot: number }) => (fd: number) => {
      heard.push(name);
      take(fd);
      loop.forget(other().slot);
      // Somebody new, whose slot must not be the one that is still to be told of.
      later.push(watched(() => heard.push('new')).slot);
    };
    const one = watched(act('one', () => other));
    const other = watched(act('other', () => one));
    one.say();
    other.say();
    await until(() => heard.length > 0);
    await new Promise(setImmediate);
    expect(heard).toHaveLength(1);
    expect([one.slot, other.slot]).not.toContain(later[0]);
  });

  test('uses a slot again once nothing can name it', async () => {
    const first = watched(take);
    loop.forget(first.slot);
    closeDescriptor(open.shift() ?? -1);
    let told = 0;
    const second = watched((fd) => {
      take(fd);
      told += 1;
    });
    second.say();
    await until(() => told === 1);
    expect(watched(take).slot).toBe(first.slot);
  });

  test('hears more descriptors than it takes at once', async () => {
    const heard = new Set<number>();
    const many = Array.from({ length: 300 }, (_, number) =>
      watched((fd) => {
        take(fd);
        heard.add(number);
      }),
    );
    for (const { say } of many) say();
    await until(() => heard.size === many.length);
  });

  test('sends what is asked in one breath when all have been heard, as on the wire so in order', async () => {
    const order: string[] = [];
    const asking = (name: string) => {
      const sender = { send: () => void order.push(`${name} sends`), sent: () => undefined };
      return watched((fd) => {
        order.push(`${name} is heard`);
        take(fd);
        loop.outgoing.add(sender, Uint8Array.of(1), 1);
        loop.outgoing.flush(sender);
      });
    };
    const both = [asking('one'), asking('other')];
    for (const { say } of both) say();
    await until(() => order.length === 4);
    expect(order).toEqual(['one is heard', 'other is heard', 'one sends', 'other sends']);
  });

  test('forgets nobody the kernel tells of but once, when it ends its turn before it comes to them', async () => {
    const heard: string[] = [];
    const large = watched((fd) => {
      take(fd);
      heard.push('large');
    });
    const [fd, far] = openPair();
    open.push(fd, far);
    loop.watch(fd, Ready.In | Ready.Once, { ready: () => heard.push('once') });
    // As much as is taken in one turn, and nothing else happens afterwards.
    large.say(64 * 1024);
    sendSome(far, Uint8Array.of(1), 1);
    await until(() => heard.includes('once'));
    expect(heard).toEqual(['large', 'once']);
  });

  test('lets Node have its turn between large chunks, and nobody waits for ever behind others', async () => {
    const order: string[] = [];
    const busy = Array.from({ length: 6 }, (_, number) =>
      watched((fd) => {
        order.push(`busy ${number}`);
        take(fd);
      }),
    );
    for (const { say } of busy) say(150_000);
    let isOver = false;
    const turn = (): void => {
      order.push('node');
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await until(() => order.filter((one) => one.startsWith('busy')).length >= 12);
    isOver = true;
    expect(order.indexOf('node')).toBeLessThan(order.lastIndexOf(order.findLast((one) => one !== 'node')!));
    for (const number of busy.keys()) expect(order.slice(0, 20)).toContain(`busy ${number}`);
  });
});

describe('the trial of an event loop', () => {
  test('succeeds here', async () => {
    (await openTriedLoop()).close();
  });

  test('fails where Node is never woken', async () => {
    const deaf: EventLoop = { ...loop, watch: () => 0, forget: () => undefined };
    await expect(tryLoop(deaf)).rejects.toThrow('epoll does not wake Node');
  });

  test('fails where the numbers of others come back, as a wrong layout would have it', async () => {
    const watchers: (() => void)[] = [];
    const mixed: EventLoop = {
      ...loop,
      watch: (fd, events, watcher) => {
        watchers.push(() => watcher.ready(Ready.In));
        const index = watchers.length - 1;
        return loop.watch(fd, events, { ready: () => watchers[(index + 1) % 2]?.() });
      },
    };
    await expect(tryLoop(mixed)).rejects.toThrow('tells of another descriptor');
  });
});
