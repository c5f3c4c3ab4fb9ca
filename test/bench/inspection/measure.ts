import { getHeapStatistics } from 'node:v8';
import { median } from '../machine.ts';
import { MostAsked, type Subject } from './subject.ts';

export const Halves = ['request', 'response', 'both'] as const;
export type Half = (typeof Halves)[number];

/** Nanoseconds, or bytes, for one request, for one response, and for both in turn. */
export type Costs = Readonly<Record<Half, number>>;

/**
 * Every request takes a millisecond on the inspection's clock, which runs on from subject to subject. It
 * begins after 25 days, where a number of milliseconds has become one that V8 keeps as an object.
 */
let clock = 2 ** 31;

function turn(requests: number): number {
  clock += requests;
  return clock;
}

/**
 * Nanoseconds per ADU of a half, and per request with its response: the median over batches of 512, so that
 * a batch during which something else had the processor does not count.
 */
export function time(subject: Subject, requests: number): Costs {
  const times: Record<Half, number[]> = { request: [], response: [], both: [] };
  for (let done = 0; done < requests; done += MostAsked) {
    const now = turn(MostAsked);
    const asking = performance.now();
    subject.ask(MostAsked, now);
    const answering = performance.now();
    subject.answer(now);
    const exchanging = performance.now();
    subject.exchange(MostAsked, turn(MostAsked));
    times.both.push(performance.now() - exchanging);
    times.response.push(exchanging - answering);
    times.request.push(answering - asking);
  }
  const perAdu = 1e6 / MostAsked;
  return {
    request: median(times.request) * perAdu,
    response: median(times.response) * perAdu,
    both: median(times.both) * perAdu,
  };
}

/**
 * Bytes of the heap taken per ADU of a half, and per request with its response, over so many ADUs. The heap is looked at before and after every stretch; looking takes some
 * bytes itself, which are measured the same way and taken off. A stretch in which the collector ran shows
 * as a heap that shrank and is left out.
 */
export function allocation(subject: Subject, adus: number): Costs {
  const both = stretches(Math.ceil(adus / 4 / Stretch), Stretch, () => {
    const taken = heapDuring(() => {
      for (let batch = 0; batch < Stretch / MostAsked; batch++) subject.exchange(MostAsked, turn(MostAsked));
    });
    return [taken];
  });
  const halves = stretches(Math.ceil(adus / 4 / MostAsked), MostAsked, () => {
    const now = turn(MostAsked);
    return [heapDuring(() => subject.ask(MostAsked, now)), heapDuring(() => subject.answer(now))];
  });
  return { request: halves[0] ?? 0, response: halves[1] ?? 0, both: both[0] ?? 0 };
}

/** Requests between two looks at the heap where nothing has to be told apart. */
const Stretch = 8 * MostAsked;

function stretches(count: number, requests: number, run: () => readonly number[]): readonly number[] {
  const sums: number[] = [];
  const counts: number[] = [];
  for (let index = 0; index < count; index++) {
    for (const [place, taken] of run().entries()) {
      if (taken < 0) continue;
      sums[place] = (sums[place] ?? 0) + taken;
      counts[place] = (counts[place] ?? 0) + 1;
    }
  }
  return sums.map((sum, place) => sum / ((counts[place] ?? 1) * requests));
}

/** Negative when the collector ran. */
function heapDuring(act: () => void): number {
  const before = getHeapStatistics().used_heap_size;
  act();
  const during = getHeapStatistics().used_heap_size - before;
  return during < 0 ? -1 : Math.max(0, during - costOfLooking());
}

function costOfLooking(): number {
  if (looking >= 0) return looking;
  const costs: number[] = [];
  for (let index = 0; index < 1001; index++) {
    const before = getHeapStatistics().used_heap_size;
    costs.push(getHeapStatistics().used_heap_size - before);
  }
  looking = median(costs);
  return looking;
}

let looking = -1;
