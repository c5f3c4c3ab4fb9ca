import type { SecurityLevel, ZoneModel } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';

/** Level 0 asks for nothing, which is no target where a process is controlled. */
export const noTarget: Check = {
  code: 'Z-110',
  severity: 'error',
  clause: '62443-3-2 ZCR 5.6',
  title: 'Every control and safety zone has a target.',
  run: ({ zones }) =>
    zones
      .filter(({ kind, slT }) => (kind === 'control' || kind === 'safety') && slT.level === 0)
      .map(({ id, kind, slT }) => ({
        at: slT.at,
        about: id,
        message: `Zone ${id} is of kind ${kind} and has SL-T 0, which asks for nothing.`,
        hint: 'Set the level that its risk assessment asks for, 1 to 4.',
      })),
};

/** A level nobody argued for does not survive an audit. */
export const emptyRationale: Check = {
  code: 'Z-111',
  severity: 'error',
  clause: '62443-3-2 ZCR 5.6',
  title: 'Every target level is argued for.',
  run: (model) =>
    targetsOf(model)
      .filter(({ slT }) => isPlaceholder(slT.rationale))
      .map(({ name, slT }) => ({
        at: slT.at,
        about: name,
        message: `The rationale for SL-T ${slT.level} of ${name} is "${slT.rationale}", which argues nothing.`,
        hint: 'Say what would happen, and why this level is enough.',
      })),
};

export const levelWithoutReference: Check = {
  code: 'Z-127',
  severity: 'warning',
  clause: '62443-3-2 ZCR 5.13',
  title: 'A zone of SL-T 3 or above refers to its risk assessment.',
  run: ({ zones }) =>
    zones
      .filter(({ slT }) => slT.level >= 3 && slT.ref === '')
      .map(({ id, slT }) => ({
        at: slT.at,
        about: id,
        message: `SL-T ${slT.level} of ${id} refers to no risk assessment.`,
        hint: 'Add `ref:` to `sl_t`, with the part of the assessment it comes from.',
      })),
};

/** Two people see two halves of the risk: what can be attacked, and what it would do. */
export const levelNotReviewed: Check = {
  code: 'Z-128',
  severity: 'info',
  clause: '62443-3-2 ZCR 5.6',
  title: 'SL-T 3 or above is looked over from security and from the process.',
  run: ({ zones }) =>
    zones
      .filter(
        ({ slT }) => slT.level >= 3 && (slT.reviewedBy.security === '' || slT.reviewedBy.process === ''),
      )
      .map(({ id, slT }) => ({
        at: slT.at,
        about: id,
        message: `Nobody is named who looked over SL-T ${slT.level} of ${id}.`,
        hint: 'Add `reviewed_by: {security: …, process: …}` to `sl_t`.',
      })),
};

export const levelAndVectorDisagree: Check = {
  code: 'Z-115',
  severity: 'info',
  clause: '62443-3-2 ZCR 5.6',
  title: 'A level is the highest of its vector.',
  run: (model) =>
    [...targetsOf(model), ...capabilitiesOf(model)].flatMap(({ name, slT }) => {
      const values = Object.values(slT.vector);
      const highest = Math.max(...values);
      if (values.length === 0 || highest === slT.level) return [];
      return [
        {
          at: slT.at,
          about: name,
          message: `The level of ${name} is ${slT.level}, but the highest in its vector is ${highest}.`,
          hint: 'Correct one of them; the level stands for the highest.',
        },
      ];
    }),
};

export const highestTarget: Check = {
  code: 'Z-117',
  severity: 'info',
  clause: '62443-3-2 ZCR 5.6',
  title: 'SL-T 4 is rare.',
  run: (model) =>
    targetsOf(model)
      .filter(({ slT }) => slT.level === 4)
      .map(({ name, slT }) => ({
        at: slT.at,
        about: name,
        message: `${name} has SL-T 4: attackers with the means of a state, and few components can meet it.`,
        hint: 'Look again whether the assessment asks for it.',
      })),
};

interface Target {
  readonly name: string;
  readonly slT: SecurityLevel;
}

function targetsOf({ zones, conduits }: ZoneModel): readonly Target[] {
  return [...zones, ...conduits].map(({ id, slT }) => ({ name: id, slT }));
}

function capabilitiesOf({ assets }: ZoneModel): readonly Target[] {
  return assets.flatMap(({ name, slC }) => (slC === undefined ? [] : [{ name, slT: slC }]));
}

/** Whether a text only fills its place. */
function isPlaceholder(text: string): boolean {
  return /^\W*(tbd|tbc|todo|to be (done|defined|confirmed)|n\/?a|none|unknown|x+)?\W*$/i.test(text);
}
