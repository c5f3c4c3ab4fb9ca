import { Type } from 'typebox';
import { ConsequenceGrades } from './characteristics.ts';
import {
  CalendarDate,
  CalendarPeriod,
  Duration,
  Label,
  Mac,
  Name,
  NamePattern,
  OnePlusAddresses,
  OnePlusNames,
  Prefix,
  Prose,
} from './schema-words.ts';

const closed = { additionalProperties: false };

export const MetadataSchema = Type.Object(
  {
    site: Name,
    suc: Type.Optional(Prose),
    owner: Label,
    approved_by: Type.Optional(
      Type.Object({ name: Label, date: CalendarDate, ref: Type.Optional(Label) }, closed),
    ),
    risk_assessment: Type.Optional(
      Type.Object(
        {
          ref: Label,
          method: Type.Optional(Label),
          tolerable: Type.Optional(Label),
          date: Type.Optional(CalendarDate),
        },
        closed,
      ),
    ),
    reviewed: Type.Optional(CalendarDate),
    review_every: Type.Optional(CalendarPeriod),
    business_cycle: Type.Optional(CalendarPeriod),
    regulations: Type.Optional(Type.Array(Label)),
    policy_version: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      errorMessage: 'must be a whole number above 0 that rises with every release',
      examples: [42],
    }),
  },
  closed,
);

const Level = Type.Integer({
  minimum: 0,
  maximum: 4,
  errorMessage: 'must be a security level from 0 to 4',
  examples: [2],
});

const Vector = Type.Object(
  {
    IAC: Type.Optional(Level),
    UC: Type.Optional(Level),
    SI: Type.Optional(Level),
    DC: Type.Optional(Level),
    RDF: Type.Optional(Level),
    TRE: Type.Optional(Level),
    RA: Type.Optional(Level),
  },
  { ...closed, description: 'Level per foundational requirement.' },
);

/** SL-T of a zone or conduit: a level nobody argued for does not survive an audit. */
export const TargetLevelSchema = Type.Object(
  {
    level: Level,
    vector: Type.Optional(Vector),
    rationale: Prose,
    ref: Type.Optional(Label),
    reviewed_by: Type.Optional(Type.Object({ security: Label, process: Label }, closed)),
  },
  closed,
);

/** Texts of 62443-3-2 ZCR 6.4 that nothing can be derived for. */
export const CharacteristicsSchema = Type.Object(
  {
    physical_boundary: Type.Optional(Prose),
    physical_access: Type.Optional(Prose),
    requirements: Type.Optional(Prose),
    policies: Type.Optional(Prose),
    assumptions: Type.Optional(Prose),
  },
  { ...closed, description: 'ZCR 6.4 d, g, l, m and n.' },
);

const Grade = Type.Enum([...ConsequenceGrades]);
const ConsequencesSchema = Type.Object(
  {
    safety: Type.Optional(Grade),
    environmental: Type.Optional(Grade),
    financial: Type.Optional(Grade),
    reputational: Type.Optional(Grade),
  },
  { ...closed, description: 'What the worst case costs.' },
);

const PatchDeferral = Type.Object(
  { reason: Prose, approver: Label, since: CalendarDate, review: CalendarDate },
  { ...closed, description: 'Why a patch is not applied, and when somebody looks again.' },
);

const ModbusDevice = Type.Object(
  {
    device: Type.Optional(
      Type.Enum(['direct', 'serial-gateway'], {
        description: 'serial-gateway: its units are devices behind it, and unit 0 is all of them.',
      }),
    ),
    framing: Type.Optional(
      Type.Enum(['mbap', 'rtu'], { description: 'rtu: Modbus RTU frames over TCP, one at a time.' }),
    ),
  },
  closed,
);

/** As on the board; the box's own configuration says which tty that is. */
const SerialPort = Type.String({
  pattern: NamePattern,
  errorMessage: 'must be the name of a port of the box',
  examples: ['rs485-1'],
});

const SerialLine = Type.Object(
  {
    port: SerialPort,
    baud: Type.Optional(Type.Enum([1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200])),
    parity: Type.Optional(Type.Enum(['none', 'even', 'odd'])),
    stop_bits: Type.Optional(Type.Enum([1, 2])),
    timeout: Type.Optional(Duration),
    units: Type.Optional(
      Type.Record(Type.String({ pattern: '^[0-9]{1,3}$' }), Duration, {
        ...closed,
        description: 'Units that have longer or shorter to answer.',
        examples: ['{7: PT3S}'],
      }),
    ),
  },
  { ...closed, description: "A Modbus RTU line of the box itself; the asset's ip exists on the box alone." },
);

const Asset = Type.Object(
  {
    ip: Type.Optional(OnePlusAddresses),
    mac: Type.Optional(Mac),
    type: Type.Optional(Name),
    criticality: Type.Enum(['low', 'medium', 'high', 'critical']),
    firmware: Type.Optional(Label),
    patchable: Type.Optional(Type.Boolean()),
    compensating: Type.Optional(Prose),
    transient: Type.Optional(Type.Boolean()),
    wireless: Type.Optional(Type.Boolean()),
    also_in: Type.Optional(OnePlusNames),
    sl_needed: Type.Optional(Level),
    deferral: Type.Optional(PatchDeferral),
    decommissioned: Type.Optional(CalendarDate),
    sif: Type.Optional(Type.Boolean()),
    modbus: Type.Optional(ModbusDevice),
    serial: Type.Optional(SerialLine),
    sl_c: Type.Optional(
      Type.Object({ level: Level, vector: Type.Optional(Vector), ref: Type.Optional(Label) }, closed),
    ),
  },
  closed,
);

export const ZoneSchema = Type.Object(
  {
    name: Type.Optional(Label),
    kind: Type.Enum(['enterprise', 'dmz', 'control', 'safety', 'external']),
    networks: Type.Optional(
      Type.Array(Prefix, {
        minItems: 1,
        description: 'Without networks a zone is exactly its assets.',
      }),
    ),
    sl_t: TargetLevelSchema,
    owner: Type.Optional(Label),
    boundary: Type.Optional(Prose),
    wireless: Type.Optional(Type.Boolean({ description: 'Its devices are reached by radio.' })),
    transient: Type.Optional(Type.Boolean({ description: 'Its devices are connected for a while only.' })),
    consequences: Type.Optional(ConsequencesSchema),
    characteristics: Type.Optional(CharacteristicsSchema),
    assets: Type.Optional(Type.Record(Name, Asset, closed)),
  },
  closed,
);

/** A declared way without IP; nothing is compiled from it. */
export const NonIpPathSchema = Type.Object(
  {
    kind: Type.Enum(['usb', 'wireless', 'laptop', 'serial', 'other']),
    from: Type.Optional(Name),
    to: Name,
    purpose: Prose,
    owner: Type.Optional(Label),
    controls: Type.Optional(Prose),
  },
  closed,
);
