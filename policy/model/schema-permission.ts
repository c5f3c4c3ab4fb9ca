import { type TSchema, Type } from 'typebox';
import { AnsweredReasons, RefusalActions } from './refusals.ts';
import {
  BitRange,
  Count,
  Duration,
  FileNumbers,
  FunctionCodes,
  Label,
  RecordNumbers,
  RegisterAddress,
  RegisterRanges,
  SubFunctions,
  Unit,
  Units,
  Value,
  ValueTypeName,
} from './schema-words.ts';

const closed = { additionalProperties: false };
const order = (description: string) => Type.Optional(Type.Enum(['big', 'little'], { description }));
const oneOrMore = <T extends TSchema>(item: T, errorMessage: string) =>
  Type.Union([item, Type.Array(item, { minItems: 1 })], { errorMessage });

const ValueLimits = Type.Object(
  {
    type: Type.Optional(ValueTypeName),
    words: order('Which register comes first: most significant or least.'),
    bytes: order("The two bytes of one register; big is the specification's order."),
    bits: Type.Optional(BitRange),
    min: Type.Optional(Value),
    max: Type.Optional(Value),
    allowed: Type.Optional(Type.Array(Value, { minItems: 1 })),
  },
  { ...closed, description: 'What a written value may be; u16 unless a type is given.' },
);

const Distance = Type.Number({
  exclusiveMinimum: 0,
  errorMessage: 'must be a number above 0',
  examples: [5],
});
const Step = Type.Union(
  [
    Distance,
    Type.Object(
      {
        max: Type.Optional(Distance),
        per_minute: Type.Optional(Distance),
        no_older_than: Type.Optional(Duration),
      },
      closed,
    ),
  ],
  {
    errorMessage: 'must be a number above 0, or max, per_minute and no_older_than',
    examples: ['5', '{max: 5, per_minute: 20, no_older_than: PT10S}'],
    description: 'How far a write may go from the last known value.',
  },
);

const Interlock = Type.Object(
  {
    read: Type.Object(
      {
        fc: Type.Integer({
          minimum: 1,
          maximum: 4,
          errorMessage: 'must be a read function, 1 to 4',
          examples: [2],
        }),
        unit: Unit,
        address: RegisterAddress,
      },
      closed,
    ),
    is: Type.Integer({
      minimum: 0,
      maximum: 65535,
      errorMessage: 'must be what is read, 0 or 1 for a bit, 0 to 65535 for a register',
      examples: [1],
    }),
    no_older_than: Duration,
  },
  { ...closed, description: 'The write is permitted only while this was last read, and recently.' },
);

const Action = Type.Enum([...RefusalActions]);
/** What the client of a refused request sees. */
export const Refusal = Type.Union(
  [
    Action,
    Type.Object(
      {
        action: Type.Optional(Action),
        codes: Type.Optional(
          Type.Object(
            Object.fromEntries(AnsweredReasons.map((reason) => [reason, Type.Optional(ExceptionCode())])),
            { ...closed, description: 'Exception codes other than the usual one for a reason.' },
          ),
        ),
      },
      closed,
    ),
  ],
  {
    errorMessage: `must be one of ${RefusalActions.join(', ')}, or an action and codes`,
    examples: ['drop', '{action: exception, codes: {value-out-of-range: 2}}'],
  },
);

/** One line of a profile's `allow`. */
export const PermissionSchema = Type.Object(
  {
    fc: FunctionCodes,
    units: Units,
    address: Type.Optional(RegisterRanges),
    read_address: Type.Optional(RegisterRanges),
    quantity: Type.Optional(
      Type.Object(
        {
          max: Type.Integer({
            minimum: 1,
            maximum: 2000,
            errorMessage: 'must be a quantity from 1 to 2000',
            examples: [60],
          }),
        },
        closed,
      ),
    ),
    sub: Type.Optional(SubFunctions),
    mei: Type.Optional(
      Type.Array(
        Type.Integer({ minimum: 0, maximum: 255, errorMessage: 'must be a MEI type from 0 to 255' }),
        { minItems: 1, examples: ['[14]'] },
      ),
    ),
    files: Type.Optional(
      Type.Array(Type.Object({ file: FileNumbers, records: RecordNumbers }, closed), {
        minItems: 1,
        description: 'Records that function codes 20 and 21 may reach.',
        examples: ['[{file: 4, records: 0-99}]'],
      }),
    ),
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 8,
        maximum: 4096,
        errorMessage: 'must be the size of a whole ADU, 8 to 4096 bytes',
        examples: [260],
      }),
    ),
    value: Type.Optional(oneOrMore(ValueLimits, 'must be limits of a value, or a list of these')),
    max_step: Type.Optional(Step),
    min_interval: Type.Optional(Duration),
    writes_per_minute: Type.Optional(Count(10_000, 'writes per minute', 6)),
    when: Type.Optional(oneOrMore(Interlock, 'must be read, is and no_older_than, or a list of these')),
    unknown: Type.Optional(
      Type.Enum(['refuse', 'allow'], {
        description: 'A write whose step, interval, budget or interlock cannot be judged.',
      }),
    ),
    on_refuse: Type.Optional(Refusal),
    name: Type.Optional(Label),
  },
  closed,
);

function ExceptionCode() {
  return Type.Integer({
    minimum: 1,
    maximum: 11,
    errorMessage: 'must be an exception code from 1 to 11',
    examples: [2],
  });
}
