import { functionCode } from '../../rules/modbus/message/function-code.ts';
import type { Asset } from '../model/zone-model.ts';
import { permissionText } from './permissions.ts';
import type { Proposal } from './propose.ts';
import type { SeenEnds, SeenRequests } from './sightings.ts';

/** `hmi-1 → plc-dosing tcp 502`, with addresses where no asset has them. */
export function wayText(ends: SeenEnds, assets: ReadonlyMap<string, Asset>): string {
  const { client, server, protocol, port } = ends;
  const name = (address: string): string => assets.get(address)?.name ?? address;
  return `${name(client)} → ${name(server)} ${protocol}${port === 0 ? '' : ` ${port}`}`;
}

/** `hmi-1 → plc-dosing FC 6 Write Single Register 140, unit 1`. */
export function requestsText(seen: SeenRequests, client: string, server: Asset | undefined): string {
  const { functionCode: code, subFunction, span, unit } = seen;
  const name = functionCode(code)?.name;
  const places =
    span === undefined ? '' : span.first === span.last ? ` ${span.first}` : ` ${span.first}-${span.last}`;
  const what = `FC ${code}${subFunction < 0 ? '' : `/${subFunction}`}${name === undefined ? '' : ` ${name}`}${places}`;
  return `${client} → ${server?.name ?? seen.server} ${what}, unit ${unit}`;
}

/** A proposal in one line: `hmi-1 → plc-dosing tcp 502, FC 3 at 0-9` or `scada-setpoints: FC 6 at 140, unit 1`. */
export function proposalText(proposal: Proposal): string {
  if (proposal.kind === 'permission')
    return `${proposal.profile.name}: ${permissionText(proposal.permission)}`;
  const { client, server, protocol, port, profile } = proposal;
  const way = `${client.name} → ${server.name} ${protocol}${port === 0 ? '' : ` ${port}`}`;
  return profile === undefined ? way : `${way}, ${profile.permissions.map(permissionText).join(' ')}`;
}
