import {
  type DataTable,
  EncapsulatedTransport,
  functionCode,
} from '../../../rules/modbus/message/function-code.ts';
import { functionText, subFunctionText } from '../../../rules/modbus/text/describe.ts';
import { interlockText } from '../../../rules/modbus/text/limit-text.ts';
import type { Permission } from '../../model/zone-model.ts';
import { joined, least, meet, type Span, type Spans, toRanges, within } from '../sets/spans.ts';
import { hasAddress, type RequestBox } from './request-box.ts';
import { valueSetText } from './value-set-text.ts';

/** What some requests do, apart from who says them to whom: `write`, `holding registers 100-119 (unit 1, …)`. */
export interface RequestText {
  readonly verb: 'read' | 'write' | 'read and write' | 'call';
  readonly what: string;
  readonly boxes: readonly RequestBox[];
}

/** Boxes in words; those that differ only in their function or their stretch of addresses share one text. */
export function requestTexts(boxes: readonly RequestBox[]): readonly RequestText[] {
  const groups = Map.groupBy(boxes, likeness);
  return [...groups.values()].map((group) => {
    const [box] = group;
    if (box === undefined) return { verb: 'call', what: '', boxes: group };
    return { verb: verbOf(box), what: `${placesOf(group)} (${detailsOf(group)})`, boxes: group };
  });
}

/** `1-4, 7`. */
export function numbersText(numbers: Spans): string {
  return toRanges(numbers)
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join(', ');
}

/** Everything that two boxes must have in common to be told in one sentence. */
function likeness(box: RequestBox): string {
  const { permission, unit, sub, every, notEvery, files, terms, doubts } = box;
  const values = [
    every?.layout,
    every?.patterns.map(spanKey),
    notEvery.map((set) => set.patterns.map(spanKey)),
  ];
  const table = hasAddress(box) ? `${tableOf(box.functionCode)} ${verbOf(box)}` : String(box.functionCode);
  // Two limits of one kind are told apart, one request of a few and one of many are not.
  const quantity = verbOf(box) === 'read' ? box.quantity : least(box.quantity);
  return JSON.stringify([permission?.id, table, unit, sub, quantity, values, files, terms, doubts]);
}

function spanKey({ first, end }: Span<bigint>): string {
  return `${first} ${end}`;
}

function verbOf({ functionCode: code }: RequestBox): RequestText['verb'] {
  const entry = functionCode(code);
  if (entry === undefined || entry.data === 'none') return 'call';
  return entry.access === 'both' ? 'read and write' : entry.access;
}

function placesOf(group: readonly RequestBox[]): string {
  const [box] = group;
  if (box === undefined) return '';
  const { functionCode: code, files, sub } = box;
  if (files.length > 0) {
    return files
      .map(({ firstFile, lastFile, firstRecord, lastRecord }) => {
        const which = firstFile === lastFile ? `file ${firstFile}` : `files ${firstFile}-${lastFile}`;
        return `${which} records ${firstRecord}-${lastRecord}`;
      })
      .join(', ');
  }
  if (code === 8 || code === EncapsulatedTransport || code === 90) {
    return toRanges(sub)
      .flatMap(({ first, last }) =>
        last - first > 3
          ? [`${subFunctionText(code, first)} to ${last}`]
          : numbers(first, last).map((number) => subFunctionText(code, number)),
      )
      .join(', ');
  }
  if (!hasAddress(box)) return functionText(code);
  const places = addressesText(group);
  return code === ReadWrite ? `${places}, read ${numbersText(box.readFirst)}` : places;
}

/** The stretches that requests lie in; what only leads across their edge is told where nothing else is. */
function addressesText(group: readonly RequestBox[]): string {
  const [box] = group;
  const spans = group.map(({ first, last }) => tightened(first, last));
  const inside = joined(spans.flatMap(({ from, to }) => [...meet(from, to)]));
  const across = spans.filter(({ from, to }) => !within(from, inside) && !within(to, inside));
  const table = tableOf(box?.functionCode ?? 0).replaceAll('-', ' ');
  const crossing = across.map(({ from, to }) => `from ${numbersText(from)} on into ${numbersText(to)}`);
  const isOne =
    crossing.length === 0 && inside.length === 1 && inside[0]?.first === (inside[0]?.end ?? 0) - 1;
  const name = isOne ? table.slice(0, -1) : table;
  return `${name} ${[...(inside.length > 0 ? [numbersText(inside)] : []), ...new Set(crossing)].join(', ')}`;
}

/** No request begins behind where it ends. */
function tightened(first: Spans, last: Spans): { readonly from: Spans; readonly to: Spans } {
  const lowest = first[0]?.first ?? 0;
  const highest = last.at(-1)?.end ?? 0;
  const from = first.flatMap((span) => clip(span, 0, highest));
  const to = last.flatMap((span) => clip(span, lowest, 0x1_0000));
  return { from, to };
}

function clip({ first, end }: Span, low: number, high: number): Span[] {
  const cut = { first: Math.max(first, low), end: Math.min(end, high) };
  return cut.first < cut.end ? [cut] : [];
}

function detailsOf(group: readonly RequestBox[]): string {
  const [box] = group;
  if (box === undefined) return '';
  const codes = [...new Set(group.map(({ functionCode: code }) => code))].sort((one, other) => one - other);
  const rules = box.permission?.values ?? [];
  const most = Math.max(...group.map(({ quantity }) => (quantity.at(-1)?.end ?? 1) - 1));
  return [
    `unit ${numbersText(box.unit)}`,
    `function${codes.length === 1 ? '' : 's'} ${listText(codes)}`,
    ...(box.every === undefined ? [] : [`values ${valueSetText(box.every, rules)}`]),
    ...box.notEvery.map((set) => `not all of them ${valueSetText(set, rules)}`),
    ...quantityText(box, least(box.quantity) ?? 1, most),
    ...(box.permission === undefined || box.terms.length === 0 ? [] : limitsText(box.permission)),
  ].join(', ');
}

/** How many at once, where the permission says something of it. */
function quantityText(box: RequestBox, fewest: number, most: number): readonly string[] {
  if (!hasAddress(box) || most < 2) return [];
  if (fewest > box.width) return [`${fewest === most ? most : `${fewest} to ${most}`} at once`];
  return most <= (box.permission?.maxQuantity ?? 0) ? [`at most ${most} at once`] : [];
}

/** What holds at some times and not at others. */
function limitsText({ step, minInterval, writesPerMinute, interlocks }: Permission): readonly string[] {
  return [
    ...(step?.max === undefined ? [] : [`step at most ${step.max}`]),
    ...(step?.maxPerMinute === undefined ? [] : [`steps of at most ${step.maxPerMinute} a minute`]),
    ...(minInterval === 0 ? [] : [`once in ${minInterval / 1000} s`]),
    ...(writesPerMinute === 0 ? [] : [`at most ${writesPerMinute} writes a minute`]),
    ...interlocks.map(interlockText),
  ];
}

/** The table a function reaches, in the plural. */
function tableOf(code: number): DataTable {
  const data = functionCode(code)?.data;
  return data === undefined || data === 'none' || data === 'files' ? 'holding-registers' : data;
}

function listText(numbers: readonly number[]): string {
  const last = numbers.at(-1);
  return numbers.length < 2 ? numbers.join('') : `${numbers.slice(0, -1).join(', ')} and ${last}`;
}

function numbers(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

const ReadWrite = 23;
