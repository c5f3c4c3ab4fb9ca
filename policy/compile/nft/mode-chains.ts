import { NormalMode } from '../../../rules/admission/mode.ts';
import { GatedSets } from '../../../rules/nft/gates.ts';
import { InspectedKey } from '../../../rules/nft/inspected.ts';
import {
  inspectedAmong,
  type ModeMap,
  ModeMaps,
  modeChain,
  modeElements,
  PassingChains,
  ReopenedSets,
} from '../../../rules/nft/modes.ts';
import type { Chain, NftSet, Rule, VerdictMap } from '../../../rules/nft/ruleset.ts';
import {
  count,
  drop,
  goTo,
  inSet,
  is,
  jump,
  leave,
  rule,
  setMark,
  vmap,
} from '../../../rules/nft/statements.ts';
import type { FlowRule } from '../../../rules/policy.ts';
import { AnswerIn, AnswerOut, RequestIn, RequestOut } from './keys.ts';
import { chain, type Part, rangeSet } from './part.ts';
import type { Plan } from './plan.ts';
import { refused } from './refuse.ts';

/** What every mode keeps, as the sets of one mode are. */
export const AlwaysSets: KeptSets = {
  flows: 'always',
  inspected: 'always_inspected',
  answering: 'always_answering',
};

/** Mark of diverted packets that the mode cuts; they are refused where they would be forwarded. */
export const CutMark = 0x200;

/**
 * The chains and sets of every mode that cuts something, all in the table at any time: a switch of the mode
 * moves one element. A mode brings in one number for each flow it keeps, and the packets of the inspected ones.
 */
export function modeRules(plan: Plan): Part {
  const { maps } = plan.modes;
  if (maps.length === 0) return { sets: [], maps: [], chains: [] };
  const cutting = [...plan.modes.modes].flatMap(([name, kept]) => (kept === 'all' ? [] : [{ name, kept }]));
  const [cuts, diverts] = [maps.includes('flows'), maps.includes('divert')];
  return {
    sets: [
      ...(cuts
        ? [
            ...keptSets(plan, AlwaysSets, plan.modes.always),
            ...cutting.flatMap(({ name, kept }) => keptSets(plan, setsOf(name), kept)),
            { name: ReopenedSets.flows, type: ['mark'] as const, flags: [], counted: false, elements: [] },
          ]
        : []),
      ...(diverts
        ? [
            rangeSet(ReopenedSets.inspected, InspectedKey, []),
            rangeSet(ReopenedSets.answering, InspectedKey, []),
          ]
        : []),
    ],
    maps: maps.map((map) => modeMap(plan, map)),
    chains: [
      ...(cuts ? cutting.map(({ name }) => flowsChain(name)) : []),
      ...(maps.includes('vendors') ? cutting.map(({ name }) => vendorsChain(name)) : []),
      ...(diverts
        ? [
            chain(CutChain, ...refused('mode-cut', '', 'refuse')),
            ...cutting.flatMap(({ name }) => [divertChain(plan, name), legsChain(name)]),
          ]
        : []),
    ],
  };
}

/** Begins a chain of diverted packets: on to the mode in force, or, should none be found, to what all keep. */
export function byModeDiverted(plan: Plan): readonly Rule[] {
  return [
    rule(vmap(['nfproto'], ModeMaps.divert)),
    rule(inSet(RequestIn, AlwaysSets.inspected), goTo(PassingChains.divert)),
    rule(inSet(AnswerIn, AlwaysSets.answering), goTo(PassingChains.divert)),
    ...markCut(plan),
  ];
}

/** The same for what the inspectors send. */
export function byModeSent(mark: number): readonly Rule[] {
  const theirs = is('mark', mark);
  return [
    rule(theirs, vmap(['nfproto'], ModeMaps.legs)),
    rule(theirs, inSet(AnswerOut, AlwaysSets.inspected), jump(PassingChains.legs)),
    rule(theirs, inSet(RequestOut, AlwaysSets.answering), jump(PassingChains.legs)),
  ];
}

/** Refuses diverted packets of a flow that the mode cuts, and so ends its open connections. */
export const CutChain = 'mode_cut';

/** Names of the sets of what one mode keeps. */
interface KeptSets {
  readonly flows: string;
  readonly inspected: string;
  readonly answering: string;
}

function setsOf(mode: string): KeptSets {
  return {
    flows: `keeps/${mode}`,
    inspected: `keeps_inspected/${mode}`,
    answering: `keeps_answering/${mode}`,
  };
}

function keptSets(plan: Plan, names: KeptSets, kept: Iterable<FlowRule>): readonly NftSet[] {
  const numbers = [...kept].map(({ number, id }) => ({ key: [number], comment: id }));
  const flows: NftSet = { name: names.flows, type: ['mark'], flags: [], counted: false, elements: numbers };
  if (!plan.modes.maps.includes('divert')) return [flows];
  const { inspected, answering } = inspectedAmong(kept, plan.policy);
  return [
    flows,
    rangeSet(names.inspected, InspectedKey, inspected),
    rangeSet(names.answering, InspectedKey, answering),
  ];
}

/** The bundle brings `normal`; the engine puts another in force in the same transaction. */
function modeMap(plan: Plan, map: ModeMap): VerdictMap {
  const elements = modeElements(plan.modes, map, NormalMode);
  return { name: ModeMaps[map], type: ['nf_proto'], flags: [], counted: false, elements };
}

function flowsChain(mode: string): Chain {
  const pass = goTo(PassingChains.flows);
  return chain(
    modeChain('flows', mode),
    rule(inSet(['mark'], setsOf(mode).flows), pass),
    rule(inSet(['mark'], ReopenedSets.flows), pass),
    ...refused('mode-cut', mode, 'refuse'),
  );
}

function divertChain(plan: Plan, mode: string): Chain {
  const pass = goTo(PassingChains.divert);
  const { inspected, answering } = setsOf(mode);
  return chain(
    modeChain('divert', mode),
    rule(inSet(RequestIn, inspected), pass),
    rule(inSet(AnswerIn, answering), pass),
    rule(inSet(RequestIn, ReopenedSets.inspected), pass),
    rule(inSet(AnswerIn, ReopenedSets.answering), pass),
    ...markCut(plan),
  );
}

/** An inspector may still end a connection that is cut, so that both its sides learn of it. */
function legsChain(mode: string): Chain {
  const pass = goTo(PassingChains.legs);
  const { inspected, answering } = setsOf(mode);
  return chain(
    modeChain('legs', mode),
    rule(inSet(AnswerOut, inspected), pass),
    rule(inSet(RequestOut, answering), pass),
    rule(inSet(AnswerOut, ReopenedSets.inspected), pass),
    rule(inSet(RequestOut, ReopenedSets.answering), pass),
    rule(is('tcp flags', 'rst'), leave),
    rule(count('mode-cut'), drop),
  );
}

/** Whoever is let in from outside is not in while the plant is cut off. */
function vendorsChain(mode: string): Chain {
  return chain(modeChain('vendors', mode), ...refused('mode-cut', mode, 'silence'));
}

function markCut({ hasGatedInspected }: Plan): readonly Rule[] {
  const sets = [
    { inspected: 'inspected', answering: 'answering' },
    ...(hasGatedInspected ? [GatedSets] : []),
  ];
  return sets.flatMap(({ inspected, answering }) => [
    rule(inSet(RequestIn, inspected), setMark(CutMark)),
    rule(inSet(AnswerIn, answering), setMark(CutMark)),
  ]);
}
