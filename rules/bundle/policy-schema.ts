import Type, { type Static } from 'typebox';
import { Tolerances, ValueTypes } from '../modbus/profile.ts';
import { PolicyFormat } from '../policy.ts';
import { type Reason, Reasons } from '../reason.ts';
import {
  Device,
  DeviceOrNone,
  FlowId,
  integer,
  list,
  Mac,
  Millis,
  Name,
  NameOrNone,
  Octet,
  oneOf,
  PrefixText,
  Protocol,
  Release,
  SecurityLevel,
  Strict,
  TargetId,
  Text,
  Uint32,
  Word,
} from './schema-words.ts';
import { PolicyTestRule } from './test-schema.ts';

/**
 * The ranges of every field of a compiled policy. A signature says who wrote it, not that it makes sense:
 * a number out of range must stop the bundle, never become a wider permission.
 */
const SourceRef = Type.Object(
  { file: Text, line: Uint32, column: Uint32, owner: Text, ticket: Text, sr: list(Text) },
  Strict,
);
const Endpoint = Type.Object({ asset: NameOrNone, zone: Name, prefixes: list(PrefixText, 1) }, Strict);
const PortRange = Type.Object({ first: integer(1, 65_535), last: integer(1, 65_535) }, Strict);
const AddressRange = Type.Object({ first: Word, last: Word }, Strict);

const Schedule = Type.Object(
  { days: list(integer(1, 7), 1), from: integer(0, 1439), to: integer(1, 1440), timeZone: Text },
  Strict,
);
const Gate = Type.Object(
  { opensAt: Millis, closesAt: Millis, schedule: Type.Optional(Schedule), session: Type.Boolean() },
  Strict,
);

const FlowLimits = Type.Object(
  {
    packetsPerSecond: Uint32,
    newPerSecond: Uint32,
    newPerSecondPerSource: Uint32,
    connectionsPerSource: Uint32,
  },
  Strict,
);

const FlowRule = Type.Object(
  {
    number: integer(1, 0xff_ffff),
    id: FlowId,
    conduit: Name,
    sources: list(Endpoint, 1),
    destinations: list(Endpoint, 1),
    protocol: Protocol,
    ports: list(PortRange),
    profile: NameOrNone,
    oneWay: Type.Boolean(),
    essential: Type.Boolean(),
    gate: Type.Optional(Gate),
    auditUntil: Millis,
    auditMalformed: Type.Boolean(),
    limits: Type.Optional(FlowLimits),
    source: SourceRef,
  },
  Strict,
);

/** MODBUS over Serial Line V1.02: units 1 to 247 are devices; the rates real ports have. */
const SerialLine = Type.Object(
  {
    port: Name,
    baud: integer(300, 1_000_000),
    parity: oneOf('none', 'even', 'odd'),
    stopBits: oneOf(1, 2),
    timeout: integer(1, 60_000),
    units: list(Type.Object({ unit: integer(1, 247), timeout: integer(1, 60_000) }, Strict)),
  },
  Strict,
);
const ModbusDevice = Type.Object(
  {
    kind: oneOf('direct', 'serial-gateway'),
    framing: oneOf('mbap', 'rtu'),
    line: Type.Optional(SerialLine),
  },
  Strict,
);

const ValueRule = Type.Object(
  {
    type: oneOf(...ValueTypes),
    words: oneOf('big', 'little'),
    bytes: oneOf('big', 'little'),
    bits: Type.Optional(Type.Object({ first: integer(0, 31), last: integer(0, 31) }, Strict)),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    allowed: list(Type.Number()),
  },
  Strict,
);
const Distance = Type.Optional(Type.Number({ minimum: 0 }));
const StepRule = Type.Object({ max: Distance, maxPerMinute: Distance, noOlderThan: Uint32 }, Strict);
const Interlock = Type.Object(
  {
    functionCode: integer(1, 4),
    unit: Octet,
    address: Word,
    is: Word,
    noOlderThan: integer(1, 4_294_967_295),
  },
  Strict,
);
const FileNumber = integer(1, 65_535);
const RecordNumber = integer(0, 9999);
const FileRange = Type.Object(
  { firstFile: FileNumber, lastFile: FileNumber, firstRecord: RecordNumber, lastRecord: RecordNumber },
  Strict,
);
const RefusalRule = Type.Object(
  {
    action: oneOf('exception', 'drop', 'exception-close', 'reset'),
    exceptionCodes: list(
      Type.Object({ reason: oneOf(...(Object.keys(Reasons) as Reason[])), code: integer(1, 11) }, Strict),
    ),
  },
  Strict,
);
const ModbusPermission = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}/[1-9][0-9]{0,5}$' }),
    name: Text,
    line: Uint32,
    functions: list(integer(1, 127), 1),
    subFunctions: list(Word),
    mei: list(Octet),
    units: list(Octet, 1),
    addresses: list(AddressRange),
    readAddresses: list(AddressRange),
    files: list(FileRange),
    maxQuantity: integer(0, 2000),
    maxBytes: integer(0, 4096),
    values: list(ValueRule),
    step: Type.Optional(StepRule),
    minInterval: Uint32,
    writesPerMinute: Uint32,
    interlocks: list(Interlock),
    unknown: oneOf('refuse', 'allow'),
    refusal: Type.Optional(RefusalRule),
  },
  Strict,
);
const ModbusLimits = Type.Object(
  {
    aduPerSecond: Uint32,
    outstanding: integer(1, 512),
    outstandingPerUnit: integer(0, 512),
    requestTimeout: integer(50, 3_600_000),
    connectionsPerSource: Uint32,
    exceptionsPerMinute: Uint32,
    readAddressesPerMinute: Uint32,
    readWordsPerMinute: Uint32,
  },
  Strict,
);
const ModbusProfile = Type.Object(
  {
    name: Name,
    permissions: list(ModbusPermission),
    aliases: list(Type.Object({ coil: Word, register: Word, bit: integer(0, 15), name: Text }, Strict)),
    limits: ModbusLimits,
    refusal: RefusalRule,
  },
  Strict,
);

const VendorRule = Type.Object(
  {
    id: Name,
    company: Text,
    people: list(Type.Object({ id: Text, mfa: Type.Boolean() }, Strict), 1),
    entry: Endpoint,
    opens: list(FlowId),
    targets: list(Type.Object({ ...FlowRule.properties, id: TargetId }, Strict)),
    approval: Type.Object({ role: Text, second: Text }, Strict),
    limits: Type.Object({ maxDuration: Millis, idle: Millis, concurrent: Uint32 }, Strict),
    record: list(oneOf('bytes', 'modbus')),
    source: SourceRef,
  },
  Strict,
);

export const PolicySchema = Type.Object(
  {
    format: Type.Literal(PolicyFormat),
    minGateway: Release,
    site: Name,
    gateway: Name,
    version: integer(1, Number.MAX_SAFE_INTEGER),
    notBefore: Millis,
    notAfter: Millis,
    compiler: Text,
    modelDigest: Type.Unsafe<Uint8Array>({}),
    zones: list(Type.Object({ name: Name, kind: Name, slT: SecurityLevel }, Strict)),
    interfaces: list(
      Type.Object(
        {
          device: Device,
          zone: Name,
          address: Type.Union([PrefixText, Type.Literal('')]),
          sources: list(PrefixText),
          vlan: integer(0, 4094),
          lowerDevice: DeviceOrNone,
          attach: oneOf('routed', 'inline'),
        },
        Strict,
      ),
    ),
    assets: list(
      Type.Object(
        { name: Name, zone: Name, addresses: list(PrefixText), mac: Mac, modbus: ModbusDevice },
        Strict,
      ),
    ),
    conduits: list(
      Type.Object(
        {
          id: Name,
          name: Text,
          from: Name,
          to: Name,
          slT: SecurityLevel,
          oneWay: Type.Boolean(),
          tolerances: list(oneOf(...Tolerances)),
          undeclaredUntil: Millis,
          source: SourceRef,
        },
        Strict,
      ),
    ),
    flows: list(FlowRule),
    profiles: list(ModbusProfile),
    services: list(
      Type.Object(
        { name: Name, sources: list(Endpoint, 1), protocol: Protocol, ports: list(PortRange) },
        Strict,
      ),
    ),
    egress: list(
      Type.Object(
        { name: Name, destinations: list(Endpoint, 1), protocol: Protocol, ports: list(PortRange) },
        Strict,
      ),
    ),
    modes: list(
      Type.Object(
        {
          name: Name,
          keep: list(FlowId),
          keepsAll: Type.Boolean(),
          recover: list(FlowId),
          profiles: list(Type.Object({ flow: FlowId, profile: Name }, Strict)),
        },
        Strict,
      ),
    ),
    vendors: list(VendorRule),
    tests: list(PolicyTestRule),
    nft: Type.String(),
  },
  Strict,
);

/** A policy as read from bytes: optional fields may be missing instead of `undefined`. */
export type PolicyFields = Static<typeof PolicySchema>;
