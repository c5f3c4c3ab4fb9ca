import { Type } from 'typebox';
import { Tolerances } from '../../rules/modbus/profile.ts';
import { CharacteristicsSchema, TargetLevelSchema } from './schema-site.ts';
import {
  CalendarDate,
  Count,
  DateOrInstant,
  DayName,
  Duration,
  Hours,
  Instant,
  Label,
  Name,
  OnePlusNames,
  Ports,
  Prose,
  ProtocolName,
  ShortName,
  TimeZone,
} from './schema-words.ts';

const closed = { additionalProperties: false };

const Stage = Type.Object(
  {
    audit_until: Instant,
    malformed: Type.Optional(
      Type.Enum(['pass'], { description: 'Framed ADUs that break a rule of the protocol pass as well.' }),
    ),
  },
  {
    ...closed,
    description: 'Until then the Modbus profile reports what it would refuse, and lets it pass.',
  },
);

const ConduitStage = Type.Object(
  {
    ...Stage.properties,
    undeclared: Type.Optional(
      Type.Enum(['pass'], {
        description: 'What no flow declares passes too and is reported, where nothing is inspected.',
      }),
    ),
  },
  { ...closed, description: 'Until then its inspected flows report what they would refuse.' },
);

const Limit = (what: string, example: number) => Type.Optional(Count(1_000_000, what, example));
const FlowLimitsSchema = Type.Object(
  {
    packets_per_second: Limit('packets', 500),
    new_per_second: Limit('connections', 10),
    new_per_second_per_source: Limit('connections', 5),
    connections_per_source: Limit('connections', 4),
  },
  { ...closed, description: 'What is above is dropped and counted.' },
);

const Flow = Type.Object(
  {
    src: OnePlusNames,
    dst: OnePlusNames,
    proto: ProtocolName,
    port: Type.Optional(Ports),
    ports: Type.Optional(Ports),
    modbus: Type.Optional(Name),
    requires: Type.Optional(
      Type.Enum(['session'], { description: 'Opens only while a session is granted.' }),
    ),
    stage: Type.Optional(Stage),
    limits: Type.Optional(FlowLimitsSchema),
    owner: Type.Optional(Label),
    ticket: Type.Optional(Label),
  },
  closed,
);

export const ConduitSchema = Type.Object(
  {
    name: Type.Optional(Label),
    from: Name,
    to: Name,
    sl_t: TargetLevelSchema,
    purpose: Type.Optional(Prose),
    owner: Type.Optional(Label),
    ticket: Type.Optional(Label),
    one_way: Type.Optional(Type.Boolean({ description: 'UDP only; nothing may run against it.' })),
    temporary: Type.Optional(
      Type.Object(
        {
          opened: DateOrInstant,
          expires: Instant,
          approver: Label,
          renewed: Type.Optional(Count(100, 'times', 1)),
        },
        closed,
      ),
    ),
    schedule: Type.Optional(
      Type.Object({ days: Type.Array(DayName, { minItems: 1 }), hours: Hours, tz: TimeZone }, closed),
    ),
    stage: Type.Optional(ConduitStage),
    limits: Type.Optional(FlowLimitsSchema),
    monitoring: Type.Optional(Prose),
    characteristics: Type.Optional(CharacteristicsSchema),
    tolerate: Type.Optional(
      Type.Array(Type.Enum([...Tolerances]), {
        minItems: 1,
        description: 'What the devices behind it do against the specification, and may.',
        examples: ['[late-response]'],
      }),
    ),
    flows: Type.Record(ShortName, Flow, closed),
  },
  closed,
);

/** `C-05`, or one flow of it, `C-05/F-01`. */
export const FlowOrConduit = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}(/[A-Za-z0-9][A-Za-z0-9._-]{0,31})?$',
  errorMessage: 'must be a conduit or one of its flows',
  examples: ['C-05', 'C-05/F-01'],
});

export const FlowId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}/[A-Za-z0-9][A-Za-z0-9._-]{0,31}$',
  errorMessage: 'must be a flow of a conduit',
  examples: ['C-05/F-01'],
});

export const VendorSchema = Type.Object(
  {
    company: Label,
    external: Type.Optional(Type.Boolean()),
    people: Type.Array(
      Type.Object({ id: Label, mfa: Type.Optional(Type.Enum(['required', 'off'])) }, closed),
      { minItems: 1 },
    ),
    entry: Type.Object({ zone: Name, asset: Type.Optional(Name) }, closed),
    opens: Type.Optional(Type.Array(FlowId)),
    targets: Type.Optional(
      Type.Array(
        Type.Object(
          {
            asset: Name,
            port: Type.Integer({
              minimum: 1,
              maximum: 65535,
              errorMessage: 'must be a port from 1 to 65535',
            }),
            modbus: Type.Optional(Name),
          },
          closed,
        ),
      ),
    ),
    approval: Type.Optional(Type.Object({ role: Label, second: Type.Optional(Label) }, closed)),
    limits: Type.Optional(
      Type.Object(
        {
          max_duration: Type.Optional(Duration),
          idle: Type.Optional(Duration),
          concurrent: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 1000, errorMessage: 'must be a number of sessions from 1' }),
          ),
          window: Type.Optional(
            Type.String({
              pattern:
                '^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))? \\d{2}:\\d{2}-\\d{2}:\\d{2}$',
              errorMessage: 'must be days and hours',
              examples: ['"mon-fri 07:00-16:00"'],
            }),
          ),
          tz: Type.Optional(TimeZone),
        },
        closed,
      ),
    ),
    contract_ends: Type.Optional(CalendarDate),
    supplier_duties: Type.Optional(Label),
    record: Type.Optional(Type.Array(Type.Enum(['session', 'bytes', 'modbus']))),
  },
  closed,
);

const KeptMode = Type.Object(
  {
    purpose: Type.Optional(Prose),
    authority: Type.Optional(Label),
    keep: Type.Array(FlowOrConduit, { description: 'What stays open; everything else is cut.' }),
    recover: Type.Optional(
      Type.Array(FlowOrConduit, { description: 'In this order the rest is reopened afterwards.' }),
    ),
    modbus: Type.Optional(
      Type.Record(FlowId, Name, { ...closed, description: 'Profile of a flow while the mode lasts.' }),
    ),
  },
  closed,
);

const NormalMode = Type.Object({}, { ...closed, description: 'Keeps every flow; nothing to say.' });

/** `normal`, and every other mode with what it keeps. */
export const ModesSchema = Type.Record(
  ShortName,
  Type.Union([NormalMode, KeptMode], {
    errorMessage: 'must say what the mode keeps',
    examples: ['{keep: [C-05]}'],
  }),
  closed,
);
