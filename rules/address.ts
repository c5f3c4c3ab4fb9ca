import ipaddr from 'ipaddr.js';

/** A block of addresses. IPv4 and IPv6 go one path everywhere: what is true of one is true of the other. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly first: bigint;
  /** Inclusive. */
  readonly last: bigint;
  /** Prefix length: 0 to 32, or 0 to 128. */
  readonly length: number;
}

/** An address that stands on a network, e.g. `10.20.0.1/24`: the box's own legs. */
export interface AddressOnNetwork {
  readonly address: Prefix;
  readonly network: Prefix;
}

/**
 * Reads `10.20.0.0/24`, `10.20.0.10` or `fd00::/64`. Undefined for anything else: an address after which
 * host bits are set, a shortened or octal IPv4 address (`010.0.0.1` is 8.0.0.1 to some readers), a zone
 * index, an IPv4 address in IPv6 clothes.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const parts = split(text);
  if (parts === undefined) return undefined;
  const size = parts.width - BigInt(parts.length);
  if (parts.value & ((1n << size) - 1n)) return undefined;
  return block(parts.family, parts.value, parts.length);
}

/** Reads one address without a prefix length. */
export function parseAddress(text: string): Prefix | undefined {
  return text.includes('/') ? undefined : parsePrefix(text);
}

/** Reads an address with the length of the network it stands on; undefined without one. */
export function parseAddressOnNetwork(text: string): AddressOnNetwork | undefined {
  const parts = text.includes('/') ? split(text) : undefined;
  if (parts === undefined) return undefined;
  const size = parts.width - BigInt(parts.length);
  return {
    address: block(parts.family, parts.value, Number(parts.width)),
    network: block(parts.family, (parts.value >> size) << size, parts.length),
  };
}

/** Canonical text with prefix length, `10.20.0.10/32`; equal prefixes have equal text. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`;
}

/** The first address alone, without prefix length. */
export function formatAddress(prefix: Prefix): string {
  return prefix.family === 4 ? formatV4(prefix.first) : formatV6(prefix.first);
}

/** Whether the prefix is a single address. */
export function isHost(prefix: Prefix): boolean {
  return prefix.first === prefix.last;
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether the two share an address. */
export function overlaps(one: Prefix, other: Prefix): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

/** A total order: IPv4 before IPv6, then by address, then the wider block first. */
export function comparePrefixes(one: Prefix, other: Prefix): number {
  if (one.family !== other.family) return one.family - other.family;
  if (one.first !== other.first) return one.first < other.first ? -1 : 1;
  return one.length - other.length;
}

interface Parts {
  readonly family: 4 | 6;
  readonly width: bigint;
  readonly value: bigint;
  readonly length: number;
}

function split(text: string): Parts | undefined {
  const match = /^([0-9a-fA-F.:]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, address = '', lengthText] = match;
  const family = address.includes(':') ? 6 : 4;
  const value = family === 6 ? readV6(address) : readV4(address);
  const width = family === 6 ? 128 : 32;
  const length = lengthText === undefined ? width : Number(lengthText);
  if (value === undefined || length > width) return undefined;
  return { family, width: BigInt(width), value, length };
}

/** Four decimal numbers and nothing else; read here because a large model reads some hundred thousand. */
function readV4(text: string): bigint | undefined {
  const parts = text.split('.');
  let value = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return parts.length === 4 ? BigInt(value) : undefined;
}

function readV6(text: string): bigint | undefined {
  // A dotted tail would let one IPv4 host be written as an IPv6 one and slip past an IPv4 rule.
  if (text.includes('.') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? undefined : fromBytes(address.toByteArray());
}

function fromBytes(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function block(family: 4 | 6, first: bigint, length: number): Prefix {
  const size = BigInt((family === 4 ? 32 : 128) - length);
  return { family, first, last: first + (1n << size) - 1n, length };
}

function formatV4(value: bigint): string {
  const bits = Number(value);
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  return new ipaddr.IPv6(groups).toRFC5952String();
}
