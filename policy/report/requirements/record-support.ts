import type { Egress } from '../../model/zone-model.ts';
import { counted, endsText } from '../words.ts';
import type { SupportTable } from './support.ts';

/** What gateways record and report about the traffic of a zone. */
export const recordSupport: SupportTable = {
  '2.8': ({ gateways, live }) => {
    const sinks = gateways.flatMap(({ egress }) => egress.filter(isLogging));
    return {
      by:
        gateways.length === 0
          ? []
          : [
              'the gateway records every refusal, inspected connection and administrative act',
              ...sinks.map(({ to }) => `and may send records to ${endsText(to)}`),
            ],
      live: live('evidence'),
      open: ['events the zone’s own devices record'],
    };
  },
  '2.9': ({ gateways, live }) => ({
    by: gateways.length === 0 ? [] : ['the gateway’s records have a bounded place of their own'],
    live: live('evidence'),
    open: ['room for records on the zone’s own devices'],
  }),
  '2.10': ({ gateways, live }) => ({
    by:
      gateways.length === 0
        ? []
        : ['a gateway that cannot write its records raises an alarm and stops no essential flow'],
    live: live('evidence'),
    open: ['the zone’s own devices'],
  }),
  '2.11': ({ gateways, live }) => {
    const sources = gateways.flatMap(({ egress }) =>
      egress.filter(({ ports }) => ports.some(({ first, last }) => first <= 123 && 123 <= last)),
    );
    return {
      by:
        gateways.length === 0
          ? []
          : [
              'every record of the gateway carries the time',
              ...sources.map(({ to }) => `the gateway may ask ${endsText(to)} for the time`),
            ],
      covers: sources.length > 0 ? [1] : [],
      live: live('clock'),
      open: ['clocks of the zone’s own devices'],
    };
  },
  '6.1': ({ gateways }) => ({
    by:
      gateways.length === 0
        ? []
        : ['the gateway’s records can be read, as text and as JSON, and not changed by readers'],
    covers: [1],
    open: ['records of the zone’s own devices'],
  }),
  '6.2': ({ gateways, conduits, live, facts: { observations } }) => {
    const watched = conduits.filter(({ monitoring }) => monitoring !== '');
    const seen = observations.filter(({ gateway }) => gateways.some(({ name }) => name === gateway));
    return {
      by:
        gateways.length === 0
          ? []
          : [
              'the gateway counts what passes and what is refused on each flow, and raises alarms',
              ...seen.map(({ gateway, flows }) => `${gateway} has counted ${counted(flows.length, 'flow')}`),
              ...watched.map(({ id, monitoring }) => `${id}: ${monitoring}`),
            ],
      live: live('alarms'),
      open: ['what happens inside the zone'],
    };
  },
  '7.6': ({ gateways, live }) => ({
    by:
      gateways.length === 0
        ? []
        : ['the gateway reports its settings in a form programs read, and this report is one'],
    covers: [1],
    live: live('policy'),
    open: ['settings of the zone’s own devices'],
  }),
};

function isLogging({ name, ports }: Egress): boolean {
  return (
    /log/i.test(name) ||
    ports.some(({ first, last }) => [514, 6514].some((port) => first <= port && port <= last))
  );
}
