import { createHash } from 'node:crypto';
import { KnownCodes } from '../../../policy/codes.ts';
import type { Finding, KnownCode, Severity } from '../../../policy/finding.ts';
import { formatInstant } from '../../../policy/model/instant.ts';
import type { WaivedFinding } from '../../../policy/waiver.ts';
import { GatewayRelease } from '../../release.ts';

/**
 * Findings as SARIF 2.1.0 (OASIS), for whatever shows them beside the lines of a file. What is waived is a
 * result that is suppressed, with the waiver's reason.
 */
export function findingsToSarif(findings: readonly Finding[], waived: readonly WaivedFinding[]): string {
  const codes = [...Map.groupBy(KnownCodes, ({ code }) => code)];
  const indexes = new Map(codes.map(([code], index) => [code, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'penstock',
            semanticVersion: GatewayRelease,
            rules: codes.map(([code, entries]) => describeRule(code, entries)),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          ...findings.map((finding) => describeResult(finding, indexes)),
          ...waived.map(({ finding, waiver: { reason, owner, until } }) => ({
            ...describeResult(finding, indexes),
            suppressions: [
              {
                kind: 'inSource',
                status: 'accepted',
                justification: `${reason} (${owner}, until ${formatInstant(until)})`,
              },
            ],
          })),
        ],
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

const Levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  string
>;

function describeRule(code: string, entries: readonly KnownCode[]) {
  const titles = entries.map(({ title }) => title).join(' ');
  const clauses = [...new Set(entries.map(({ clause }) => clause))].filter((clause) => clause !== '');
  const [first] = entries;
  return {
    id: code,
    shortDescription: { text: first?.title ?? code },
    fullDescription: { text: titles },
    help: { text: clauses.length === 0 ? titles : `${titles} (${clauses.join('; ')})` },
    defaultConfiguration: { level: Levels[first?.severity ?? 'error'] },
    properties: { clauses },
  };
}

function describeResult(finding: Finding, indexes: ReadonlyMap<string, number>) {
  const { code, severity, about, clause, message, hint, file, line, col } = finding;
  return {
    ruleId: code,
    ruleIndex: indexes.get(code) ?? -1,
    level: Levels[severity],
    message: { text: hint === '' ? message : `${message} ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file) },
          region: { startLine: line, startColumn: col },
        },
        ...(about === '' ? {} : { logicalLocations: [{ name: about }] }),
      },
    ],
    partialFingerprints: { 'penstock/v1': fingerprint(finding) },
    properties: { clause },
  };
}

/** The same for the same thing when lines move: what is said of what, without the lines a message names. */
function fingerprint({ code, about, message }: Finding): string {
  const text = `${code}\n${about}\n${message.replace(/\(line \d+\)/g, '')}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
