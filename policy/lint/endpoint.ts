import { formatPrefix, type Prefix, parsePrefix } from '../../rules/address.ts';
import type { EndpointRef, Zone } from '../model/zone-model.ts';

/** The zone an endpoint lies in: its own, or its asset's. */
export function zoneOf(endpoint: EndpointRef): Zone {
  return endpoint.kind === 'asset' ? endpoint.asset.zone : endpoint.zone;
}

/** As the person named it. */
export function nameOf(endpoint: EndpointRef): string {
  return endpoint.kind === 'asset' ? endpoint.asset.name : endpoint.zone.id;
}

/** For messages: `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The same of many words: the first four, and how many more. */
export function joinFew(words: readonly string[]): string {
  return joinWords(words.length > 5 ? [...words.slice(0, 4), `${words.length - 4} more`] : words);
}

/** Every address an endpoint stands for; empty when it has none. */
export function prefixesOf(endpoint: EndpointRef): readonly string[] {
  return endpoint.kind === 'asset' ? endpoint.asset.addresses : endpoint.zone.prefixes;
}

/** A prefix the reader has already accepted. */
export function knownPrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`assertion failed: ${text} passed the reader`);
  return prefix;
}

/** For messages: `10.30.0.11`, not `10.30.0.11/32`. */
export function describePrefix(prefix: Prefix): string {
  return formatPrefix(prefix).replace(prefix.family === 4 ? /\/32$/ : /\/128$/, '');
}
