import type { Asset, Gateway, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';

/** A line has one client that asks; two queues for it would collide on the wire. */
export const sharedPort: Check = {
  code: 'M-323',
  severity: 'error',
  clause: 'MODBUS over Serial Line V1.02 §2.1',
  title: 'Every serial port of a box is one asset.',
  run: (model) =>
    model.gateways.flatMap((gateway) => {
      const owners = new Map<string, Asset>();
      return linesAt(model, gateway).flatMap((asset): readonly Problem[] => {
        const { line } = asset.modbus;
        if (line === undefined) return [];
        const owner = owners.get(line.port);
        if (owner === undefined) owners.set(line.port, asset);
        if (owner === undefined) return [];
        return [
          {
            at: line.at,
            about: asset.name,
            message: `${asset.name} is the serial port ${line.port} of ${gateway.name}, which ${owner.name} is too (line ${owner.at.line}).`,
            hint: 'Make the units of one line one asset.',
          },
        ];
      });
    }),
};

/** The port is on the box, so it must be plain which box that is. */
export const lineOfNoBox: Check = {
  code: 'M-323',
  severity: 'error',
  clause: '62443-3-3 SR 5.2',
  title: 'Every serial line belongs to one box and has an address there.',
  run: (model) =>
    model.assets.flatMap(({ name, zone, addresses, modbus: { line } }) => {
      if (line === undefined) return [];
      const boxes = model.gateways
        .filter((gateway) => hasLeg(gateway, zone.id))
        .map((gateway) => gateway.name);
      const problems: Problem[] = [];
      if (boxes.length !== 1)
        problems.push({
          at: line.at,
          about: name,
          message: `${name} is a serial line of a box, but ${boxes.length === 0 ? `no box has a leg in ${zone.id}` : `${boxes.join(' and ')} have legs in ${zone.id}`}.`,
          hint: 'Put the line in a zone that one box has a leg in.',
        });
      if (addresses.length === 0)
        problems.push({
          at: line.at,
          about: name,
          message: `${name} has no address, so no client could name this serial line.`,
          hint: 'Give it an `ip:` that nothing on the wire has.',
        });
      return problems;
    }),
};

/** Only the inspector has the line: the kernel has nowhere to send a packet for it. */
export const lineNotInspected: Check = {
  code: 'M-323',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'A serial line is a server, reached by inspected flows.',
  run: ({ flows }) =>
    flows.flatMap(({ id, profile, sources, destinations }) => [
      ...destinations.flatMap((end) =>
        profile === undefined && end.kind === 'asset' && end.asset.modbus.line !== undefined
          ? [
              {
                at: end.at,
                about: id,
                message: `${id} leads to the serial line ${end.asset.name} without a Modbus profile; nothing else can reach it.`,
                hint: 'Add `modbus:` with what may be said, or take it out.',
              },
            ]
          : [],
      ),
      ...sources.flatMap((end) =>
        end.kind === 'asset' && end.asset.modbus.line !== undefined
          ? [
              {
                at: end.at,
                about: id,
                message: `${id} comes from the serial line ${end.asset.name}, which opens no connections.`,
                hint: 'Take it out.',
              },
            ]
          : [],
      ),
    ]),
};

function linesAt({ assets }: ZoneModel, gateway: Gateway): readonly Asset[] {
  return assets.filter(({ zone, modbus }) => modbus.line !== undefined && hasLeg(gateway, zone.id));
}

function hasLeg({ interfaces }: Gateway, zone: string): boolean {
  return interfaces.some((leg) => leg.zone.id === zone);
}
