import { parsePrefix } from '../../rules/address.ts';
import type { Endpoint, FlowLimits, FlowRule, Gate } from '../../rules/policy.ts';
import type { Flow, Gateway, ZoneModel } from '../model/zone-model.ts';
import { servesConduit, sourceOf } from './box.ts';
import { compileEndpoints } from './endpoints.ts';
import type { CompileReport } from './findings.ts';
import { flowNumbers } from './flow-numbers.ts';
import { sideOf } from './pair.ts';

/**
 * The flows this box carries. A permission whose end has passed is left out (lint says so); one that is not
 * always open gets a gate and is opened by the running gateway.
 */
export function compileFlows(
  model: ZoneModel,
  gateway: Gateway,
  now: number,
  report: CompileReport,
): readonly FlowRule[] {
  const numbers = flowNumbers(
    model.flows.map(({ id }) => id),
    sideOf(gateway),
  );
  return model.flows.flatMap((flow) => {
    if (!model.gateways.some((box) => servesConduit(box, flow.conduit))) {
      const { from, to } = flow.conduit;
      const message = `No gateway has legs in both ${from.id} and ${to.id}, so nothing carries ${flow.id}.`;
      report.add(
        'K-811',
        flow.id,
        flow.at,
        message,
        'Give one box an interface in each, or take the flow out.',
      );
      return [];
    }
    const ended = flow.conduit.temporary !== undefined && flow.conduit.temporary.expires <= now;
    if (!servesConduit(gateway, flow.conduit) || ended) return [];
    const rule = compileFlow(model, flow, numbers.get(flow.id) ?? 0, report);
    return rule === undefined ? [] : [rule];
  });
}

function compileFlow(
  model: ZoneModel,
  flow: Flow,
  number: number,
  report: CompileReport,
): FlowRule | undefined {
  const sources = reachable(flow, compileEndpoints(flow.sources, model.assets, report), report);
  const destinations = reachable(flow, compileEndpoints(flow.destinations, model.assets, report), report);
  if (flow.profile !== undefined && flow.destinations.some(({ kind }) => kind === 'zone')) {
    // One inspector must see everything said to a device; a whole zone has no one inspector.
    report.add(
      'K-813',
      flow.id,
      flow.at,
      `${flow.id} is inspected and goes to a whole zone.`,
      'Name its servers as assets.',
    );
  }
  const gate = compileGate(flow);
  if (gate !== undefined && flow.id.length > MaxGatedId) {
    const message = `The id ${flow.id} is longer than ${MaxGatedId} characters, and the flow is not always open.`;
    report.add('K-820', flow.id, flow.at, message, 'Log lines name such flows; shorten it.');
  }
  reportLimits(flow, report);
  if (sources.length === 0 || destinations.length === 0) return undefined;
  return {
    number,
    id: flow.id,
    conduit: flow.conduit.id,
    sources,
    destinations,
    protocol: flow.protocol,
    ports: flow.ports.map(({ first, last }) => ({ first, last })),
    profile: flow.profile?.name ?? '',
    oneWay: flow.conduit.oneWay,
    essential: flow.essential,
    gate,
    auditUntil: flow.audit?.until ?? 0,
    auditMalformed: flow.audit?.malformed ?? false,
    limits: flow.limits,
    source: sourceOf(model, flow.at, flow.owner, flow.ticket, requirementsOf(flow)),
  };
}

/** Inspectors and one-way filters know IPv4 only: an IPv6 address of such a flow is left shut, and said. */
function reachable(flow: Flow, ends: readonly Endpoint[], report: CompileReport): readonly Endpoint[] {
  if (flow.profile === undefined && !flow.conduit.oneWay) return ends;
  return ends.flatMap((end) => {
    const prefixes = end.prefixes.filter((text) => parsePrefix(text)?.family === 4);
    if (prefixes.length < end.prefixes.length) {
      const kind = flow.profile === undefined ? 'one-way' : 'inspected';
      const name = end.asset || end.zone;
      const message = `${flow.id} is ${kind}, which this release does over IPv4 only; ${name} stays shut over IPv6.`;
      report.add('K-812', flow.id, flow.at, message, 'Nothing is needed where IPv4 is enough.');
    }
    return prefixes.length === 0 ? [] : [{ ...end, prefixes }];
  });
}

/** Dropping segments of an inspected connection limits nothing, and a one-way packet begins no connection. */
function reportLimits({ id, at, limits, profile, conduit, protocol }: Flow, report: CompileReport): void {
  if (limits === undefined) return;
  const beyond: (keyof FlowLimits)[] = [];
  if (profile !== undefined) beyond.push('packetsPerSecond', 'connectionsPerSource');
  if (conduit.oneWay) beyond.push('newPerSecond', 'newPerSecondPerSource', 'connectionsPerSource');
  for (const limit of beyond.filter((each) => limits[each] > 0)) {
    const kind = profile === undefined ? 'one-way' : 'inspected';
    const message = `${id} is ${kind}, and the kernel does not hold it to \`${LimitWords[limit]}\`.`;
    const hint =
      profile === undefined ? 'Give it `packets_per_second`.' : 'Give its Modbus profile limits of its own.';
    report.add('K-825', id, at, message, hint);
  }
  // For conntrack a UDP exchange is new until its first answer.
  const opens = limits.newPerSecond + limits.newPerSecondPerSource;
  if (protocol === 'udp' && !conduit.oneWay && opens > 0) {
    const message = `Until one is answered, every datagram of ${id} counts as a new connection.`;
    report.add('K-825', id, at, message, 'Where nothing answers, give it `packets_per_second` instead.');
  }
}

function compileGate(flow: Flow): Gate | undefined {
  const { temporary, schedule } = flow.conduit;
  if (temporary === undefined && schedule === undefined && !flow.requiresSession) return undefined;
  return {
    opensAt: temporary?.opened ?? 0,
    closesAt: temporary?.expires ?? 0,
    schedule: schedule && {
      days: [...schedule.days].sort((one, other) => one - other),
      from: schedule.from,
      to: schedule.to,
      timeZone: schedule.timeZone,
    },
    session: flow.requiresSession,
  };
}

/** 62443-3-3 requirements a flow's rule supports. */
function requirementsOf(flow: Flow): readonly string[] {
  return [
    '5.2 RE1',
    ...(flow.profile === undefined ? [] : ['3.5', '7.7']),
    ...(flow.requiresSession ? ['1.13'] : []),
    ...(flow.conduit.schedule === undefined && flow.conduit.temporary === undefined ? [] : ['2.1']),
  ];
}

const LimitWords: Readonly<Record<keyof FlowLimits, string>> = {
  packetsPerSecond: 'packets_per_second',
  newPerSecond: 'new_per_second',
  newPerSecondPerSource: 'new_per_second_per_source',
  connectionsPerSource: 'connections_per_source',
};

/** Longest id of a gated flow: with its reason it must fit into one log prefix. */
const MaxGatedId = 42;
