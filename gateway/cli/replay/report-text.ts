import { Reasons } from '../../../rules/reason.ts';
import { formatTable } from '../table.ts';
import type { ReplayReport } from './replay-capture.ts';
import type { FlowUse, Groups, RefusalGroup, Seen, UnpermittedGroup } from './tally.ts';

/** For people: what would have been refused first, then what was not permitted, then what is not known. */
export function replayText(report: ReplayReport, coverage: boolean): string {
  const { refusals, unpermitted, missing, tolerated } = report;
  const parts = [
    headText(report),
    section('would be refused', refusals, refusalLines),
    section('no flow permits', unpermitted, unpermittedLines),
    section('missing or doubtful in this capture', missing, ({ what, ...seen }) => [
      `${timesText(seen)}  ${what}`,
    ]),
    section('tolerated', tolerated, ({ what, count }) => [`${count} ×  ${what}`]),
    heldBackText(report.flows),
    coverage ? coverageText(report.flows) : '',
    verdictText(report),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The same for programs; times are ISO 8601. */
export function replayJson(report: ReplayReport, coverage: boolean): string {
  const { totals, connections, notCrossing, refusals, unpermitted, missing, tolerated, flows } = report;
  return JSON.stringify(
    {
      packets: totals.packets,
      connections,
      notCrossing,
      from: timeText(totals.firstAt),
      to: timeText(totals.lastAt),
      requests: sum(flows, ({ requests }) => requests),
      refused: refusals.list().map(({ flow, reason, permission, ...group }) => ({
        ...withTimes(group),
        reason,
        sentence: Reasons[reason].sentence,
        flow: flow.id,
        file: flow.source.file,
        line: permission?.line ?? flow.source.line,
        ...(permission === undefined ? {} : { rule: permission.id }),
      })),
      unpermitted: unpermitted.list().map(({ flow, ...group }) => ({
        ...withTimes(group),
        sentence: Reasons[group.reason].sentence,
        ...(flow === undefined ? {} : { flow: flow.id }),
      })),
      missing: missing.list().map(withTimes),
      tolerated: tolerated.list().map(withTimes),
      heldBack: Object.fromEntries(
        flows.filter(({ heldBack }) => heldBack > 0).map(({ flow, heldBack }) => [flow.id, heldBack]),
      ),
      ...(coverage ? { coverage: flows.map(coverageOf) } : {}),
    },
    null,
    2,
  );
}

function headText({ totals, connections, notCrossing, flows }: ReplayReport): string {
  const requests = sum(flows, (use) => use.requests);
  const rows = [
    ['packets', `${totals.packets}, ${timeText(totals.firstAt)} to ${timeText(totals.lastAt)}`],
    ['connections', String(connections)],
    ['requests inspected', String(requests)],
  ];
  if (notCrossing > 0) rows.push(['not crossing this box', String(notCrossing)]);
  return formatTable(rows);
}

function section<G extends Seen>(
  title: string,
  groups: Groups<G>,
  lines: (group: G) => readonly string[],
): string {
  const all = groups.list();
  if (all.length === 0) return '';
  const rest = groups.uncounted === 0 ? [] : [`${groups.uncounted} ×  of other kinds`];
  return [`${title}`, ...[...all.flatMap(lines), ...rest].map((line) => `  ${line}`)].join('\n');
}

function refusalLines(group: RefusalGroup): readonly string[] {
  const { flow, client, server, reason, permission, text, alternative, count } = group;
  const line = permission === undefined ? '' : `, ${permission.id} (${flow.source.file}:${permission.line})`;
  const where = permission === undefined ? ` (${flow.source.file}:${flow.source.line})` : '';
  return [
    `${count} ×  ${text}`,
    `     ${client} → ${server}, ${flow.id}${where}${line}, ${spanText(group)}`,
    `     ${reason}: ${Reasons[reason].sentence}`,
    ...(alternative === undefined ? [] : [`     ${alternative}`]),
  ];
}

function unpermittedLines(group: UnpermittedGroup): readonly string[] {
  const { client, server, service, reason, flow } = group;
  const closest = flow === undefined ? '' : `${flow.id} (${flow.source.file}:${flow.source.line}), `;
  return [
    `${group.count} ×  ${client} → ${server} ${service}`,
    `     ${closest}${reason}: ${Reasons[reason].sentence} ${spanText(group)}`,
  ];
}

function heldBackText(flows: readonly FlowUse[]): string {
  const held = flows.filter(({ heldBack }) => heldBack > 0);
  if (held.length === 0) return '';
  const lines = held.map(
    ({ flow, profile, heldBack }) =>
      `  ${heldBack} ×  ${flow.id}: ${profile?.limits.outstanding ?? 0} requests may be outstanding`,
  );
  return ['would wait for an earlier answer', ...lines].join('\n');
}

function coverageText(flows: readonly FlowUse[]): string {
  const all = flows.map(coverageOf);
  const rows = all.flatMap(({ flow, rules }) => rules.map((rule) => ({ flow, ...rule })));
  const row = ({ flow, rule, name, place, count }: (typeof rows)[number]): string[] => [
    '',
    flow,
    rule,
    place,
    name,
    count === 0 ? '' : `${count} ×`,
  ];
  const never = rows.filter(({ count }) => count === 0);
  const used = rows.filter(({ count }) => count > 0);
  const idle = all.filter(({ connections }) => connections === 0);
  return [
    ['permissions used', formatTable(used.map(row))],
    ['permissions never used', formatTable(never.map(row))],
    ['flows never used', formatTable(idle.map(({ flow, place }) => ['', flow, place]))],
  ]
    .filter(([, table]) => table !== '')
    .map((pair) => pair.join('\n'))
    .join('\n\n');
}

function coverageOf({ flow, profile, connections, requests, used }: FlowUse) {
  return {
    flow: flow.id,
    place: `${flow.source.file}:${flow.source.line}`,
    connections,
    requests,
    rules: (profile?.permissions ?? []).map(({ id, name, line }, index) => ({
      rule: id,
      name,
      place: `${flow.source.file}:${line}`,
      count: used[index] ?? 0,
    })),
  };
}

function verdictText({ refusals, unpermitted }: ReplayReport): string {
  if (refusals.total + unpermitted.total === 0) return 'Nothing would be refused.';
  const [messages, others] = [refusals.total, unpermitted.total];
  const parts = [
    messages === 0 ? '' : `${messages} ${messages === 1 ? 'message' : 'messages'}`,
    others === 0 ? '' : `${others} ${others === 1 ? 'connection or packet' : 'connections or packets'}`,
  ];
  return `Would be refused: ${parts.filter((part) => part !== '').join(', ')}.`;
}

function timesText(seen: Seen): string {
  return `${seen.count} ×`;
}

function spanText({ count, firstAt, lastAt }: Seen): string {
  return count === 1 ? timeText(firstAt) : `${timeText(firstAt)} to ${timeText(lastAt)}`;
}

function withTimes<S extends Seen>({ firstAt, lastAt, ...rest }: S) {
  return { ...rest, first: timeText(firstAt), last: timeText(lastAt) };
}

/** A capture may claim any time, also one that no calendar reaches. */
function timeText(at: number): string {
  return Math.abs(at) <= LastDate ? new Date(at).toISOString() : String(at);
}

function sum(flows: readonly FlowUse[], count: (use: FlowUse) => number): number {
  return flows.reduce((total, use) => total + count(use), 0);
}

/** The last moment a Date can hold. */
const LastDate = 8.64e15;
