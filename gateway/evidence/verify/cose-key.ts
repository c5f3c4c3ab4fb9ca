/** A public key that can verify a passkey's signature. */
export type PasskeyKey =
  | { readonly kind: 'p256'; readonly publicKey: Uint8Array }
  | { readonly kind: 'ed25519'; readonly publicKey: Uint8Array };

/**
 * The key of a COSE_Key, RFC 9052 §7, of the kinds ES256 and EdDSA; undefined for any other. It is the little of CBOR
 * (RFC 8949) that such a key is made of: a map of small numbers to numbers and byte strings.
 */
export function readCoseKey(bytes: Uint8Array): PasskeyKey | undefined {
  const fields = readMap(bytes);
  const kind = fields?.get(KeyType);
  const curve = fields?.get(Curve);
  const x = fields?.get(X);
  const y = fields?.get(Y);
  if (!isCoordinate(x)) return undefined;
  if (kind === Okp && curve === Ed25519) return { kind: 'ed25519', publicKey: x };
  if (kind !== Ec2 || curve !== P256 || !isCoordinate(y)) return undefined;
  const publicKey = new Uint8Array(64);
  publicKey.set(x);
  publicKey.set(y, 32);
  return { kind: 'p256', publicKey };
}

function readMap(bytes: Uint8Array): Map<number, number | Uint8Array> | undefined {
  const first = bytes[0] ?? 0;
  if (first >> 5 !== 5 || (first & 31) > 23) return undefined;
  const fields = new Map<number, number | Uint8Array>();
  let at = 1;
  for (let left = first & 31; left > 0; left -= 1) {
    const name = readItem(bytes, at);
    const value = name === undefined ? undefined : readItem(bytes, name.end);
    if (value === undefined || typeof name?.value !== 'number' || fields.has(name.value)) return undefined;
    fields.set(name.value, value.value);
    at = value.end;
  }
  return at === bytes.length ? fields : undefined;
}

interface Item {
  readonly value: number | Uint8Array;
  readonly end: number;
}

/** A number, negative number or byte string; nothing else stands in a key. */
function readItem(bytes: Uint8Array, at: number): Item | undefined {
  const head = bytes[at];
  if (head === undefined) return undefined;
  const size = [0, 1, 2][Math.max(0, (head & 31) - 23)];
  if (size === undefined || at + size >= bytes.length) return undefined;
  let count = head & 31;
  if (size > 0) count = 0;
  for (let more = 1; more <= size; more += 1) count = count * 256 + (bytes[at + more] ?? 0);
  const end = at + 1 + size;
  if (head >> 5 === 0) return { value: count, end };
  if (head >> 5 === 1) return { value: -1 - count, end };
  if (head >> 5 !== 2 || end + count > bytes.length) return undefined;
  return { value: bytes.subarray(end, end + count), end: end + count };
}

function isCoordinate(value: number | Uint8Array | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}

/** Labels and values of RFC 9053 §7. */
const KeyType = 1;
const Curve = -1;
const X = -2;
const Y = -3;
const Okp = 1;
const Ec2 = 2;
const P256 = 1;
const Ed25519 = 6;
