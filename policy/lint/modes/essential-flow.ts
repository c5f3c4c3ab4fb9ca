import type { Flow, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';

/** Security measures must not break an essential function (62443-3-3 §4.2). */
export const essentialFlowCut: Check = {
  code: 'E-501',
  severity: 'error',
  clause: '62443-3-3 §4.2',
  title: 'Nothing but a new policy ends an essential flow.',
  run: (model) =>
    model.essentialFlows.flatMap(({ flow, at }) => {
      const found = causes(model, flow);
      if (found.length === 0) return [];
      return [
        {
          at,
          about: flow.id,
          message: `The essential flow ${flow.id} can be cut: ${found.join(', ')}.`,
          hint: 'Remove what cuts it, or take the flow out of `essential_flows`.',
        },
      ];
    }),
};

function causes({ modes }: ZoneModel, flow: Flow): readonly string[] {
  const { temporary, schedule } = flow.conduit;
  return [
    ...(temporary === undefined ? [] : ['its conduit is temporary']),
    ...(schedule === undefined ? [] : ['its conduit keeps hours']),
    ...(flow.requiresSession ? ['it opens only with a session'] : []),
    ...(flow.audit === undefined ? [] : ['its audit stage ends']),
    ...modes
      .filter(({ keepsAll, keep }) => !keepsAll && !keep.includes(flow))
      .map(({ name }) => `mode ${name} does not keep it`),
  ];
}
