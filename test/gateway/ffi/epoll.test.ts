import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  changeWatch,
  EventLayout,
  eventLayout,
  openEpoll,
  Ready,
  takeReady,
  unwatchDescriptor,
  watchDescriptor,
} from '../../../gateway/ffi/epoll.ts';
import { closeDescriptor } from '../../../gateway/ffi/libc.ts';
import { openPair, receiveInto, sendSome } from '../../../gateway/ffi/stream-socket.ts';

let epoll: number;
let pairs: (readonly [number, number])[];
beforeEach(() => {
  epoll = openEpoll();
  pairs = Array.from({ length: 3 }, openPair);
});
afterEach(() => {
  for (const fd of [epoll, ...pairs.flat()]) closeDescriptor(fd);
});

/** What is ready, by slot. The memory behind the events has to stay as it was. */
function ready(most = 8): Readonly<Record<number, number>> {
  const events = new Uint32Array(EventLayout.words * (most + 1)).fill(0x5eedf00d);
  const count = takeReady(epoll, events, most);
  expect([...events.subarray(EventLayout.words * most)]).toEqual(Array(EventLayout.words).fill(0x5eedf00d));
  const told = Array.from({ length: count }, (_, index) => index * EventLayout.words);
  return Object.fromEntries(told.map((at) => [events[at + EventLayout.dataWord], events[at]]));
}

const near = (index: number): number => pairs[index]?.[0] ?? -1;
const say = (index: number): void => {
  sendSome(pairs[index]?.[1] ?? -1, Uint8Array.of(7), 1);
};

describe('what the kernel tells of several descriptors', () => {
  test('comes with the slot each was given, of all 32 bits, and says nothing of the silent one', () => {
    const slots = [1, 0x7fff_ffff, 0xffff_fffe];
    for (const [index, slot] of slots.entries()) watchDescriptor(epoll, near(index), Ready.In, slot);
    expect(ready()).toEqual({});
    say(0);
    say(2);
    expect(ready()).toEqual({ 1: Ready.In, [0xffff_fffe]: Ready.In });
    say(1);
    expect(Object.keys(ready())).toHaveLength(3);
  });

  test('is never more than was asked for', () => {
    for (const index of [0, 1, 2]) {
      watchDescriptor(epoll, near(index), Ready.In, index);
      say(index);
    }
    expect(Object.keys(ready(2))).toHaveLength(2);
    expect(Object.keys(ready(1))).toHaveLength(1);
  });

  test('is told until it is taken', () => {
    watchDescriptor(epoll, near(0), Ready.In, 5);
    say(0);
    expect([ready(), ready()]).toEqual([{ 5: Ready.In }, { 5: Ready.In }]);
    expect(receiveInto(near(0), new Uint8Array(4))).toBe(1);
    expect(ready()).toEqual({});
  });
});

describe('a watch', () => {
  test('that is changed tells of what it is for now, under its new slot', () => {
    watchDescriptor(epoll, near(0), Ready.In, 1);
    changeWatch(epoll, near(0), Ready.Out, 2);
    expect(ready()).toEqual({ 2: Ready.Out });
    changeWatch(epoll, near(0), 0, 3);
    say(0);
    expect(ready()).toEqual({});
  });

  test('for one time tells once, and again when it is renewed', () => {
    watchDescriptor(epoll, near(0), Ready.In | Ready.Once, 1);
    say(0);
    expect([ready(), ready()]).toEqual([{ 1: Ready.In }, {}]);
    changeWatch(epoll, near(0), Ready.In | Ready.Once, 1);
    expect(ready()).toEqual({ 1: Ready.In });
  });

  test('tells unasked when the other side is gone', () => {
    watchDescriptor(epoll, near(0), 0, 9);
    closeDescriptor(pairs[0]?.[1] ?? -1);
    pairs[0] = [near(0), -1];
    expect(ready()[9]).toBe(Ready.HangUp);
  });

  test('that has ended tells nothing, and cannot end twice', () => {
    watchDescriptor(epoll, near(0), Ready.In, 1);
    unwatchDescriptor(epoll, near(0));
    say(0);
    expect(ready()).toEqual({});
    expect(() => unwatchDescriptor(epoll, near(0))).toThrow('epoll_ctl: ENOENT');
  });

  test('of the same descriptor twice is refused', () => {
    watchDescriptor(epoll, near(0), Ready.In, 1);
    expect(() => watchDescriptor(epoll, near(0), Ready.In, 2)).toThrow('epoll_ctl: EEXIST');
  });
});

// linux/eventpoll.h: packed on x86-64, where it is 12 bytes; elsewhere 64-bit numbers are aligned to 8.
test.for([
  ['x64', 12, 4],
  ['arm64', 16, 8],
  ['riscv64', 16, 8],
] as const)('struct epoll_event on %s takes %i bytes, our number at byte %i', ([architecture, size, at]) => {
  const { words, dataWord } = eventLayout(architecture);
  expect({ size: 4 * words, at: 4 * dataWord }).toEqual({ size, at });
});
