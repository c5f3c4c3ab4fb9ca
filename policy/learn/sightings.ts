import type { Reason } from '../../rules/reason.ts';
import type { Protocol } from '../model/zone-model.ts';
import { createPeak, type Peak } from './peak.ts';
import type { Span } from './spans.ts';
import { createValueEvidence, type ValueEvidence } from './value-evidence.ts';

/** How often something was seen, and when first and last: milliseconds since the Unix epoch. */
export interface Seen {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Who to whom, by address; the port is 0 for `icmp-echo`. */
export interface SeenEnds {
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Connections or packets that no flow permits. */
export interface SeenWay extends SeenEnds, Seen {
  /** Why no flow permits it. */
  readonly reason: Reason;
  /** Whether the server was seen to answer; `unknown` where a log does not say. */
  readonly answered: 'yes' | 'no' | 'unknown';
}

/** Modbus requests of one client to one server that the policy refuses, alike in all but what they write. */
export interface SeenRequests extends SeenEnds, Seen {
  /** The flow that leads there, or empty. */
  readonly flow: string;
  readonly reason: Reason;
  readonly unit: number;
  readonly functionCode: number;
  /** Diagnostics sub-function, MEI type or UMAS function; -1 where there is none. */
  readonly subFunction: number;
  /** What is read or written; undefined where the function has no addresses. */
  readonly span: Span | undefined;
  /** How many of them the server answered, and how many with an exception; undefined where a log does not say. */
  readonly answers: { readonly data: number; readonly exceptions: number } | undefined;
  /** What was written; undefined where some of it is not known, or nothing is written. */
  readonly values: ValueEvidence | undefined;
  /** Most of them in any minute. */
  readonly perMinute: number;
  /** Largest distance of one value written from the one before it, where one register is written at a time. */
  readonly largestStep: number;
}

/** How busy one client was with one server: most requests in any second, permitted ones included. */
export interface SeenPace extends SeenEnds {
  /** The flow that leads there, or empty. */
  readonly flow: string;
  readonly perSecond: number;
}

/** All that was seen and no flow or permission lets pass. */
export interface Sightings {
  readonly from: number;
  readonly until: number;
  readonly ways: readonly SeenWay[];
  readonly requests: readonly SeenRequests[];
  readonly paces: readonly SeenPace[];
  /** Kinds of ways and requests beyond what is remembered. */
  readonly uncounted: number;
}

/** One request as it is added; `words` undefined where it writes and not all of it is known. */
export interface RequestSeen extends SeenEnds {
  readonly flow: string;
  readonly reason: Reason;
  readonly unit: number;
  readonly functionCode: number;
  readonly subFunction: number;
  readonly span: Span | undefined;
  readonly words: readonly number[] | undefined;
  readonly answer: 'data' | 'exception' | 'none' | 'unknown';
}

export interface SightingsCollector {
  way(ends: SeenEnds & Pick<SeenWay, 'reason' | 'answered'>, seen: Seen): void;
  request(request: RequestSeen, seen: Seen): void;
  /** A request, permitted or not, went from one to the other. */
  pace(ends: SeenEnds & Pick<SeenPace, 'flow'>, at: number): void;
  /** The time that was looked at. */
  time(from: number, until: number): void;
  sightings(): Sightings;
}

/** Remembers at most so many kinds; a scan of every address must not fill the memory. */
export function createSightings(limit: number = MostKinds): SightingsCollector {
  const ways = new Map<string, Mutable<SeenWay>>();
  const requests = new Map<string, CollectedRequests>();
  const paces = new Map<string, Omit<SeenPace, 'perSecond'> & { readonly peak: Peak }>();
  let [from, until, uncounted] = [Number.POSITIVE_INFINITY, 0, 0];

  function time(first: number, last: number): void {
    from = Math.min(from, first);
    until = Math.max(until, last);
  }

  return {
    way(way, seen) {
      time(seen.firstAt, seen.lastAt);
      const key = keyOf(way);
      const known = ways.get(key);
      if (known === undefined && ways.size >= limit) uncounted++;
      else if (known === undefined) ways.set(key, { ...way, ...seen });
      else {
        extend(known, seen);
        if (way.answered !== 'no') known.answered = known.answered === 'yes' ? 'yes' : way.answered;
      }
    },
    request({ words, answer, ...request }, seen) {
      time(seen.firstAt, seen.lastAt);
      const { flow, reason, unit, functionCode, subFunction, span } = request;
      const key = [
        keyOf(request),
        flow,
        reason,
        unit,
        functionCode,
        subFunction,
        span?.first,
        span?.last,
      ].join(' ');
      let known = requests.get(key);
      if (known === undefined) {
        if (requests.size >= limit) {
          uncounted++;
          return;
        }
        known = {
          ...request,
          ...seen,
          count: 0,
          ...nothingYet(),
          values: createValueEvidence(),
          peak: createPeak(60_000),
        };
        requests.set(key, known);
      }
      extend(known, seen);
      known.peak.add(seen.firstAt, seen.count);
      if (answer === 'data') known.data += seen.count;
      if (answer === 'exception') known.exceptions += seen.count;
      if (answer === 'unknown') known.isAnswered = false;
      if (words === undefined) known.isWhole = false;
      else if (words.length > 0) addWrite(known, words);
    },
    pace(ends, at) {
      const key = keyOf(ends);
      const known = paces.get(key) ?? { ...ends, peak: createPeak(1_000) };
      if (!paces.has(key) && paces.size >= limit) return;
      paces.set(key, known);
      known.peak.add(at, 1);
    },
    time,
    sightings: () => ({
      from: Math.min(from, until),
      until,
      ways: [...ways.values()],
      requests: [...requests.values()].map(asSeen),
      paces: [...paces.values()].map(({ peak, ...ends }) => ({ ...ends, perSecond: peak.most() })),
      uncounted,
    }),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface CollectedRequests extends Mutable<Omit<SeenRequests, 'answers' | 'perMinute'>> {
  data: number;
  exceptions: number;
  isAnswered: boolean;
  isWhole: boolean;
  /** The value written last; undefined before the first. */
  lastWord: number | undefined;
  readonly values: ValueEvidence;
  readonly peak: Peak;
}

function nothingYet() {
  return { data: 0, exceptions: 0, isAnswered: true, isWhole: true, lastWord: undefined, largestStep: 0 };
}

function asSeen({
  data,
  exceptions,
  isAnswered,
  isWhole,
  values,
  peak,
  lastWord,
  ...one
}: CollectedRequests): SeenRequests {
  return {
    ...one,
    answers: isAnswered ? { data, exceptions } : undefined,
    values: isWhole ? values : undefined,
    perMinute: peak.most(),
  };
}

function extend(known: { count: number; firstAt: number; lastAt: number }, more: Seen): void {
  known.count += more.count;
  known.firstAt = Math.min(known.firstAt, more.firstAt);
  known.lastAt = Math.max(known.lastAt, more.lastAt);
}

function addWrite(known: CollectedRequests, words: readonly number[]): void {
  known.values.add(words);
  const [word] = words;
  if (words.length > 1 || word === undefined) return;
  const step = Math.abs(word - (known.lastWord ?? word));
  // -1 and 1 are two apart, however they are read.
  known.largestStep = Math.max(known.largestStep, Math.min(step, 0x1_0000 - step));
  known.lastWord = word;
}

/** Who to whom, as a key. */
export function keyOf({ client, server, protocol, port }: SeenEnds): string {
  return `${client} ${server} ${protocol} ${port}`;
}

const MostKinds = 20_000;
