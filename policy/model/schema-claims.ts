import { Type } from 'typebox';
import { type Reason, Reasons } from '../../rules/reason.ts';
import { FlowId } from './schema-conduits.ts';
import {
  CalendarDate,
  Count,
  FunctionCode,
  FunctionCodes,
  Instant,
  Label,
  Name,
  Ports,
  Prose,
  ProtocolName,
  RegisterAddress,
  RegisterRanges,
  ShortName,
  Unit,
  Units,
  Value,
} from './schema-words.ts';

const closed = { additionalProperties: false };

const Quantity = Count(2000, 'registers or coils', 2);
const word = (what: string) =>
  Type.Integer({ minimum: 0, maximum: 65535, errorMessage: `must be ${what} from 0 to 65535` });

const TestRequest = Type.Object(
  {
    unit: Unit,
    fc: FunctionCode,
    address: Type.Optional(RegisterAddress),
    quantity: Type.Optional(Quantity),
    value: Type.Optional(
      Type.Union([Value, Type.Array(Value, { minItems: 1 })], {
        errorMessage: 'must be a number, or a list of these',
        examples: ['20', '[1, 0, 1]'],
      }),
    ),
    read_address: Type.Optional(RegisterAddress),
    read_quantity: Type.Optional(Quantity),
    and: Type.Optional(word('a mask')),
    or: Type.Optional(word('a mask')),
    sub: Type.Optional(word('a sub-function')),
    mei: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, errorMessage: 'must be an MEI type' })),
    file: Type.Optional(word('a file')),
    record: Type.Optional(word('a record')),
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
    session: Type.Optional(
      Type.String({
        ...Name,
        description:
          'A vendor of whom a session is granted; from where it comes in, its targets are asked through the box.',
      }),
    ),
    at: Type.Optional(Instant),
    mode: Type.Optional(ShortName),
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

/** Which requests a statement is about; what is not stated is any. */
const RequestSelection = Type.Object(
  {
    class: Type.Optional(Access),
    fc: Type.Optional(FunctionCodes),
    units: Type.Optional(Units),
    address: Type.Optional(RegisterRanges),
    value: Type.Optional(Type.Object({ min: word('a value'), max: word('a value') }, closed)),
  },
  { ...closed, description: 'Modbus requests; an uninspected flow counts as able to carry every one.' },
);
const Traffic = {
  proto: Type.Optional(ProtocolName),
  port: Type.Optional(Ports),
  modbus_class: Type.Optional(Access),
  modbus: Type.Optional(RequestSelection),
};

export const InvariantSchema = Type.Union(
  [
    Type.Object(
      {
        ...Id,
        never: Type.Object({ from: Selection, to: Selection, ...Traffic }, closed),
      },
      closed,
    ),
    Type.Object(
      {
        ...Id,
        only: Type.Object(
          {
            from: Selection,
            to: Selection,
            ...Traffic,
            allow: Type.Array(Type.Union([FlowId, Name], { errorMessage: 'must be a flow or a vendor' })),
          },
          closed,
        ),
      },
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
            ...Traffic,
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
    on: Label,
    reason: Prose,
    owner: Label,
    until: CalendarDate,
  },
  closed,
);
