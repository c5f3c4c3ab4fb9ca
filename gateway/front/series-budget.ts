/**
 * Keeps one metric family within a number of label combinations. A combination once admitted keeps its
 * series for the life of the process, so that no counter moves between series; those that come later than
 * the bound allows share the series of `rest`.
 */
export interface SeriesBudget<Labels> {
  readonly admit: (labels: Labels) => Labels;
}

export function createSeriesBudget<Labels extends Readonly<Record<string, string>>>(
  bound: number,
  rest: (labels: Labels) => Labels,
): SeriesBudget<Labels> {
  const admitted = new Set<string>();
  return {
    admit: (labels) => {
      const name = JSON.stringify(labels);
      if (admitted.has(name)) return labels;
      if (admitted.size >= bound) return rest(labels);
      admitted.add(name);
      return labels;
    },
  };
}
