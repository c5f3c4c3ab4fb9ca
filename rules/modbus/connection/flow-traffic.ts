import { addToMinute, createMinuteWindow, minuteSum } from '../device/minute-window.ts';
import { firstGroup, groupFile, groupLength, groupRecord, nextGroup } from '../message/file-groups.ts';
import type { Request } from '../message/request.ts';
import type { ModbusLimits } from '../profile.ts';
import { createRecentAddresses } from './recent-addresses.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What passed on one flow towards one server, on all its connections, against the flow's rates and budgets. */
export interface FlowTraffic {
  /** Whether one more request fits under `aduPerSecond`, and takes its place if so. */
  takeRequest(now: number, limits: ModbusLimits): boolean;
  /** Whether what a request reads fits what may be read in a minute, and counts it if so. */
  takeRead(request: Request, now: number, limits: ModbusLimits): boolean;
}

/** So many different addresses are told apart at most; a larger budget is held to this one. */
export const MostAddresses = 65_536;

/**
 * Nothing passed yet. The read budgets are against covert channels: a client that may read says what it
 * likes by which addresses it reads. They hold for any 60 seconds and count what is in doubt.
 */
export function createFlowTraffic(): FlowTraffic {
  const bucket = createTokenBucket();
  const recent = createRecentAddresses();
  const words = createMinuteWindow(Number.NEGATIVE_INFINITY);

  function takeAddresses(request: Request, now: number, limit: number): boolean {
    if (recent.within(now) + countNew(request, now) > limit) return false;
    const group = firstGroup(request);
    if (group < 0) recent.add(now, spaceOf(request, 0), placeOf(request), quantityOf(request), limit);
    for (let at = group; at >= 0; at = nextGroup(request, at)) {
      const space = spaceOf(request, groupFile(request, at));
      recent.add(now, space, groupRecord(request, at), groupLength(request, at), limit);
    }
    return true;
  }

  function countNew(request: Request, now: number): number {
    const group = firstGroup(request);
    if (group < 0) return recent.countNew(now, spaceOf(request, 0), placeOf(request), quantityOf(request));
    let count = 0;
    for (let at = group; at >= 0; at = nextGroup(request, at)) {
      const space = spaceOf(request, groupFile(request, at));
      count += recent.countNew(now, space, groupRecord(request, at), groupLength(request, at));
    }
    return count;
  }

  return {
    takeRequest: (now, { aduPerSecond }) => bucket.take(now, aduPerSecond),
    takeRead(request, now, { readAddressesPerMinute, readWordsPerMinute }) {
      if (readAddressesPerMinute === 0 && readWordsPerMinute === 0) return true;
      const quantity = wordsRead(request);
      if (quantity === 0) return true;
      if (readWordsPerMinute > 0 && minuteSum(words, now) + quantity > readWordsPerMinute) return false;
      const most = Math.min(readAddressesPerMinute, MostAddresses);
      if (most > 0 && !takeAddresses(request, now, most)) return false;
      addToMinute(words, now, quantity);
      return true;
    },
  };
}

/** Registers' worth of data that may come back; 0 for a request that only writes. */
function wordsRead(request: Request): number {
  switch (request.functionCode) {
    case 1:
    case 2:
      return (request.readQuantity + 15) >>> 4;
    case 3:
    case 4:
    case 23:
      return request.readQuantity;
    case 5:
    case 6:
    case 15:
    case 16:
    case 21:
    case 22:
      return 0;
    case 20:
      return recordsRead(request);
    case 24:
      return MaxFifo;
    default:
      // What a server says of itself, or opaque: nobody knows before how much it is.
      return MaxPduWords;
  }
}

function recordsRead(request: Request): number {
  let records = 0;
  for (let at = firstGroup(request); at >= 0; at = nextGroup(request, at))
    records += groupLength(request, at);
  return records;
}

/** One number for a table of a unit, or a file of it. */
function spaceOf({ unit, functionCode: code }: Request, file: number): number {
  return (unit * Tables + tableOf(code)) * 0x1_0000 + file;
}

/** Requests without addresses are one for each function and sub-function. */
function placeOf({ functionCode: code, subFunction, readAddress, readQuantity }: Request): number {
  return readQuantity === 0 ? code * 0x1_0000 + (subFunction & 0xffff) : readAddress;
}

function quantityOf({ readQuantity }: Request): number {
  return Math.max(1, readQuantity);
}

function tableOf(code: number): number {
  if (code >= 1 && code <= 4) return code;
  if (code === 23 || code === 24) return 3;
  return code === 20 ? 5 : 0;
}

const Tables = 8;
const MaxFifo = 31;
const MaxPduWords = 126;
