import type { Check } from '../check.ts';

/** A conduit is as strong as what it leads into needs. */
export const conduitBelowZones: Check = {
  code: 'C-205',
  severity: 'warning',
  clause: '62443-3-2 ZCR 5.6',
  title: 'A conduit below the target of its zones refers to who decided that.',
  run: ({ conduits }) =>
    conduits
      .filter(({ from, to, slT }) => slT.level < Math.max(from.slT.level, to.slT.level) && slT.ref === '')
      .map(({ id, from, to, slT }) => ({
        at: slT.at,
        about: id,
        message: `${id} has SL-T ${slT.level}, below the ${Math.max(from.slT.level, to.slT.level)} of ${from.slT.level > to.slT.level ? from.id : to.id}, and refers to no decision.`,
        hint: 'Raise it to the higher of both zones, or add `ref:` to the assessment that lowers it.',
      })),
};

/** What nobody watches nobody misses. */
export const conduitNotMonitored: Check = {
  code: 'C-212',
  severity: 'warning',
  clause: '62443-3-3 SR 6.2',
  title: 'Every conduit of SL-T 2 or above says how it is watched.',
  run: ({ conduits }) =>
    conduits
      .filter(({ slT, monitoring }) => slT.level >= 2 && monitoring === '')
      .map(({ id, slT, at }) => ({
        at,
        about: id,
        message: `Nothing says how ${id}, SL-T ${slT.level}, is watched.`,
        hint: 'Add `monitoring:` with who looks at what, such as the refusals the box reports.',
      })),
};

/** One sender can use up what all the others need. */
export const flowWithoutLimit: Check = {
  code: 'C-224',
  severity: 'warning',
  clause: '62443-3-3 SR 7.1 RE1',
  title: 'Plain flows into SL-T 2 or above have a limit.',
  run: ({ flows }) =>
    flows
      .filter(
        ({ conduit, profile, limits }) =>
          profile === undefined && limits === undefined && conduit.to.slT.level >= 2,
      )
      .map(({ id, conduit, at }) => ({
        at,
        about: id,
        message: `${id} may send into ${conduit.to.id}, SL-T ${conduit.to.slT.level}, as much as it likes.`,
        hint: 'Add `limits:` to the flow or its conduit, such as `{new_per_second: 10}`.',
      })),
};

/** Whoever lets everything pass for a while learns from it, and so does an attacker. */
export const undeclaredIntoHigh: Check = {
  code: 'C-231',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'What no flow declares does not pass into SL-T 3 or above.',
  run: ({ conduits }, { now }) =>
    conduits.flatMap(({ id, to, audit }) =>
      audit?.undeclared !== true || audit.until <= now || to.slT.level < 3
        ? []
        : [
            {
              at: audit.at,
              about: id,
              message: `${id} lets everything pass into ${to.id}, SL-T ${to.slT.level}, for as long as it stands in audit.`,
              hint: 'Remove `undeclared: pass`, and learn from a capture instead.',
            },
          ],
    ),
};
