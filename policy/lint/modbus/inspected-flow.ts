import type { Flow } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';
import { nameOf, prefixesOf } from '../endpoint.ts';

const ModbusPort = 502;

/** Plain Modbus TCP has no authentication: without a profile every client may do everything. */
export const modbusWithoutProfile: Check = {
  code: 'M-301',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'Port 502 into a zone of SL-T 2 or above is inspected.',
  run: ({ flows }) =>
    flows
      .filter((flow) => flow.profile === undefined && flow.conduit.to.slT.level >= 2 && carriesModbus(flow))
      .map(({ id, conduit, at }) => ({
        at,
        about: id,
        message: `${id} opens port 502 into ${conduit.to.id}, SL-T ${conduit.to.slT.level}, without a Modbus profile.`,
        hint: 'Add `modbus:` with the profile of what may be said.',
      })),
};

/** The inspector reads TCP streams. */
export const profileWithoutTcp: Check = {
  code: 'M-314',
  severity: 'error',
  clause: 'MODBUS Messaging on TCP/IP V1.0b',
  title: 'Modbus profiles stand on TCP flows.',
  run: ({ flows }) =>
    flows
      .filter(({ profile, protocol }) => profile !== undefined && protocol !== 'tcp')
      .map(({ id, protocol, at }) => ({
        at,
        about: id,
        message: `${id} has a Modbus profile but is ${protocol}; only TCP is inspected.`,
        hint: 'Make it `proto: tcp`, or remove `modbus:`.',
      })),
};

/** An uninspected way in would be a way around the profile, so it is an error and not a fallback. */
export const inspectedIpv6: Check = {
  code: 'M-316',
  severity: 'error',
  clause: 'this release inspects IPv4',
  title: 'Inspected flows have IPv4 endpoints.',
  run: ({ flows }) =>
    flows
      .filter(({ profile }) => profile !== undefined)
      .flatMap(({ id, sources, destinations }) =>
        [...sources, ...destinations]
          .filter((end) => prefixesOf(end).some((prefix) => prefix.includes(':')))
          .map((end) => ({
            at: end.at,
            about: id,
            message: `${nameOf(end)} in the inspected flow ${id} has an IPv6 address, which is not inspected yet.`,
            hint: 'Give the inspected endpoint its IPv4 address only.',
          })),
      ),
};

function carriesModbus({ protocol, ports }: Flow): boolean {
  return protocol === 'tcp' && ports.some(({ first, last }) => first <= ModbusPort && ModbusPort <= last);
}
