import { Type } from 'typebox';
import { type Reason, Reasons } from '../../rules/reason.ts';
import { FlowId } from './schema-conduits.ts';
import {
  CalendarDate,
  FunctionCode,
  Instant,
  Label,
  Name,
  Prose,
  ProtocolName,
  RegisterAddress,
  Unit,
  Value,
} from './schema-words.ts';

const closed = { additionalProperties: false };

const TestRequest = Type.Object(
  {
    unit: Unit,
    fc: FunctionCode,
    address: Type.Optional(RegisterAddress),
    quantity: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2000, errorMessage: 'must be a quantity from 1 to 2000' }),
    ),
    value: Type.Optional(Value),
  },
  closed,
);

const Given = Type.Object(
  {
    last: Type.Optional(
      Type.Record(Type.String({ pattern: '^\\d{1,5}$' }), Value, {
        ...closed,
        description: 'Last known values by holding register.',
        examples: ['{140: 18}'],
      }),
    ),
    read: Type.Optional(
      Type.Record(Type.String({ pattern: '^[1-4]\\.\\d{1,5}$' }), Value, {
        ...closed,
        description: 'What was last read, by function code and address.',
        examples: ['{2.12: 1}'],
      }),
    ),
    session: Type.Optional(Name),
    at: Type.Optional(Instant),
    mode: Type.Optional(Type.Enum(['normal', 'island', 'lockdown'])),
  },
  closed,
);

export const TestSchema = Type.Object(
  {
    name: Label,
    from: Name,
    to: Name,
    proto: Type.Optional(ProtocolName),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        errorMessage: 'must be a port from 1 to 65535',
        examples: [443],
      }),
    ),
    modbus: Type.Optional(TestRequest),
    given: Type.Optional(Given),
    expect: Type.Enum(['allow', 'deny']),
    by: Type.Optional(FlowId),
    because: Type.Optional(Type.Enum(Object.keys(Reasons) as Reason[])),
  },
  closed,
);

const Selection = Type.Union([Type.Literal('*'), Name, Type.Array(Name, { minItems: 1 })], {
  errorMessage: 'must be "*", a zone or an asset, or a list of these',
  examples: ['"*"', '[process, safety]'],
});
const Id = { id: Name };
const Access = Type.Enum(['read', 'write']);

export const InvariantSchema = Type.Union(
  [
    Type.Object(
      {
        ...Id,
        never: Type.Object({ from: Selection, to: Selection, modbus_class: Type.Optional(Access) }, closed),
      },
      closed,
    ),
    Type.Object(
      { ...Id, only: Type.Object({ from: Selection, to: Selection, allow: Type.Array(FlowId) }, closed) },
      closed,
    ),
    Type.Object(
      { ...Id, path: Type.Object({ from: Selection, to: Selection, must_cross: Name }, closed) },
      closed,
    ),
    Type.Object(
      {
        ...Id,
        max_writers: Type.Object(
          {
            to: Selection,
            modbus_class: Access,
            count: Type.Integer({ minimum: 0, maximum: 1000, errorMessage: 'must be a number of writers' }),
          },
          closed,
        ),
      },
      closed,
    ),
  ],
  {
    errorMessage: 'must have an id and one of never, only, path or max_writers',
    examples: ['{id: I-1, never: {from: enterprise, to: process}}'],
  },
);

export const WaiverSchema = Type.Object(
  {
    code: Type.String({
      pattern: '^[A-Z]-\\d{3}$',
      errorMessage: 'must be the code of a finding',
      examples: ['V-410'],
    }),
    on: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}(/[A-Za-z0-9][A-Za-z0-9._-]{0,31})?$',
      errorMessage: 'must be the name of what the finding is about',
      examples: ['pumpco', 'C-04/F-01'],
    }),
    reason: Prose,
    owner: Label,
    until: CalendarDate,
  },
  closed,
);
