import { writes } from '../message/access.ts';
import { firstGroup, groupFile } from '../message/file-groups.ts';
import { EncapsulatedTransport, functionCode, Umas } from '../message/function-code.ts';
import type { Request } from '../message/request.ts';
import type { AddressRange, FileRange } from '../profile.ts';
import type { Candidate, Choice } from './candidate.ts';

/** What each of 256 places next to each other permits to begin there, by one function of some units. */
export interface Page {
  readonly choices: readonly (Choice | undefined)[];
  /** Places in lists that it takes. */
  readonly listed: number;
}

/** Places on a page, and pages there are. */
export const PageSize = 256;
export const Pages = 256;

/** Where a request begins, 0 to 65535: an address, a file, a sub-function; -1 where it lacks what it needs. */
export function placeOf(request: Request): number {
  const { functionCode: code } = request;
  if (writes(request)) return request.writeAddress;
  if (code === 8 || code === EncapsulatedTransport || code === Umas) return request.subFunction;
  if (code === 20 || code === 21) return groupFile(request, firstGroup(request));
  return request.readAddress;
}

/** What a permission has where {@link placeOf} looks; a function without a place has none to be outside of. */
function rangesOf({ permission }: Candidate, code: number): readonly AddressRange[] {
  if (code === 8 || code === Umas) return permission.subFunctions.map(single);
  if (code === EncapsulatedTransport) return permission.mei.map(single);
  if (code === 20 || code === 21) return permission.files.map(filesOf);
  return hasAddress(code) ? permission.addresses : Everywhere;
}

/** The page whose first place this is. */
export function createPage(code: number, candidates: readonly Candidate[], first: number): Page {
  const page = { first, last: first + PageSize - 1 };
  const there = candidates.filter((each) => reaches(each, code, page));
  if (there.length === 0) return EmptyPage;
  const spans = there.map((candidate) => ({ candidate, ranges: rangesOf(candidate, code) }));
  // A choice is another one only where a range begins or has ended.
  const changes = new Set(
    spans.flatMap(({ ranges }) => ranges.flatMap(({ first, last }) => [first, last + 1])),
  );
  const choices: (Choice | undefined)[] = [];
  let current: Choice | undefined;
  let listed = PageSize;
  for (let place = page.first; place <= page.last; place++) {
    if (place === page.first || changes.has(place)) {
      const here = spans.filter(({ ranges }) => ranges.some((range) => contains(range, place)));
      current = choiceOf(here.map(({ candidate }) => candidate));
      listed += here.length;
    }
    choices.push(current);
  }
  return { choices, listed };
}

function choiceOf(candidates: readonly Candidate[]): Choice | undefined {
  const [first] = candidates;
  return first === undefined || candidates.length === 1 ? first : { first, others: candidates.slice(1) };
}

function reaches(candidate: Candidate, code: number, page: AddressRange): boolean {
  const { firstAddress, lastAddress } = candidate;
  // Said twice for the case that is nearly all of them: this looks at every permission for every page.
  if (lastAddress >= 0 && hasAddress(code)) return firstAddress <= page.last && lastAddress >= page.first;
  return rangesOf(candidate, code).some((range) => overlaps(range, page));
}

function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && a.last >= b.first;
}

function contains({ first, last }: AddressRange, place: number): boolean {
  return place >= first && place <= last;
}

function single(number: number): AddressRange {
  return { first: number, last: number };
}

function filesOf({ firstFile, lastFile }: FileRange): AddressRange {
  return { first: firstFile, last: lastFile };
}

function hasAddress(code: number): boolean {
  const data = functionCode(code)?.data;
  return data !== undefined && data !== 'none' && data !== 'files';
}

/** Where nothing is permitted. */
export const EmptyPage: Page = { choices: [], listed: 0 };

const Everywhere: readonly AddressRange[] = [{ first: 0, last: 0xffff }];
