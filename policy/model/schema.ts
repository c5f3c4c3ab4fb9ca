import { type Static, Type } from 'typebox';
import { InvariantSchema, TestSchema, WaiverSchema } from './schema-claims.ts';
import { ConduitSchema, FlowId, ModesSchema, VendorSchema } from './schema-conduits.ts';
import { GatewaySchema } from './schema-gateway.ts';
import { ProfileSchema } from './schema-modbus.ts';
import { MetadataSchema, NonIpPathSchema, ZoneSchema } from './schema-site.ts';
import { CalendarPeriod, Name, ShortName } from './schema-words.ts';

const closed = { additionalProperties: false };

/**
 * The zone model as people write it. This is the one source: the reader checks files against it, its
 * static type is what the reader hands on, and {@link jsonSchema} is what editors complete from.
 */
export const ZoneModelSchema = Type.Object(
  {
    apiVersion: Type.Enum(['penstock/v1']),
    kind: Type.Enum(['ZoneModel']),
    metadata: MetadataSchema,
    gateways: Type.Record(Name, GatewaySchema, closed),
    essential_flows: Type.Optional(
      Type.Array(FlowId, {
        ...closed,
        description: 'Never broken by expiry, staged change, keys or log failure.',
      }),
    ),
    bundle: Type.Optional(Type.Object({ valid_for: CalendarPeriod }, closed)),
    zones: Type.Record(Name, ZoneSchema, closed),
    modbus_profiles: Type.Optional(Type.Record(Name, ProfileSchema, closed)),
    conduits: Type.Record(ShortName, ConduitSchema, closed),
    vendor_access: Type.Optional(Type.Record(Name, VendorSchema, closed)),
    modes: Type.Optional(ModesSchema),
    non_ip_paths: Type.Optional(Type.Record(Name, NonIpPathSchema, closed)),
    tests: Type.Optional(Type.Array(TestSchema)),
    invariants: Type.Optional(Type.Array(InvariantSchema)),
    waivers: Type.Optional(Type.Array(WaiverSchema)),
  },
  closed,
);

/** A zone model file whose shape has been checked; names are still names. */
export type ZoneModelFile = Static<typeof ZoneModelSchema>;

/** The schema as JSON Schema draft-07 text, the newest that yaml-language-server reads. */
export function jsonSchema(): string {
  const head = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Penstock zone model',
    description: 'Zones, assets and conduits of one site, and what may be said between them.',
  };
  return `${JSON.stringify({ ...head, ...ZoneModelSchema }, null, 2)}\n`;
}
