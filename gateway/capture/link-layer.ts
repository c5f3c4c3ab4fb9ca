/** The network layer of a frame: its EtherType and where it begins. */
export interface LinkPayload {
  readonly etherType: number;
  readonly start: number;
}

export const EtherType = { ipv4: 0x0800, ipv6: 0x86dd } as const;

/** LINKTYPE numbers this can read. */
export const LinkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

/** Looks below the IP header of a frame; `undefined` where the link type is none of {@link LinkType} or the frame ends too soon. */
export function linkPayload(linkType: number, bytes: Uint8Array): LinkPayload | undefined {
  switch (linkType) {
    case LinkType.ethernet:
      return behindTags(bytes, 12);
    case LinkType.linuxCooked:
      return behindTags(bytes, 14);
    case LinkType.linuxCooked2:
      return behindTags(bytes, 0, 20);
    case LinkType.raw:
    case 12:
    case 14:
      return byVersion(bytes);
    case LinkType.ipv4:
      return { etherType: EtherType.ipv4, start: 0 };
    case LinkType.ipv6:
      return { etherType: EtherType.ipv6, start: 0 };
    case LinkType.null:
    case LinkType.loop:
      return byFamily(bytes);
    default:
      return undefined;
  }
}

/** Whether frames of this link type can be read at all. */
export function isKnownLinkType(linkType: number): boolean {
  return linkType === 12 || linkType === 14 || (Object.values(LinkType) as number[]).includes(linkType);
}

/** An EtherType at `at`, then VLAN tags, one within the other, as many as there are (IEEE 802.1Q, 802.1ad). */
function behindTags(bytes: Uint8Array, at: number, payload = at + 2): LinkPayload | undefined {
  let start = payload;
  let etherType = wordAt(bytes, at);
  while (Tags.has(etherType) && start - payload < 4 * MaxTags) {
    etherType = wordAt(bytes, start + 2);
    start += 4;
  }
  return start > bytes.length ? undefined : { etherType, start };
}

function byVersion(bytes: Uint8Array): LinkPayload | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return { etherType: EtherType.ipv4, start: 0 };
  return version === 6 ? { etherType: EtherType.ipv6, start: 0 } : undefined;
}

/** An address family in the byte order of whoever captured, which no field tells: small numbers either way. */
function byFamily(bytes: Uint8Array): LinkPayload | undefined {
  if (bytes.length < 4) return undefined;
  const family = wordAt(bytes, 0) === 0 ? wordAt(bytes, 2) : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if (family === 2) return { etherType: EtherType.ipv4, start: 4 };
  return Ipv6Families.has(family) ? { etherType: EtherType.ipv6, start: 4 } : undefined;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

const Tags = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);
const MaxTags = 8;
/** AF_INET6 of Linux, the BSDs and Darwin. */
const Ipv6Families = new Set([10, 24, 28, 30]);
