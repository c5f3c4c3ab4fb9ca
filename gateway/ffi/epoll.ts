import koffi from 'koffi';
import { SystemCallError } from './libc.ts';

type Create = (flags: number) => number;
type Control = (epoll: number, operation: number, fd: number, event: Uint8Array) => number;
type Wait = (epoll: number, events: Uint32Array, most: number, timeout: number) => number;

const libc = koffi.load(null);
const epollCreate: Create = libc.func('int epoll_create1(int)');
const epollControl: Control = libc.func('int epoll_ctl(int, int, int, const uint8_t *)');
const epollWait: Wait = libc.func('int epoll_wait(int, uint32_t *, int, int)');

/** What a descriptor is ready for, or watched for (`epoll_ctl(2)`). Error and hang-up are told unasked; with `Once`, nothing after the first. */
export const Ready = { In: 0x1, Out: 0x4, Error: 0x8, HangUp: 0x10, Once: 0x40000000 } as const;

/**
 * `struct epoll_event` in words of 32 bits: on x86-64 it is packed to 12 bytes, so that the number we are given
 * back follows its event; everywhere else 64-bit alignment puts four bytes between them (linux/eventpoll.h).
 */
export function eventLayout(architecture: string): { readonly words: number; readonly dataWord: number } {
  return architecture === 'x64' ? { words: 3, dataWord: 1 } : { words: 4, dataWord: 2 };
}

/** As it is here. */
export const EventLayout = eventLayout(process.arch);

/** A new epoll descriptor, closed in children. @throws SystemCallError */
export function openEpoll(): number {
  const fd = epollCreate(EPOLL_CLOEXEC);
  if (fd < 0) throw new SystemCallError('epoll_create1', koffi.errno());
  return fd;
}

/** Watches `fd` for `events`; `slot`, 32 bits, comes back with each. @throws SystemCallError */
export function watchDescriptor(epoll: number, fd: number, events: number, slot: number): void {
  control(epoll, EPOLL_CTL_ADD, fd, events, slot);
}

/** @throws SystemCallError */
export function changeWatch(epoll: number, fd: number, events: number, slot: number): void {
  control(epoll, EPOLL_CTL_MOD, fd, events, slot);
}

/** @throws SystemCallError */
export function unwatchDescriptor(epoll: number, fd: number): void {
  control(epoll, EPOLL_CTL_DEL, fd, 0, 0);
}

/**
 * Fills `events`, laid out as {@link EventLayout}, with what is ready now, without waiting, and gives how many; 0
 * as well when a signal came. @throws SystemCallError
 */
export function takeReady(epoll: number, events: Uint32Array, most: number): number {
  const count = epollWait(epoll, events, most, 0);
  if (count >= 0) return count;
  if (koffi.errno() === koffi.os.errno['EINTR']) return 0;
  throw new SystemCallError('epoll_wait', koffi.errno());
}

function control(epoll: number, operation: number, fd: number, events: number, slot: number): void {
  Event.fill(0);
  EventWords[0] = events;
  EventWords[EventLayout.dataWord] = slot;
  if (epollControl(epoll, operation, fd, Event) < 0) throw new SystemCallError('epoll_ctl', koffi.errno());
}

/** Used for one call at a time, which copies it. */
const EventWords = new Uint32Array(4);
const Event = new Uint8Array(EventWords.buffer);

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
