import { type Finding, type Severity, sortFindings } from '../../../policy/finding.ts';
import { formatInstant } from '../../../policy/model/instant.ts';
import type { WaivedFinding } from '../../../policy/waiver.ts';

/** The JSON form, for `--json`: sorted, with the counts a script asks first; what is waived stands apart. */
export function findingsToJson(findings: readonly Finding[], waived: readonly WaivedFinding[] = []): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const body = {
    errors: count('error'),
    warnings: count('warning'),
    infos: count('info'),
    waived: waived.length,
    findings: sortFindings(findings),
    suppressed: waived.map(({ finding, waiver: { reason, owner, until, at } }) => ({
      ...finding,
      waiver: { reason, owner, until: formatInstant(until), line: at.line },
    })),
  };
  return JSON.stringify(body, null, 2);
}
