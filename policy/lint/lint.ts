import { type Finding, sortFindings } from '../finding.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import type { Circumstances } from './check.ts';
import { Checks } from './checks.ts';

/** Runs every check over a model that reads without errors; sorted findings. */
export function lint(model: ZoneModel, circumstances: Circumstances): readonly Finding[] {
  const findings = Checks.flatMap(({ code, severity, clause, run }) =>
    run(model, circumstances).map(({ at, about, message, hint }) => ({
      code,
      severity,
      about,
      clause,
      message,
      hint,
      file: model.file,
      line: at.line,
      col: at.column,
    })),
  );
  return sortFindings(findings);
}
