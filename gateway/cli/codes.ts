import { KnownCodes } from '../../policy/codes.ts';
import { ExitStatus, UsageError } from './output.ts';
import { formatTable } from './table.ts';

export interface CodesOptions {
  readonly json?: boolean;
}

/** `penstock codes [CODE]`: what a code of a finding stands for, or all there are. @throws UsageError */
export async function codes(code: string | undefined, options: CodesOptions): Promise<number> {
  const wanted = code?.toUpperCase();
  const shown = KnownCodes.filter((one) => wanted === undefined || one.code === wanted);
  if (shown.length === 0)
    throw new UsageError(`There is no code ${code}.`, 'Leave it out to see all there are.');
  const rows = shown.map((one) => [one.code, one.severity, one.clause, one.title]);
  console.log(options.json === true ? JSON.stringify(shown, null, 2) : formatTable(rows));
  return ExitStatus.good;
}
