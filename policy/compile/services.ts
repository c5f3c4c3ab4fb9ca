import type { BoxEgress, BoxService } from '../../rules/policy.ts';
import type { Place } from '../finding.ts';
import type { EndpointRef, Gateway, ZoneModel } from '../model/zone-model.ts';
import { serves } from './box.ts';
import { compileEndpoints, zoneOf } from './endpoints.ts';
import type { CompileReport } from './findings.ts';

/** Who may reach the box itself. */
export function compileServices(
  gateway: Gateway,
  assets: ZoneModel['assets'],
  report: CompileReport,
): readonly BoxService[] {
  return gateway.services.map((service) => {
    reportForeignZones(gateway, service.name, service.from, report);
    for (const ref of service.from) {
      const zone = zoneOf(ref);
      const legs = gateway.interfaces.filter((leg) => leg.zone.id === zone.id);
      if (legs.length > 0 && legs.every(({ address }) => address === ''))
        report.add(
          'K-815',
          gateway.name,
          ref.at,
          `${gateway.name} has no address in ${zone.id}, so nothing there can reach ${service.name}.`,
          'Give the interface an address, or take this source out.',
        );
    }
    return {
      name: service.name,
      sources: compileEndpoints(service.from, assets, report),
      protocol: service.protocol,
      ports: service.ports.map(({ first, last }) => ({ first, last })),
    };
  });
}

/** Where the box itself may go. */
export function compileEgress(
  gateway: Gateway,
  assets: ZoneModel['assets'],
  report: CompileReport,
): readonly BoxEgress[] {
  return gateway.egress.map((egress) => {
    reportForeignZones(gateway, egress.name, egress.to, report);
    if (gateway.interfaces.every(({ address }) => address === ''))
      report.add(
        'K-815',
        gateway.name,
        egress.at,
        `${gateway.name} has no address to go out from.`,
        NoAddress,
      );
    return {
      name: egress.name,
      destinations: compileEndpoints(egress.to, assets, report),
      protocol: egress.protocol,
      ports: egress.ports.map(({ first, last }) => ({ first, last })),
    };
  });
}

function reportForeignZones(
  gateway: Gateway,
  name: string,
  ends: readonly (EndpointRef & { readonly at: Place })[],
  report: CompileReport,
): void {
  for (const end of ends) {
    const zone = zoneOf(end);
    if (serves(gateway, zone)) continue;
    const message = `${gateway.name} has no leg in ${zone.id}, so ${name} cannot work there.`;
    report.add(
      'K-816',
      gateway.name,
      end.at,
      message,
      'Give the box an interface in that zone, or take this end out.',
    );
  }
}

const NoAddress = 'Give one of its interfaces an address.';
