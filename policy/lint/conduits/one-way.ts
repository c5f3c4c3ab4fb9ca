import type { Check } from '../check.ts';

/** TCP and echo need replies, which a one-way conduit drops without asking conntrack. */
export const oneWayNeedsUdp: Check = {
  code: 'C-208',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'One-way conduits carry UDP only.',
  run: ({ flows }) =>
    flows
      .filter(({ conduit, protocol }) => conduit.oneWay && protocol !== 'udp')
      .map(({ id, protocol, at }) => ({
        at,
        about: id,
        message: `${id} is ${protocol} on a one-way conduit, where no reply can pass.`,
        hint: 'Use UDP, or remove `one_way` from the conduit.',
      })),
};
