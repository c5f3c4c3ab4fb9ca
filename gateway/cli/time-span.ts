/** Reads `500ms`, `120s`, `5min`, `1h` or a bare number of seconds, as milliseconds; undefined for anything else. */
export function readTimeSpan(text: string): number | undefined {
  const [, number = '', unit = 's'] = /^(\d{1,6})(ms|s|min|h)?$/.exec(text) ?? [];
  return number === '' ? undefined : Number(number) * (Units[unit] ?? 0);
}

const Units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };
