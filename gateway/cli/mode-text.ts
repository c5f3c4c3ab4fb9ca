import { NormalMode } from '../../rules/admission/mode.ts';
import { formatTime } from '../../rules/time.ts';
import type { ModeBody, ModeSummary, SwitchedBody, SwitchTimes } from '../ipc/mode-body.ts';
import { formatTable } from './table.ts';

/** The mode in force for a terminal: since when, by whom, what it cuts, and how far leaving it has come. */
export function describeMode(body: ModeBody): string {
  const { cut, profiles, order, modes } = body;
  const rows = [
    ...(body.recovery === undefined ? [] : [['leaving', recoveryText(body.recovery)]]),
    ...cut.map(({ conduit, flows }, index) => [
      index === 0 ? 'cut' : '',
      `${conduit}: ${flows.slice(0, ShownFlows).join(' ')}${flows.length > ShownFlows ? ` and ${flows.length - ShownFlows} more` : ''}`,
    ]),
    ...profiles.map(({ flow, profile }, index) => [index === 0 ? 'profile' : '', `${flow} under ${profile}`]),
    ...(order.length === 0 ? [] : [['left in order', order.map(stepText).join(', ')]]),
    ['modes', modes.length === 0 ? 'none: there is no policy in force' : modes.join(', ')],
  ];
  return `mode ${summariseMode(body)}\n\n${formatTable(rows)}`;
}

/** What a switch has done. */
export function describeSwitched({ mode, troubles, ...times }: SwitchedBody): string {
  const warnings = troubles.map((sentence) => `!! ${sentence}\n`).join('');
  const done = timesText(times);
  return `${warnings}${done === '' ? '' : `${done}\n`}${describeMode(mode)}`;
}

/** One line: `island since 2026-11-21 16:08 UTC, by ada: drill`. */
export function summariseMode({ name, since, by, why }: ModeSummary): string {
  if (since === 0) return `${name}; nobody has switched it`;
  return `${name} since ${formatTime(since)}${by === '' ? '' : `, by ${by}`}${why === '' ? '' : `: ${why}`}`;
}

/** How far leaving a mode has come: `2 of 6 steps done, C-01 is next at …`. */
export function recoveryText({
  done,
  steps,
  next,
  nextAt,
  held,
}: NonNullable<ModeSummary['recovery']>): string {
  const when =
    nextAt === undefined ? `when somebody says penstock mode ${NormalMode}` : `at ${clockText(nextAt)}`;
  return `${done} of ${steps} steps done, ${next} is next ${when}${held === '' ? '' : `; held: ${held}`}`;
}

function timesText({ kernelMs, inspectorsMs, recordMs }: SwitchTimes): string {
  const parts = [
    ['kernel', kernelMs],
    ['inspectors', inspectorsMs],
    ['on record', recordMs],
  ] as const;
  return parts
    .flatMap(([what, at]) => (at === undefined ? [] : [`${what} after ${at.toFixed(1)} ms`]))
    .join(', ');
}

function stepText({ what, flows, done }: ModeBody['order'][number]): string {
  return `${what} (${flows}${done ? ', done' : ''})`;
}

/** The time of day to the second, UTC. */
function clockText(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** Of one conduit; all of them are in --json. */
const ShownFlows = 8;
