/** A calendar period such as `P1Y6M` or `P30D`: months and days have no fixed length, so it stays in parts. */
export interface Period {
  readonly months: number;
  readonly days: number;
  readonly milliseconds: number;
}
