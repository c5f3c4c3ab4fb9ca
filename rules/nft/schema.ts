import Type, { type Static, type TProperties } from 'typebox';
import { Compile } from 'typebox/compile';
import { MaxComment, MaxLogPrefix, MaxName, MeterSize, TableName } from './ruleset.ts';

/**
 * Exactly the libnftables JSON we write. libnftables passes over keys it does not know: `"polcy": "drop"`
 * makes a chain that accepts everything and says nothing. So an unknown key, another table and a value
 * outside these enumerations are refused before the library sees them.
 */
const object = <T extends TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const oneOf = <const T extends string[]>(...values: T) => Type.Enum(values);

/** What nft takes as an identifier, without what its own language gives a meaning. */
const Name = Type.String({ pattern: `^[A-Za-z_][A-Za-z0-9_./-]{0,${MaxName - 1}}$` });
const Reference = Type.String({ pattern: `^@[A-Za-z_][A-Za-z0-9_./-]{0,${MaxName - 1}}$` });
const Comment = Type.String({ pattern: `^[A-Za-z0-9 ._,:/>-]{1,${MaxComment}}$` });
const Prefix = Type.String({ pattern: `^[A-Za-z0-9 ._,:/>-]{1,${MaxLogPrefix}}$` });
/** Addresses, device names, protocol names: no quotes, no blanks, no `@` and no `*`, which is a wildcard. */
const Word = Type.String({ pattern: '^(::|(::)?[A-Za-z0-9][A-Za-z0-9.:_-]{0,60})$' });
const Number32 = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const Scalar = Type.Union([Word, Number32]);

const Table = { family: Type.Literal('inet'), table: Type.Literal(TableName) };
const TableOnly = object({ table: object({ family: Type.Literal('inet'), name: Type.Literal(TableName) }) });

const DataTypes = oneOf(
  'ifname',
  'nf_proto',
  'ipv4_addr',
  'ipv6_addr',
  'inet_proto',
  'inet_service',
  'ether_addr',
  'mark',
  'uid',
);
const Flags = Type.Array(oneOf('interval', 'timeout'), { minItems: 1, uniqueItems: true });
const SetProperties = {
  ...Table,
  name: Name,
  type: Type.Union([DataTypes, Type.Array(DataTypes, { minItems: 2, maxItems: 8 })]),
  flags: Type.Optional(Flags),
  stmt: Type.Optional(Type.Tuple([object({ counter: Type.Null() })])),
};
const AddSet = object({ set: object(SetProperties) });
const AddMap = object({ map: object({ ...SetProperties, map: oneOf('verdict', 'mark') }) });

const Verdict = Type.Union([
  object({ accept: Type.Null() }),
  object({ drop: Type.Null() }),
  object({ return: Type.Null() }),
  object({ goto: object({ target: Name }) }),
  object({ jump: object({ target: Name }) }),
]);

const Span = Type.Union([
  Scalar,
  object({ range: Type.Tuple([Scalar, Scalar]) }),
  object({ prefix: object({ addr: Word, len: Type.Integer({ minimum: 0, maximum: 128 }) }) }),
]);
const Key = Type.Union([Span, object({ concat: Type.Array(Span, { minItems: 2, maxItems: 8 }) })]);
const Element = Type.Union([
  Key,
  object({
    elem: object({
      val: Key,
      /** Seconds; only the engine writes it, for what ends by itself. */
      timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 0xffff_ffff })),
      comment: Type.Optional(Comment),
    }),
  }),
]);
const AddElements = object({
  element: object({
    ...Table,
    name: Name,
    elem: Type.Union([
      Type.Array(Element, { minItems: 1 }),
      Type.Array(Type.Tuple([Element, Verdict]), { minItems: 1 }),
      Type.Array(Type.Tuple([Element, Number32]), { minItems: 1 }),
    ]),
  }),
});

const Meta = object({
  meta: object({
    key: oneOf('iifname', 'oifname', 'nfproto', 'l4proto', 'pkttype', 'mark', 'skuid'),
  }),
});
const Mark = object({ meta: object({ key: Type.Literal('mark') }) });
const ConnectionMark = object({ ct: object({ key: Type.Literal('mark') }) });
const Expression = Type.Union([
  Meta,
  object({ ct: object({ key: oneOf('state', 'direction') }) }),
  object({ socket: object({ key: oneOf('transparent', 'wildcard') }) }),
  object({
    payload: object({
      protocol: oneOf('ether', 'ip', 'ip6', 'tcp', 'udp', 'th', 'icmp', 'icmpv6'),
      field: oneOf('saddr', 'daddr', 'hoplimit', 'sport', 'dport', 'flags', 'type'),
    }),
  }),
]);
const Left = Type.Union([
  Expression,
  object({ concat: Type.Array(Expression, { minItems: 2, maxItems: 8 }) }),
]);

const Statement = Type.Union([
  Verdict,
  object({
    match: object({
      op: oneOf('==', '!=', 'in'),
      left: Left,
      right: Type.Union([Scalar, Reference, object({ set: Type.Array(Word, { minItems: 1 }) })]),
    }),
  }),
  object({ vmap: object({ key: Left, data: Reference }) }),
  object({ counter: Type.Union([Name, Type.Null()]) }),
  object({
    limit: object({
      rate: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      burst: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      per: Type.Literal('second'),
    }),
  }),
  object({
    log: object({
      prefix: Prefix,
      group: Type.Integer({ minimum: 0, maximum: 65_535 }),
      snaplen: Type.Integer({ minimum: 1, maximum: 65_535 }),
      'queue-threshold': Type.Integer({ minimum: 1, maximum: 65_535 }),
    }),
  }),
  object({
    reject: Type.Union([
      object({ type: Type.Literal('tcp reset') }),
      object({ type: Type.Literal('icmpx'), expr: Type.Literal('admin-prohibited') }),
    ]),
  }),
  object({
    tproxy: object({
      family: Type.Literal('ip'),
      addr: Type.Literal('127.0.0.1'),
      port: Type.Integer({ minimum: 1024, maximum: 65_535 }),
    }),
  }),
  object({
    mangle: Type.Union([
      object({
        key: Mark,
        value: Type.Union([
          Number32,
          ConnectionMark,
          object({ map: object({ key: Left, data: Reference }) }),
        ]),
      }),
      object({ key: ConnectionMark, value: Mark }),
    ]),
  }),
  object({
    meter: object({
      key: Type.Union([
        Left,
        object({ elem: object({ val: Left, timeout: Type.Integer({ minimum: 1, maximum: 86_400 }) }) }),
      ]),
      stmt: Type.Union([
        object({
          limit: object({
            rate: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
            burst: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
            per: Type.Literal('second'),
            inv: Type.Literal(true),
          }),
        }),
        object({
          'ct count': object({
            val: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
            inv: Type.Literal(true),
          }),
        }),
      ]),
      size: Type.Literal(MeterSize),
      name: Name,
    }),
  }),
  object({ notrack: Type.Null() }),
]);

const AddChain = object({ chain: object({ ...Table, name: Name }) });
const AddBaseChain = object({
  chain: object({
    ...Table,
    name: Name,
    type: Type.Literal('filter'),
    hook: oneOf('prerouting', 'input', 'forward', 'output'),
    prio: Type.Integer({ minimum: -450, maximum: 300 }),
    policy: oneOf('accept', 'drop'),
  }),
});
const AddRule = object({
  rule: object({
    ...Table,
    chain: Name,
    comment: Type.Optional(Comment),
    expr: Type.Array(Statement, { minItems: 1, maxItems: 16 }),
  }),
});

const Command = Type.Union([
  object({
    add: Type.Union([
      TableOnly,
      object({ counter: object({ ...Table, name: Name }) }),
      AddChain,
      AddBaseChain,
      AddSet,
      AddMap,
      AddElements,
      AddRule,
    ]),
  }),
  object({ delete: Type.Union([TableOnly, AddElements]) }),
  object({
    flush: Type.Union([
      object({ set: object({ ...Table, name: Name }) }),
      object({ map: object({ ...Table, name: Name }) }),
    ]),
  }),
]);

export const BatchSchema = object({ nftables: Type.Array(Command, { minItems: 1 }) });

/** A transaction: all its commands take effect together or none does. */
export type NftBatch = Static<typeof BatchSchema>;
export type NftCommand = Static<typeof Command>;
export type NftAdd = Extract<NftCommand, { add: unknown }>['add'];
export type NftStatement = Static<typeof Statement>;
export type NftElement = Static<typeof Element>;
export type NftSpan = Static<typeof Span>;
export type NftKey = Static<typeof Key>;
export type NftJsonVerdict = Static<typeof Verdict>;
export type NftExpression = Static<typeof Expression>;

/** Why a batch is not one of ours, with its place, or undefined when it is. */
export function findForeignJson(batch: unknown): string | undefined {
  if (checker.Check(batch)) return undefined;
  const commands = (batch as { readonly nftables?: unknown } | null)?.nftables;
  if (!Array.isArray(commands)) return 'it is no list of commands';
  const index = commands.findIndex((command) => !commandChecker.Check(command));
  return index < 0
    ? 'it has keys beside the commands'
    : `command ${index} is not of our form: ${JSON.stringify(commands[index]).slice(0, 200)}`;
}

/** Whether a value is a batch of exactly our form. */
export function isNftBatch(batch: unknown): batch is NftBatch {
  return checker.Check(batch);
}

const checker = Compile(BatchSchema);
const commandChecker = Compile(Command);
