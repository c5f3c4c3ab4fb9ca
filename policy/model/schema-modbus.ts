import { Type } from 'typebox';
import {
  Duration,
  FunctionCodes,
  Label,
  Name,
  RegisterAddress,
  RegisterRanges,
  Unit,
  Units,
  Value,
  ValueTypeName,
} from './schema-words.ts';

const closed = { additionalProperties: false };

const ValueLimits = Type.Object(
  {
    type: Type.Optional(ValueTypeName),
    words: Type.Optional(Type.Enum(['big', 'little'])),
    min: Type.Optional(Value),
    max: Type.Optional(Value),
    allowed: Type.Optional(Type.Array(Value, { minItems: 1 })),
  },
  { ...closed, description: 'What a written value may be; u16 unless a type is given.' },
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
    is: Value,
    no_older_than: Duration,
  },
  { ...closed, description: 'The write is permitted only while this was last read, and recently.' },
);

const Permission = Type.Object(
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
    mei: Type.Optional(
      Type.Array(
        Type.Integer({ minimum: 0, maximum: 255, errorMessage: 'must be a MEI type from 0 to 255' }),
        {
          minItems: 1,
          examples: ['[14]'],
        },
      ),
    ),
    value: Type.Optional(ValueLimits),
    max_step: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, errorMessage: 'must be a number above 0', examples: [5] }),
    ),
    min_interval: Type.Optional(Duration),
    when: Type.Optional(Interlock),
    name: Type.Optional(Label),
  },
  closed,
);

const Alias = Type.Object(
  {
    coil: RegisterAddress,
    is: Type.Object(
      {
        register: RegisterAddress,
        bit: Type.Integer({
          minimum: 0,
          maximum: 15,
          errorMessage: 'must be a bit from 0 (least significant) to 15',
          examples: [15],
        }),
      },
      closed,
    ),
    name: Type.Optional(Label),
  },
  { ...closed, description: 'This coil is that bit of that register: one rule guards both paths.' },
);

const Limits = Type.Object(
  {
    adu_per_second: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100000,
        errorMessage: 'must be a number of requests per second',
        examples: [50],
      }),
    ),
    outstanding: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 512,
        errorMessage: 'must be a number of requests from 1 to 512',
        examples: [4],
      }),
    ),
    request_timeout: Type.Optional(Duration),
  },
  closed,
);

/** What may be said on an inspected flow; allow-only. */
export const ProfileSchema = Type.Object(
  {
    extends: Type.Optional(Name),
    allow: Type.Array(Permission, { errorMessage: 'must be a list of permissions' }),
    alias: Type.Optional(Type.Array(Alias)),
    limits: Type.Optional(Limits),
  },
  closed,
);
