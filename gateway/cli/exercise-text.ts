import { formatInstant } from '../../policy/model/instant.ts';
import type { ExerciseBody, ExerciseChange } from '../ipc/exercise-body.ts';

/** The record as Markdown: for the terminal, a ticket, or a folder of evidence. */
export function describeExercise(body: ExerciseBody): string {
  const kind = body.occasion === 'exercise' ? 'Exercise' : 'Incident';
  return [
    `# ${kind} ${body.id}: ${plain(body.scenario)}`,
    head(body),
    ...(body.plan === undefined ? [] : [planSection(body.plan, body.dry)]),
    section('Decisions', entries(body, 'decision')),
    section('Findings', entries(body, 'finding')),
    ...(body.dry ? [] : [section('Measured', body.changes.map(changeText))]),
    ...(body.dry ? [] : [section('Times', timesText(body))]),
    section('Reporting clock', clockText(body)),
  ]
    .join('\n\n')
    .concat('\n');
}

function head(body: ExerciseBody): string {
  const { site, gateway, policyVersion, participants, startedAt, startedBy, endedAt, endedBy } = body;
  const end =
    endedAt === 0 ? 'goes on' : `${moment(endedAt)}, by ${plain(endedBy)}; the mode was ${body.modeAtEnd}`;
  return list([
    `Site: ${plain(site)}, gateway ${plain(gateway)}, policy version ${policyVersion}`,
    `Participants: ${participants.length === 0 ? 'none named' : participants.map(plain).join(', ')}`,
    `Started: ${moment(startedAt)}, by ${plain(startedBy)}${body.dry ? '; dry: nothing was switched' : ''}`,
    `Ended: ${end}`,
  ]);
}

function planSection(
  { mode, cut, kept, profiles, recovery }: NonNullable<ExerciseBody['plan']>,
  dry: boolean,
) {
  const total = cut.reduce((sum, { flows }) => sum + flows, 0);
  return section(`Mode ${plain(mode)}, by the policy`, [
    `${dry ? 'Would be cut' : 'Cut'}: ${total === 0 ? 'nothing' : `${flowCount(total)} (${counted(cut.map(({ conduit, flows }) => [conduit, flows]))})`}`,
    `Kept: ${flowCount(kept)}`,
    ...profiles.map(({ flow, profile }) => `${flow} under the profile ${plain(profile)}`),
    `Left in this order: ${recovery.length === 0 ? 'nothing to open' : counted(recovery.map(({ what, flows }) => [what, flows]))}`,
  ]);
}

function entries(body: ExerciseBody, what: 'decision' | 'finding'): readonly string[] {
  return body.entries
    .filter((entry) => entry.what === what)
    .map(({ at, by, text }) => `${moment(at)} ${plain(by)}: ${plain(text)}`);
}

function changeText(change: ExerciseChange): string {
  const { at, by, from, to, step, flows, kernelMs, inspectorsMs, recordMs, troubles } = change;
  const what =
    step === undefined
      ? `${plain(from)} → ${plain(to)}, ${flowCount(flows)} cut`
      : `leaving ${plain(from)}, step ${step.number} of ${step.of}: ${step.what}, ${flowCount(flows)} opened`;
  const times = [
    ['kernel', kernelMs],
    ['inspectors', inspectorsMs],
    ['on record', recordMs],
  ] as const;
  const measured = times.flatMap(([name, ms]) =>
    ms === undefined ? [] : [`${name} after ${ms.toFixed(1)} ms`],
  );
  return `${[`${moment(at)} ${plain(by)}: ${what}`, ...measured, ...troubles.map(plain)].join('; ')}`;
}

/** How long the plant was cut, and how long each step of opening took after what came before it. */
function timesText({ changes }: ExerciseBody): readonly string[] {
  const cut = changes.find(({ step }) => step === undefined);
  if (cut === undefined) return [];
  const after = changes.filter(({ at }) => at >= cut.at);
  const back = after.find(({ to }) => to === 'normal');
  const steps = after.flatMap(({ at, step }) => (step === undefined ? [] : [{ at, what: step.what }]));
  return [
    back === undefined
      ? `${plain(cut.to)} since ${moment(cut.at)}, and not left`
      : `From the switch to the normal mode: ${seconds(back.at - cut.at)}`,
    ...steps.map(({ at, what }, index) => {
      const before = steps[index - 1];
      const since = before === undefined ? 'the switch' : before.what;
      return `${what}: ${seconds(at - (before?.at ?? cut.at))} after ${since}`;
    }),
  ];
}

function clockText({ clock, occasion }: ExerciseBody): readonly string[] {
  const asIf = occasion === 'exercise' ? ', as if it were real' : '';
  return [
    `Known since ${moment(clock.from)}${asIf}`,
    `Early warning within 24 h: by ${moment(clock.earlyWarning)} (maps to NIS2 Art. 23(4)(a))`,
    `Incident notification within 72 h: by ${moment(clock.notification)} (maps to NIS2 Art. 23(4)(b))`,
    'Whether an incident is significant, and to whom it is reported, is for people to decide.',
  ];
}

function section(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n${lines.length === 0 ? 'None.' : list(lines)}`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function counted(parts: readonly (readonly [string, number])[]): string {
  return parts.map(([what, flows]) => `${what} ${flows}`).join(', ');
}

function flowCount(flows: number): string {
  return flows === 1 ? '1 flow' : `${flows} flows`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function moment(at: number): string {
  return formatInstant(Math.floor(at / 1000) * 1000);
}

/** What somebody typed is text: it makes no heading, no link and no markup. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>[\]#|&]/g, (mark) => `\\${mark}`);
}
