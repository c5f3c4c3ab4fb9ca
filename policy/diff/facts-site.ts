import type { BoxInterface } from '../../rules/policy.ts';
import type { Gateway, ZoneModel } from '../model/zone-model.ts';
import type { Fact } from './facts.ts';
import { factOf } from './facts-zones.ts';
import { quoted, setText, timeText } from './words.ts';

/** The site as a whole, and its boxes. The policy's version rises with every release and says nothing. */
export function siteFacts({ metadata, gateways, bundle }: ZoneModel): readonly Fact[] {
  const { site, systemUnderConsideration, owner, approvedBy, riskAssessment, reviewed, regulations, at } =
    metadata;
  const fact = factOf('the site', at);
  const { months, days } = bundle.validFor;
  const approval =
    approvedBy === undefined ? '' : `${approvedBy.name}, ${timeText(approvedBy.date)} ${approvedBy.ref}`;
  return [
    fact('site', 'name', site),
    fact('site', 'system under consideration', quoted(systemUnderConsideration)),
    fact('site', 'approved by', approval.trim()),
    fact('site', 'risk assessment', riskAssessment?.ref ?? ''),
    fact('site', 'last review', timeText(reviewed)),
    fact('site', 'regulations', setText(regulations)),
    { ...factOf('bundles', bundle.at)('site', 'good for', `${months} months ${days} days`), effect: 'guard' },
    fact('people', 'owner', owner),
    ...gateways.flatMap(factsOfGateway),
  ];
}

function factsOfGateway({ name, interfaces, denyAction, pair, at }: Gateway): readonly Fact[] {
  const fact = factOf(`gateway ${name}`, at);
  return [
    fact('gateways', '', `${interfaces.length} interfaces`),
    fact('gateways', 'refuses', `TCP by ${denyAction.tcp}, UDP by ${denyAction.udp}`),
    fact(
      'gateways',
      'pair',
      pair === undefined ? '' : `with ${pair.with}, link ${pair.link} ${pair.address}`,
    ),
    ...interfaces.map((leg): Fact => {
      const shared = leg.shared === '' ? '' : `, shared ${leg.shared}`;
      const text = `${legText({ ...leg, zone: leg.zone.id })}${shared}`;
      return { ...fact('gateways', `interface ${leg.name}`, text), at: leg.at };
    }),
  ];
}

/** One leg of a box. */
export function legText(leg: BoxInterface): string {
  const { device, zone, address, sources, vlan, lowerDevice, attach } = leg;
  const parts = [
    `device ${device}`,
    `zone ${zone}`,
    address,
    sources.length === 0 ? '' : `only ${setText(sources)}`,
    vlan === 0 ? '' : `VLAN ${vlan} on ${lowerDevice}`,
    attach === 'inline' ? 'inline' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
