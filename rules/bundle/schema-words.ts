import Type, { type TSchema } from 'typebox';

/** The small words of a compiled policy's form. */

export const Strict = { additionalProperties: false } as const;
export const integer = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
export const list = <T extends TSchema>(items: T, minItems = 0) =>
  Type.Array(items, { minItems, maxItems: 100_000 });

export const oneOf = <T extends string | number>(...words: readonly T[]) =>
  Type.Union(words.map((word) => Type.Literal(word)));

export const Millis = integer(0, Number.MAX_SAFE_INTEGER);
export const Octet = integer(0, 255);
export const Word = integer(0, 65_535);
export const Uint32 = integer(0, 4_294_967_295);

/** Names of the model: they reach log prefixes, comments and metric labels, so the alphabet is closed. */
export const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' });
export const FlowId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}/[A-Za-z0-9][A-Za-z0-9._-]{0,31}$',
});
/** `vendor/asset.port`. */
export const TargetId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}/[A-Za-z0-9][A-Za-z0-9._-]{0,62}\\.[1-9][0-9]{0,4}$',
});
export const NameOrNone = Type.String({ pattern: '^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,62})?$' });
export const Device = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$' });
export const DeviceOrNone = Type.String({ pattern: '^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,14})?$' });
/** Free text without control characters: it is printed on terminals and in logs. */
export const Text = Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$', maxLength: 512 });
export const PrefixText = Type.String({ pattern: '^[0-9a-f.:]{2,45}/[0-9]{1,3}$' });
export const Mac = Type.String({ pattern: '^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5})?$' });
export const Release = Type.String({ pattern: '^[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$' });
export const Protocol = oneOf('tcp', 'udp', 'icmp-echo');
export const SecurityLevel = integer(0, 4);
