import { Type } from 'typebox';
import { PermissionSchema, Refusal } from './schema-permission.ts';
import { Count, Duration, Label, Name, RegisterAddress } from './schema-words.ts';

const closed = { additionalProperties: false };

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
    adu_per_second: Type.Optional(Count(100_000, 'requests per second', 50)),
    outstanding: Type.Optional(Count(512, 'requests', 4)),
    outstanding_per_unit: Type.Optional(Count(512, 'requests', 1)),
    request_timeout: Type.Optional(Duration),
    connections_per_source: Type.Optional(Count(10_000, 'connections', 4)),
    exceptions_per_minute: Type.Optional(Count(100_000, 'exceptions per minute', 60)),
    read_addresses_per_minute: Type.Optional(Count(16_777_216, 'addresses per minute', 500)),
    read_words_per_minute: Type.Optional(Count(1_000_000_000, 'registers per minute', 10_000)),
  },
  closed,
);

/** What may be said on an inspected flow; allow-only. */
export const ProfileSchema = Type.Object(
  {
    extends: Type.Optional(Name),
    allow: Type.Array(PermissionSchema, { errorMessage: 'must be a list of permissions' }),
    alias: Type.Optional(Type.Array(Alias)),
    limits: Type.Optional(Limits),
    on_refuse: Type.Optional(Refusal),
  },
  closed,
);
