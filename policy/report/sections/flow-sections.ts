import { limitTexts } from '../../../rules/modbus/text/permission-text.ts';
import { scheduleText } from '../../../rules/schedule-text.ts';
import type { Profile, ZoneModel } from '../../model/zone-model.ts';
import { type AuthorisedFlow, profileLines } from '../authorised-flows.ts';
import { type Block, cell, heading, list, paragraph, type Section, table } from '../document/block.ts';
import type { Report } from '../report.ts';
import { undeclaredConduits } from '../summary.ts';
import { endsText, serviceText, stated } from '../words.ts';

/** The list of authorised flows, what Modbus may be said on them, and the box's own traffic. */
export function flowsSection(model: ZoneModel, { flows, at }: Report): Section {
  const open = undeclaredConduits(model.conduits, at);
  return {
    id: 'flows',
    title: 'Authorised flows',
    blocks: [
      paragraph(
        'Everything that may pass between zones. What is not listed is dropped. Also as authorised-flows.csv.',
      ),
      ...(open.length === 0
        ? []
        : [
            paragraph(
              `On trial, and so more open than this list: on ${open.join(', ')} what no flow declares passes too, and is reported.`,
              'warning',
            ),
          ]),
      table(
        [
          ['Flow', 1.1],
          ['From', 1.6],
          ['To', 1.6],
          ['Service', 1.1],
          ['What may be said', 1.5],
          ['When and how much', 2.2],
          ['Owner, ticket', 2.4],
          ['Supports SR', 0.9],
          ['Line', 0.6],
        ],
        flows.map(flowRow),
        'The model authorises no flow.',
      ),
      ...profileBlocks(model, flows),
      ...vendorBlocks(model),
      heading('box-traffic', 'The gateways themselves'),
      paragraph('Who may reach a gateway, and where a gateway may go by itself.'),
      table(
        [
          ['Gateway', 1],
          ['Name', 1],
          ['Direction', 0.6],
          ['With', 3],
          ['Service', 1.2],
        ],
        model.gateways.flatMap(({ name, services, egress }) => [
          ...services.map((service) => [
            cell(name, 'strong'),
            cell(service.name),
            cell('in'),
            cell(endsText(service.from)),
            cell(serviceText(service)),
          ]),
          ...egress.map((way) => [
            cell(name, 'strong'),
            cell(way.name),
            cell('out'),
            cell(endsText(way.to)),
            cell(serviceText(way)),
          ]),
        ]),
        'No gateway offers a service or goes anywhere by itself.',
      ),
    ],
  };
}

/** What is no flow of a conduit: devices a vendor's session may reach, ended by the gateway. */
function vendorBlocks({ vendors }: ZoneModel): readonly Block[] {
  const rows = vendors.flatMap(({ id, targets, limits }) =>
    targets.map(({ asset, port, profile }) => [
      cell(id, 'strong'),
      cell(`${asset.zone.id}: ${asset.name}`),
      cell(`tcp ${port}`),
      cell(profile === undefined ? 'anything on this service' : `Modbus as ${profile.name}`),
      cell([
        'only in a session that was granted',
        limits.window === undefined ? '' : scheduleText(limits.window),
      ]),
    ]),
  );
  if (rows.length === 0) return [];
  return [
    heading('vendor-flows', 'What a vendor’s session may reach'),
    table(
      [
        ['Vendor', 1],
        ['Device', 2],
        ['Service', 1],
        ['What may be said', 2],
        ['When', 3],
      ],
      rows,
      '',
    ),
  ];
}

function flowRow(flow: AuthorisedFlow) {
  const {
    id,
    fromZone,
    toZone,
    from,
    to,
    service,
    profile,
    notes,
    when,
    limits,
    owner,
    ticket,
    requirements,
    place,
  } = flow;
  return [
    cell(id, 'strong'),
    cell([`${fromZone}:`, ...from]),
    cell([`${toZone}:`, ...to]),
    cell(service),
    cell(
      profile !== ''
        ? `Modbus as ${profile}`
        : service === 'icmp-echo'
          ? 'echo requests'
          : 'anything on this service',
    ),
    cell([...notes, ...(when.length === 0 ? ['always'] : when), limits.join(', ')]),
    cell([stated(owner), stated(ticket)]),
    cell(
      requirements.length === 0 ? 'not compiled' : requirements.join(', '),
      requirements.length === 0 ? 'faint' : 'plain',
    ),
    cell(place.split(':').at(-1) ?? ''),
  ];
}

/** Each profile once, in words; flows name it. */
function profileBlocks(model: ZoneModel, flows: readonly AuthorisedFlow[]): readonly Block[] {
  const profiles = new Map<string, Profile>();
  for (const { profile } of model.flows) if (profile !== undefined) profiles.set(profile.name, profile);
  for (const { profiles: own } of model.modes)
    for (const { profile } of own) profiles.set(profile.name, profile);
  for (const { targets } of model.vendors)
    for (const { profile } of targets) if (profile !== undefined) profiles.set(profile.name, profile);
  if (profiles.size === 0) return [];
  return [
    heading('modbus', 'What Modbus may be said'),
    paragraph(
      'Permissions of each profile. A request passes when one of them covers all of it. Addresses are 0-based, as on the wire.',
    ),
    ...[...profiles.values()].flatMap((profile) => {
      const users = flows.filter((flow) => flow.profile === profile.name).map(({ id }) => id);
      const used = users.length === 0 ? 'used in a mode or by a vendor' : `used by ${users.join(', ')}`;
      return [
        paragraph(`${profile.name} (${used}): ${limitTexts(profile.limits).join(', ')}`, 'strong'),
        list(profileLines(profile)),
      ];
    }),
  ];
}
