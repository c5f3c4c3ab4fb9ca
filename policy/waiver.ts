import type { Finding } from './finding.ts';
import type { Waiver } from './model/claims.ts';
import { formatDay } from './model/instant.ts';
import type { ZoneModel } from './model/zone-model.ts';

/** A finding somebody accepted: it is said no more, and stays on record. */
export interface WaivedFinding {
  readonly finding: Finding;
  readonly waiver: Waiver;
}

/** What is still said of a model, and what was accepted. */
export interface Judged {
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
}

/**
 * Takes out what the model's waivers accept. Errors are never taken out, and past its end a waiver does nothing
 * but say so, as a warning: a model that was free of errors stays so as days pass.
 * @param now wall time, milliseconds
 * @param silent codes that nobody looked for this time: a waiver of one of them is not idle
 */
export function applyWaivers(
  model: ZoneModel,
  findings: readonly Finding[],
  now: number,
  silent: ReadonlySet<string>,
): Judged {
  const byCode = Map.groupBy(model.waivers, ({ code }) => code);
  const used = new Set<Waiver>();
  const open: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const fitting = (byCode.get(finding.code) ?? []).filter(({ on }) => covers(on, finding.about));
    if (finding.severity !== 'error') for (const waiver of fitting) used.add(waiver);
    const waiver = finding.severity === 'error' ? undefined : fitting.find(({ until }) => until > now);
    if (waiver === undefined) open.push(finding);
    else waived.push({ finding, waiver });
  }
  const about = model.waivers.flatMap((waiver) => [
    ...sayEnded(model, waiver, used.has(waiver), now),
    ...sayLong(model, waiver, now),
    ...(used.has(waiver) || silent.has(waiver.code) ? [] : [sayIdle(model, waiver, findings)]),
  ]);
  return { findings: [...open, ...about], waived };
}

/** What is said of waivers themselves; none of it can be waived. */
export const WaiverCodes = {
  'R-705': { severity: 'warning', clause: '62443-2-1 review', title: 'No waiver in use has ended.' },
  'R-713': { severity: 'info', clause: '62443-2-1 review', title: 'Every waiver accepts something.' },
  'R-714': { severity: 'warning', clause: '62443-2-1 review', title: 'A waiver lasts a year at most.' },
} as const;

/** The name itself, or a flow of the conduit that is named. */
function covers(on: string, about: string): boolean {
  return about === on || about.startsWith(`${on}/`);
}

function sayEnded(model: ZoneModel, waiver: Waiver, isUsed: boolean, now: number): readonly Finding[] {
  if (waiver.until > now || !isUsed) return [];
  const { code, on, owner, until } = waiver;
  return [
    say(
      model,
      waiver,
      'R-705',
      `The waiver of ${code} on ${on} ended ${formatDay(until)}.`,
      `Mend what it was for, or have ${owner} decide anew.`,
    ),
  ];
}

function sayLong(model: ZoneModel, waiver: Waiver, now: number): readonly Finding[] {
  if (waiver.until - now <= LongestWaiver) return [];
  const message = `The waiver of ${waiver.code} on ${waiver.on} lasts more than a year from now.`;
  return [
    say(model, waiver, 'R-714', message, 'Bring its end nearer; it can be decided anew when it comes.'),
  ];
}

function sayIdle(model: ZoneModel, waiver: Waiver, findings: readonly Finding[]): Finding {
  const { code, on } = waiver;
  const isError = findings.some(
    (finding) => finding.severity === 'error' && finding.code === code && covers(on, finding.about),
  );
  return isError
    ? say(
        model,
        waiver,
        'R-713',
        `${code} on ${on} is an error, which no waiver accepts.`,
        'Mend it, and remove the waiver.',
      )
    : say(
        model,
        waiver,
        'R-713',
        `There is no ${code} on ${on} to waive.`,
        'Remove the waiver, or correct its code or name.',
      );
}

function say(
  { file }: ZoneModel,
  { on, at }: Waiver,
  code: keyof typeof WaiverCodes,
  message: string,
  hint: string,
): Finding {
  const { severity, clause } = WaiverCodes[code];
  return { code, severity, about: on, clause, message, hint, file, line: at.line, col: at.column };
}

const LongestWaiver = 366 * 86_400_000;
