import { shadowedFlows } from '../../prove/shadow.ts';
import type { Check } from '../check.ts';
import { joinFew } from '../endpoint.ts';
import { duplicatesOf } from './duplicate-flows.ts';

/** Whoever takes it away believes that a door is shut which the others hold open. */
export const shadowedFlow: Check = {
  code: 'C-222',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'No flow permits only what others permit together.',
  run: (model, { now }) => {
    const duplicates = duplicatesOf(model);
    return shadowedFlows(model, now)
      .filter(({ flow }) => !duplicates.has(flow))
      .map(({ flow: { id, at }, by }) => ({
        at,
        about: id,
        message: `${id} permits nothing that ${joinFew(by.map((other) => other.id))} ${by.length > 1 ? 'do' : 'does'} not permit already.`,
        hint: 'Remove it, or narrow what makes it needless.',
      }));
  },
};
