import type { Flow } from '../../model/zone-model.ts';
import { counted } from '../words.ts';
import type { SupportTable } from './support.ts';
import type { ZoneView } from './zone-view.ts';

/** What a gateway does at the boundary of a zone: segmentation, deny by default, inspection, load. */
export const boundarySupport: SupportTable = {
  '2.1': ({ flowsIn }) => ({
    by:
      flowsIn.length === 0
        ? ['no flow is permitted into the zone']
        : [
            `${counted(flowsIn.length, 'flow')} into the zone, each between named ends and on named ports`,
            ...listed(inspected(flowsIn), (ids) => `permitted to the function, address and value: ${ids}`),
          ],
    open: ['what the zone’s own devices let their users do'],
  }),
  '3.1': ({ flowsIn, flowsOut }) => ({
    by: listed(
      inspected([...flowsIn, ...flowsOut]),
      (ids) => `every ADU is parsed and sent on as it was understood: ${ids}`,
    ),
    open: ['Modbus itself has no cryptography'],
  }),
  '3.4': ({ live, gateways }) => ({
    by:
      gateways.length === 0
        ? []
        : ['a gateway loads only a bundle that a trusted key has signed, and none older than the last'],
    live: live('policy'),
    open: ['software of the zone’s own devices'],
  }),
  '3.5': ({ flowsIn, live }) => {
    const looked = inspected(flowsIn);
    const blind = flowsIn.filter((flow) => flow.profile === undefined && flow.protocol !== 'icmp-echo');
    return {
      by: listed(looked, (ids) => `requests are checked for form, function, address and value: ${ids}`),
      live: looked.length === 0 ? [] : live('inspection'),
      open: [
        ...listed(blind, (ids) => `not looked into: ${ids}`),
        ...listed(
          flowsIn.filter(({ audit }) => audit !== undefined),
          (ids) => `on trial, so reported only: ${ids}`,
        ),
        'input that reaches devices another way',
      ],
    };
  },
  '3.7': ({ flowsIn, flowsOut }) => ({
    by: listed(
      inspected([...flowsIn, ...flowsOut]),
      (ids) => `a refused request is answered by a Modbus exception and nothing more: ${ids}`,
    ),
    open: ['errors of the zone’s own devices'],
  }),
  '3.8': ({ flowsIn, flowsOut }) => ({
    by: listed(
      inspected([...flowsIn, ...flowsOut]),
      (ids) => `each response is matched to the request it answers: ${ids}`,
    ),
    open: ['sessions of other protocols'],
  }),
  '5.1': ({ zone, gateways, bypasses, live }) => {
    if (gateways.length === 0) return {};
    const legs = gateways.flatMap(({ name, interfaces }) =>
      interfaces.filter((leg) => leg.zone === zone).map((leg) => ({ name, leg })),
    );
    return {
      by: legs.map(({ name, leg }) => `${name} ${leg.name}: ${legKind(leg)}`),
      live: live('deny-by-default'),
      open: bypasses,
      carries: true,
    };
  },
  '5.2': ({ model, zone, gateways, bypasses, live }) => {
    if (gateways.length === 0) return { open: bypasses };
    const islands = model.modes.filter(({ name, keepsAll }) => name !== 'normal' && !keepsAll);
    return {
      by: [
        `every packet that crosses the boundary of ${zone.id} goes through a gateway that drops what no flow permits`,
        ...(islands.length === 0
          ? []
          : [`modes that cut what they do not keep: ${islands.map(({ name }) => name).join(', ')}`]),
        'the kernel table that drops stands before the network comes up and stays when the gateway dies',
      ],
      covers: islands.length === 0 ? [1, 3] : [1, 2, 3],
      live: [...live('policy'), ...live('deny-by-default')],
      open: bypasses,
      carries: true,
    };
  },
  '5.3': ({ gateways, flowsIn, bypasses, live }) => {
    if (gateways.length === 0) return {};
    const chatty = flowsIn.filter(carriesMessages);
    return {
      by:
        chatty.length === 0
          ? ['no flow into the zone is on a port of mail, chat or telephony; all else is dropped']
          : [],
      live: live('deny-by-default'),
      open: [...listed(chatty, (ids) => `may carry messages of people: ${ids}`), ...bypasses],
      carries: true,
    };
  },
  '7.1': ({ flowsIn }) => ({
    by: listed(
      flowsIn.filter(
        ({ limits, profile }) => limits !== undefined || (profile?.limits.aduPerSecond ?? 0) > 0,
      ),
      (ids) => `rates are limited: ${ids}`,
    ),
    covers: [1],
    open: listed(
      flowsIn.filter(
        ({ limits, profile }) => limits === undefined && (profile?.limits.aduPerSecond ?? 0) === 0,
      ),
      (ids) => `no rate is stated: ${ids}`,
    ).concat('load inside the zone'),
  }),
  '7.2': ({ flowsIn }) => ({
    by: listed(
      flowsIn.filter(
        ({ limits, profile }) => profile !== undefined || (limits?.connectionsPerSource ?? 0) > 0,
      ),
      (ids) => `outstanding requests or connections are bounded: ${ids}`,
    ),
    open: ['resources of the zone’s own devices'],
  }),
  '7.7': ({ flowsIn, zone }) => ({
    by:
      flowsIn.length === 0
        ? ['no flow is permitted into the zone']
        : [`only ${counted(portsOf(flowsIn), 'port')} of ${zone.id} can be reached from elsewhere`],
    open: ['services of the zone’s own devices inside the zone'],
  }),
};

function legKind({ sources, vlan, attach }: ZoneView['gateways'][number]['interfaces'][number]): string {
  const kind =
    vlan > 0 ? `VLAN ${vlan}` : sources.length > 0 ? 'a source range on a shared wire' : 'a wire of its own';
  return attach === 'inline' ? `${kind}, inline` : kind;
}

function inspected(flows: readonly Flow[]): readonly Flow[] {
  return flows.filter(({ profile }) => profile !== undefined);
}

function listed(flows: readonly Flow[], sentence: (ids: string) => string): readonly string[] {
  return flows.length === 0 ? [] : [sentence(flows.map(({ id }) => id).join(', '))];
}

function carriesMessages({ ports }: Flow): boolean {
  return ports.some(({ first, last }) => MessagePorts.some((port) => first <= port && port <= last));
}

/** How many ports all flows together name; ICMP echo has none. */
function portsOf(flows: readonly Flow[]): number {
  const keys = flows.flatMap(({ protocol, ports }) =>
    ports.flatMap(({ first, last }) =>
      last - first > 1000
        ? [`${protocol} ${first}-${last}`]
        : range(first, last).map((port) => `${protocol} ${port}`),
    ),
  );
  return new Set(keys).size;
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Mail, SIP, XMPP, IRC: 62443-3-3 SR 5.3. */
const MessagePorts = [25, 110, 143, 465, 587, 993, 995, 1863, 5060, 5061, 5222, 5223, 5269, 6667, 6697];
