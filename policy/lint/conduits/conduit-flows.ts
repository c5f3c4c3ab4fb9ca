import type { Check } from '../check.ts';
import { nameOf, prefixesOf, zoneOf } from '../endpoint.ts';

export const conduitWithoutFlow: Check = {
  code: 'C-210',
  severity: 'error',
  clause: '62443-3-2 ZCR 6.4 h',
  title: 'Every conduit has a flow.',
  run: ({ conduits, flows }) => {
    const used = new Set(flows.map(({ conduit }) => conduit));
    return conduits
      .filter((conduit) => !used.has(conduit))
      .map(({ id, at }) => ({
        at,
        about: id,
        message: `The conduit ${id} has no flow, so nothing passes on it.`,
        hint: 'Add its flows, or remove the conduit.',
      }));
  },
};

export const flowWithoutTicket: Check = {
  code: 'C-210',
  severity: 'warning',
  clause: '62443-2-1 change management',
  title: 'Every flow has a ticket and its conduit a purpose.',
  run: ({ flows }) =>
    flows
      .filter(({ ticket, conduit }) => ticket === '' || conduit.purpose === '')
      .map(({ id, ticket, at }) => ({
        at,
        about: id,
        message: `${id} has no ${ticket === '' ? 'ticket' : 'purpose'}: nobody will know later why it is open.`,
        hint: ticket === '' ? 'Add `ticket:` to the flow or its conduit.' : 'Add `purpose:` to the conduit.',
      })),
};

/** A flow between other zones than its conduit's would be filed, proved and reported in the wrong place. */
export const endpointOutsideConduit: Check = {
  code: 'C-225',
  severity: 'error',
  clause: '62443-3-3 SR 5.2 RE1',
  title: "A flow's endpoints lie in its conduit's zones.",
  run: ({ flows }) =>
    flows.flatMap(({ id, conduit, sources, destinations }) =>
      [
        { ends: sources, zone: conduit.from, word: 'source' },
        { ends: destinations, zone: conduit.to, word: 'destination' },
      ].flatMap(({ ends, zone, word }) =>
        ends
          .filter((end) => zoneOf(end) !== zone)
          .map((end) => ({
            at: end.at,
            about: id,
            message: `The ${word} ${nameOf(end)} of ${id} is in zone ${zoneOf(end).id}, but the conduit's is ${zone.id}.`,
            hint: 'Move the flow to a conduit between those zones.',
          })),
      ),
    ),
};

/** Traffic inside a zone does not cross the box. */
export const conduitWithinZone: Check = {
  code: 'C-226',
  severity: 'error',
  clause: '62443-1-1 conduit',
  title: 'A conduit joins two zones.',
  run: ({ conduits }) =>
    conduits
      .filter(({ from, to }) => from === to)
      .map(({ id, from, at }) => ({
        at,
        about: id,
        message: `The conduit ${id} leads from zone ${from.id} to itself.`,
        hint: 'Divide the zone if this traffic is to be enforced, or remove the conduit.',
      })),
};

/** An endpoint without an address would be a rule that matches nothing. */
export const endpointWithoutAddress: Check = {
  code: 'C-227',
  severity: 'error',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'Every endpoint of a flow has an address.',
  run: ({ flows }) =>
    flows.flatMap(({ id, sources, destinations }) =>
      [...sources, ...destinations]
        .filter((end) => prefixesOf(end).length === 0)
        .map((end) => ({
          at: end.at,
          about: id,
          message: `${nameOf(end)} in ${id} has no address, so the flow could match nothing.`,
          hint: 'Give the asset its `ip:`, or the zone its `networks:`.',
        })),
    ),
};
