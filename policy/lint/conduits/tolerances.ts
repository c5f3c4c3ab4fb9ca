import type { Check } from '../check.ts';

/** Tolerances and trials concern what is inspected; where nothing is, somebody expects an effect there is not. */
export const toleranceWithoutInspection: Check = {
  code: 'C-228',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Only conduits with inspected flows tolerate departures or stand in audit.',
  run: ({ conduits, flows }) => {
    const inspected = new Set(
      flows.filter(({ profile }) => profile !== undefined).map(({ conduit }) => conduit),
    );
    return conduits
      .filter((conduit) => !inspected.has(conduit))
      .flatMap(({ id, tolerances, tolerancesAt, audit }) => [
        ...(tolerances.length === 0
          ? []
          : [
              {
                at: tolerancesAt,
                about: id,
                message: `${id} tolerates ${tolerances.join(' and ')}, but no flow of it is inspected.`,
                hint: 'Remove `tolerate:`.',
              },
            ]),
        ...(audit === undefined
          ? []
          : [
              {
                at: audit.at,
                about: id,
                message: `${id} stands in audit, but no flow of it is inspected.`,
                hint: 'Remove `stage:`.',
              },
            ]),
      ]);
  },
};
