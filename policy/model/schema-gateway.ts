import { Type } from 'typebox';
import {
  AddressOnNetwork,
  Device,
  Name,
  OnePlusNames,
  OnePlusPrefixes,
  Ports,
  ProtocolName,
} from './schema-words.ts';

const closed = { additionalProperties: false };

const attach = Type.Enum(['routed', 'inline'], {
  description: 'inline: the assets keep their addresses; reached by proxy-ARP and host routes.',
});

/** What hosts use as their router: whichever box of a pair carries has it. */
const SharedAddress = Type.String({
  pattern: '^[0-9]{1,3}([.][0-9]{1,3}){3}$',
  errorMessage: 'must be the IPv4 address that both boxes of a pair share on this wire',
  examples: ['10.20.0.1'],
});

const InterfaceSchema = Type.Union(
  [
    Type.Object(
      {
        zone: Name,
        address: Type.Optional(AddressOnNetwork),
        shared: Type.Optional(SharedAddress),
        attach: Type.Optional(attach),
      },
      closed,
    ),
    Type.Object(
      {
        vlan: Type.Integer({
          minimum: 1,
          maximum: 4094,
          errorMessage: 'must be a VLAN from 1 to 4094',
          examples: [20],
        }),
        on: Device,
        zone: Name,
        address: Type.Optional(AddressOnNetwork),
        shared: Type.Optional(SharedAddress),
        attach: Type.Optional(attach),
      },
      closed,
    ),
    Type.Object(
      {
        source: OnePlusPrefixes,
        on: Device,
        zone: Name,
        address: Type.Optional(AddressOnNetwork),
        shared: Type.Optional(SharedAddress),
        attach: Type.Optional(attach),
      },
      closed,
    ),
  ],
  {
    errorMessage: 'must be a whole device, a VLAN, or a source range on a shared wire',
    examples: [
      '{zone: process, address: 10.30.0.1/24}',
      '{vlan: 20, on: eth1, zone: process, address: 10.30.0.1/24}',
      '{source: 10.30.0.0/24, on: eth1, zone: process, address: 10.30.0.1/24}',
    ],
  },
);

const Service = Type.Object(
  {
    from: OnePlusNames,
    proto: Type.Optional(ProtocolName),
    port: Type.Optional(Ports),
    ports: Type.Optional(Ports),
  },
  closed,
);

const Egress = Type.Object(
  {
    to: OnePlusNames,
    proto: Type.Optional(ProtocolName),
    port: Type.Optional(Ports),
    ports: Type.Optional(Ports),
  },
  closed,
);

const Pair = Type.Object(
  { with: Name, link: Device, address: AddressOnNetwork },
  {
    ...closed,
    description: 'The other box, and the cable between the two for the states of connections.',
    examples: ['{with: gw-b, link: eth4, address: 192.0.2.1/30}'],
  },
);

/** A box: its legs, who may reach it, where it may go, and the other box of a pair. */
export const GatewaySchema = Type.Object(
  {
    interfaces: Type.Record(Device, InterfaceSchema, closed),
    pair: Type.Optional(Pair),
    services: Type.Optional(Type.Record(Name, Service, closed)),
    egress: Type.Optional(Type.Record(Name, Egress, closed)),
    default: Type.Optional(Type.Enum(['drop'])),
    deny_action: Type.Optional(
      Type.Object(
        {
          tcp: Type.Optional(Type.Enum(['reset', 'drop'])),
          udp: Type.Optional(Type.Enum(['drop', 'reject'])),
        },
        closed,
      ),
    ),
    fail: Type.Optional(Type.Enum(['close'])),
  },
  closed,
);
