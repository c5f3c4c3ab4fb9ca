import type { FlowLimits } from '../../rules/policy.ts';
import { scheduleText } from '../../rules/schedule-text.ts';
import type { Audit, Conduit, Flow, ZoneModel } from '../model/zone-model.ts';
import type { Fact } from './facts.ts';
import { factOf } from './facts-zones.ts';
import { levelText, quoted, setText, timeText } from './words.ts';

/** Conduits and flows, as far as it is not who may send what to whom. */
export function conduitFacts({ conduits, flows, essentialFlows }: ZoneModel): readonly Fact[] {
  const essential = setText(essentialFlows.map(({ flow }) => flow.id));
  const [first] = essentialFlows;
  return [
    ...conduits.flatMap(factsOfConduit),
    ...flows.flatMap(factsOfFlow),
    ...(first === undefined
      ? []
      : [
          {
            ...factOf('essential flows', first.at)('conduits and flows', 'named', essential),
            effect: 'guard',
          } as const,
        ]),
  ];
}

function factsOfConduit(conduit: Conduit): readonly Fact[] {
  const { id, name, from, to, slT, oneWay, purpose, owner, temporary, schedule, tolerances, audit, at } =
    conduit;
  const fact = factOf(id, at);
  return [
    fact('conduits and flows', '', `${quoted(name)} from ${from.id} to ${to.id}`),
    fact('conduits and flows', 'from', from.id),
    fact('conduits and flows', 'to', to.id),
    fact('conduits and flows', 'purpose', quoted(purpose)),
    fact('conduits and flows', 'how it is watched', quoted(conduit.monitoring)),
    { ...fact('conduits and flows', 'one way', oneWay ? 'yes' : ''), effect: 'guard' },
    { ...fact('limits', 'tolerated', setText(tolerances)), effect: 'leave', at: conduit.tolerancesAt },
    { ...fact('levels', 'SL-T', levelText(slT)), effect: 'guard', at: slT.at },
    fact('people', 'owner', owner),
    {
      ...fact('schedules and ends', 'hours', schedule === undefined ? '' : scheduleText(schedule)),
      effect: 'guard',
    },
    { ...fact('schedules and ends', 'end', timeText(temporary?.expires)), effect: 'guard' },
    fact('schedules and ends', 'approved by', temporary?.approver ?? ''),
    ...(audit?.undeclared === true ? [{ ...auditFact(id, audit), what: 'undeclared traffic' }] : []),
  ];
}

function factsOfFlow(flow: Flow): readonly Fact[] {
  const { id, at, owner, ticket, requiresSession, audit, limits, essential } = flow;
  const fact = factOf(id, at);
  return [
    { ...fact('limits', 'limits', limitsText(limits)), effect: 'guard' },
    {
      ...fact('schedules and ends', 'opens', requiresSession ? 'with a granted session only' : ''),
      effect: 'guard',
    },
    ...(audit === undefined ? [] : [auditFact(id, audit)]),
    fact('people', 'owner', owner),
    fact('people', 'ticket', ticket),
    { ...fact('conduits and flows', 'essential', essential ? 'yes' : ''), effect: 'guard' },
  ];
}

function auditFact(about: string, audit: Audit): Fact {
  const malformed = audit.malformed ? ', malformed messages included' : '';
  const value = `passes and is only reported until ${timeText(audit.until)}${malformed}`;
  return { kind: 'audit stages', about, what: 'what is refused', value, effect: 'leave', at: audit.at };
}

function limitsText(limits: FlowLimits | undefined): string {
  if (limits === undefined) return '';
  const { packetsPerSecond, newPerSecond, newPerSecondPerSource, connectionsPerSource } = limits;
  return [
    packetsPerSecond === 0 ? '' : `${packetsPerSecond} packets a second`,
    newPerSecond === 0 ? '' : `${newPerSecond} new connections a second`,
    newPerSecondPerSource === 0 ? '' : `${newPerSecondPerSource} new connections a second from one source`,
    connectionsPerSource === 0 ? '' : `${connectionsPerSource} connections from one source`,
  ]
    .filter((text) => text !== '')
    .join(', ');
}
