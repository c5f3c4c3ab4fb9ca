import { Type } from 'typebox';
import { ValueTypes } from '../../rules/modbus/profile.ts';
import { Presets } from './presets.ts';
import { Days } from './schedule.ts';

/**
 * The small words of the zone model: names, texts, numbers, ranges, times. `errorMessage` completes the
 * sentence "<key> …" and is what both the reader and an editor show; `examples` become the hint.
 */

/** Names reach nftables and file names: one safe alphabet, no spaces, nothing that could be an option. */
export const NamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$';
const ShortNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$';
const DevicePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$';
const InstantPattern = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2})$';
const PortText = '^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$';
const AddressText = '^[0-9]{1,5}(-[0-9]{1,5})?$';

export const Name = Type.String({
  pattern: NamePattern,
  errorMessage: 'must be a name of letters, digits, dot, underscore and hyphen, at most 63 long',
  examples: ['plc-dosing'],
});

/** Ids of conduits and flows stand together as `C-05/F-01` in kernel comments, so they are shorter. */
export const ShortName = Type.String({
  pattern: ShortNamePattern,
  errorMessage: 'must be an id of letters, digits, dot, underscore and hyphen, at most 32 long',
  examples: ['C-05'],
});

export const Device = Type.String({
  pattern: DevicePattern,
  errorMessage: 'must be a network device name of at most 15 letters, digits, dots, underscores or hyphens',
  examples: ['eth1'],
});

/** What a terminal obeys, and what shows a line in another order than it is read in (CVE-2021-42574). */
const Unseen = '\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069';

/** One line for people. */
export const Label = Type.String({
  pattern: `^[^\\u0000-\\u001f${Unseen}]{1,200}$`,
  errorMessage: 'must be one line of text, at most 200 characters',
});

/** A sentence or a few; may be folded over several lines. */
export const Prose = Type.String({
  pattern: `^[^\\u0000-\\u0009\\u000b-\\u001f${Unseen}]{1,2000}$`,
  errorMessage: 'must be text, at most 2000 characters',
});

export const OnePlusNames = Type.Union([Name, Type.Array(Name, { minItems: 1 })], {
  errorMessage: 'must be a name or a list of names',
  examples: ['scada-1', '[plc-intake, plc-dosing]'],
});

export const Prefix = Type.String({
  pattern: '^[0-9a-fA-F.:]{2,45}(/[0-9]{1,3})?$',
  errorMessage: 'must be a network with prefix length',
  examples: ['10.20.0.0/24'],
});

export const OnePlusPrefixes = Type.Union([Prefix, Type.Array(Prefix, { minItems: 1 })], {
  errorMessage: 'must be a network with prefix length, or a list of these',
  examples: ['10.20.0.0/24'],
});

export const Address = Type.String({
  pattern: '^[0-9a-fA-F.:]{2,45}$',
  errorMessage: 'must be an IP address',
  examples: ['10.20.0.10'],
});

export const OnePlusAddresses = Type.Union([Address, Type.Array(Address, { minItems: 1 })], {
  errorMessage: 'must be an IP address or a list of these',
  examples: ['10.20.0.10'],
});

export const AddressOnNetwork = Type.String({
  pattern: '^[0-9a-fA-F.:]{2,45}/[0-9]{1,3}$',
  errorMessage: "must be the box's own address with prefix length",
  examples: ['10.20.0.1/24'],
});

export const Mac = Type.String({
  pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  errorMessage: 'must be a MAC address of six hexadecimal pairs',
  examples: ['"02:00:5e:10:20:10"'],
});

const OnePort = { minimum: 1, maximum: 65535 };
const PortRange = Type.Union([Type.Integer(OnePort), Type.String({ pattern: PortText })], {
  errorMessage: 'must be a port from 1 to 65535 or a range of ports',
  examples: [502, '8000-8010'],
});

export const Ports = Type.Union(
  [Type.Integer(OnePort), Type.String({ pattern: PortText }), Type.Array(PortRange, { minItems: 1 })],
  {
    errorMessage: 'must be a port from 1 to 65535, a range of ports, or a list of these',
    examples: [502, '8000-8010', '[8443, 2222]'],
  },
);

const OneAddress = { minimum: 0, maximum: 65535 };
export const RegisterAddress = Type.Integer({
  ...OneAddress,
  errorMessage: 'must be a Modbus address as on the wire, 0 to 65535',
  examples: [140],
});

const RegisterRange = Type.Union([Type.Integer(OneAddress), Type.String({ pattern: AddressText })], {
  errorMessage: 'must be a Modbus address from 0 to 65535 or a range of these',
  examples: [140, '100-119'],
});

export const RegisterRanges = Type.Union(
  [
    Type.Integer(OneAddress),
    Type.String({ pattern: AddressText }),
    Type.Array(RegisterRange, { minItems: 1 }),
  ],
  {
    errorMessage: 'must be a Modbus address from 0 to 65535, a range, or a list of these',
    examples: [140, '100-119', '[0-9, 20]'],
  },
);

export const Unit = Type.Integer({
  minimum: 0,
  maximum: 255,
  errorMessage: 'must be a unit identifier from 0 to 255',
  examples: [1],
});

const UnitText = '^[0-9]{1,3}(-[0-9]{1,3})?$';
const UnitRange = Type.Union(
  [Type.Integer({ minimum: 0, maximum: 255 }), Type.String({ pattern: UnitText })],
  {
    errorMessage: 'must be a unit identifier from 0 to 255 or a range of these',
    examples: [1, '1-8'],
  },
);

export const Units = Type.Union(
  [
    Type.Integer({ minimum: 0, maximum: 255 }),
    Type.String({ pattern: UnitText }),
    Type.Array(UnitRange, { minItems: 1 }),
  ],
  {
    errorMessage: 'must be a unit identifier from 0 to 255, a range, or a list of these',
    examples: ['[1]', '1-8'],
  },
);

export const FunctionCode = Type.Integer({
  minimum: 1,
  maximum: 127,
  errorMessage: 'must be a function code from 1 to 127',
  examples: [3],
});

export const FunctionCodes = Type.Union(
  [
    Type.Integer({ minimum: 1, maximum: 127 }),
    Type.Enum([...Presets]),
    Type.Array(FunctionCode, { minItems: 1 }),
  ],
  {
    errorMessage: `must be a function code from 1 to 127, a list of these, or one of ${Presets.join(', ')}`,
    examples: ['[3, 4]', 'read-only'],
  },
);

const oneOrRanges = (maximum: number, least: number, what: string, examples: string[]) =>
  Type.Union([Type.Integer({ minimum: least, maximum }), Type.String({ pattern: AddressText })], {
    errorMessage: `must be ${what} from ${least} to ${maximum} or a range of these`,
    examples,
  });

const SubFunction = oneOrRanges(65535, 0, 'a sub-function', ['0', '11-18']);
/** Diagnostics sub-functions, or UMAS functions. */
export const SubFunctions = Type.Union(
  [
    Type.Integer({ minimum: 0, maximum: 65535 }),
    Type.String({ pattern: AddressText }),
    Type.Array(SubFunction, { minItems: 1 }),
  ],
  {
    errorMessage: 'must be a sub-function from 0 to 65535, a range, or a list of these',
    examples: ['[0, 2]', '11-18'],
  },
);

export const FileNumbers = oneOrRanges(65535, 1, 'a file', ['4', '1-10']);
export const RecordNumbers = oneOrRanges(9999, 0, 'a record', ['0-99']);
export const BitRange = oneOrRanges(31, 0, 'a bit', ['0', '0-3']);

/** A whole number of something from 1. */
export const Count = (maximum: number, what: string, example: number) =>
  Type.Integer({
    minimum: 1,
    maximum,
    errorMessage: `must be a number of ${what} from 1 to ${maximum}`,
    examples: [example],
  });

export const Value = Type.Number({ errorMessage: 'must be a number' });

export const ValueTypeName = Type.Enum([...ValueTypes]);

/** A length of time that is the same on every day of the year. */
export const Duration = Type.String({
  pattern: '^P(?=.)(\\d{1,4}D)?(T(?=\\d)(\\d{1,5}H)?(\\d{1,6}M)?(\\d{1,8}(\\.\\d{1,3})?S)?)?$',
  errorMessage: 'must be an ISO 8601 duration of days, hours, minutes or seconds',
  examples: ['PT5S', 'PT15M', 'PT4H'],
});

/** A length of time by the calendar. */
export const CalendarPeriod = Type.String({
  pattern: '^P(?=\\d)(\\d{1,3}Y)?(\\d{1,4}M)?(\\d{1,4}W)?(\\d{1,5}D)?$',
  errorMessage: 'must be an ISO 8601 period of years, months, weeks or days',
  examples: ['P1Y', 'P6M', 'P30D'],
});

export const CalendarDate = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  errorMessage: 'must be a date',
  examples: ['2027-03-31'],
});

export const Instant = Type.String({
  pattern: InstantPattern,
  errorMessage: 'must be a date and time with Z or an offset',
  examples: ['2026-11-30T16:00:00Z', '2026-11-30T17:00:00+01:00'],
});

export const DateOrInstant = Type.String({
  pattern: `^\\d{4}-\\d{2}-\\d{2}$|${InstantPattern}`,
  errorMessage: 'must be a date, or a date and time with Z or an offset',
  examples: ['2026-11-16', '2026-11-16T07:00:00Z'],
});

export const DayName = Type.Enum([...Days]);

export const Hours = Type.String({
  pattern: '^\\d{2}:\\d{2}-\\d{2}:\\d{2}$',
  errorMessage: 'must be hours of a day',
  examples: ['"07:00-16:00"'],
});

export const TimeZone = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+){0,2}$',
  errorMessage: 'must be an IANA time zone',
  examples: ['Europe/Stockholm'],
});

export const ProtocolName = Type.Enum(['tcp', 'udp', 'icmp-echo']);
