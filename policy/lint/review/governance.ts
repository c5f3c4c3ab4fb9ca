import { formatDay } from '../../model/instant.ts';
import { addPeriod } from '../../model/period.ts';
import { mappedItem } from '../../report/regulation-tags.ts';
import type { Check } from '../check.ts';

/** A model nobody looks at drifts from the plant. */
export const reviewOverdue: Check = {
  code: 'R-701',
  severity: 'warning',
  clause: '62443-2-1 review',
  title: 'The model was looked over when it was due.',
  run: ({ metadata }, { now }) => {
    const { reviewed, reviewEvery, site, at } = metadata;
    if (reviewed === undefined || reviewEvery === undefined) return [];
    const due = addPeriod(reviewed, reviewEvery);
    if (due > now) return [];
    const late = now - due > Ninety ? ', and more than 90 days have passed' : '';
    return [
      {
        at,
        about: site,
        message: `The review of ${site} was due ${formatDay(due)}${late}.`,
        hint: 'Look the model over with the people at the plant, and set `reviewed:`.',
      },
    ];
  },
};

export const reviewNotPlanned: Check = {
  code: 'R-719',
  severity: 'info',
  clause: '62443-2-1 review',
  title: 'The model says when it was looked over and when it will be again.',
  run: ({ metadata: { reviewed, reviewEvery, site, at } }) =>
    reviewed !== undefined && reviewEvery !== undefined
      ? []
      : [
          {
            at,
            about: site,
            message: `Nothing says ${reviewed === undefined ? 'when the model was looked over' : 'when the model is looked over again'}.`,
            hint: reviewed === undefined ? 'Add `reviewed:` with the day.' : 'Add `review_every: P1Y`.',
          },
        ],
};

/** A target follows from a risk and from what is tolerable. */
export const noRiskAssessment: Check = {
  code: 'R-702',
  severity: 'warning',
  clause: '62443-3-2 ZCR 4.1',
  title: 'The model refers to a risk assessment and says what risk is tolerable.',
  run: ({ metadata: { riskAssessment, site, at } }) => {
    if (riskAssessment !== undefined && riskAssessment.tolerable !== '') return [];
    return [
      {
        at: riskAssessment?.at ?? at,
        about: site,
        message:
          riskAssessment === undefined
            ? 'The model refers to no risk assessment.'
            : `The risk assessment ${riskAssessment.ref} does not say what risk is tolerable.`,
        hint: 'Add `risk_assessment: {ref: …, tolerable: …, date: …}` to `metadata`.',
      },
    ];
  },
};

/** Somebody answers for the plant, and for the risks that remain. */
export const notApproved: Check = {
  code: 'R-703',
  severity: 'warning',
  clause: '62443-3-2 ZCR 7.1',
  title: 'The asset owner approved the model.',
  run: ({ metadata: { approvedBy, site, at } }) =>
    approvedBy !== undefined
      ? []
      : [
          {
            at,
            about: site,
            message: `Nobody accountable has approved the model of ${site}.`,
            hint: 'Add `approved_by: {name: …, date: …, ref: …}` to `metadata`.',
          },
        ],
};

export const riskOutdated: Check = {
  code: 'R-704',
  severity: 'warning',
  clause: '62443-3-2 ZCR 5.13',
  title: 'The risk assessment is no older than three years.',
  run: ({ metadata: { riskAssessment, site } }, { now }) => {
    if (riskAssessment?.date === undefined) return [];
    if (addPeriod(riskAssessment.date, OldestAssessment) > now) return [];
    return [
      {
        at: riskAssessment.at,
        about: site,
        message: `The risk assessment ${riskAssessment.ref} is of ${formatDay(riskAssessment.date)}, more than three years ago.`,
        hint: 'Assess anew, and correct the levels that change.',
      },
    ];
  },
};

/** A tag the report has no table for would be left out of it without a word. */
export const regulationUnknown: Check = {
  code: 'R-707',
  severity: 'info',
  clause: '62443-3-2 ZCR 6.9',
  title: 'Regulations are named so that the report knows them.',
  run: ({ metadata: { regulations, site, at } }) =>
    regulations
      .filter((tag) => mappedItem(tag) === undefined)
      .map((tag) => ({
        at,
        about: site,
        message: `No table maps the regulation ${tag}.`,
        hint: 'The report maps tags like NIS2-21.2a, CIP-005-R1, SP800-82r3 and IEC62443-2-1; others it only names.',
      })),
};

const Ninety = 90 * 86_400_000;
const OldestAssessment = { months: 36, days: 0 };
