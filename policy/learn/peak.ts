/** The most of something within any stretch of time. */
export interface Peak {
  /** Times may not run back by more than the stretch. */
  add(at: number, count: number): void;
  most(): number;
}

/** Nothing yet; the stretch has so many milliseconds. */
export function createPeak(milliseconds: number): Peak {
  const recent: { readonly at: number; readonly count: number }[] = [];
  let start = 0;
  let within = 0;
  let most = 0;
  return {
    add(at, count) {
      recent.push({ at, count });
      within += count;
      for (
        let oldest = recent[start];
        oldest !== undefined && oldest.at <= at - milliseconds;
        oldest = recent[start]
      ) {
        within -= oldest.count;
        start++;
      }
      most = Math.max(most, within);
      if (start < 1024) return;
      recent.splice(0, start);
      start = 0;
    },
    most: () => most,
  };
}
