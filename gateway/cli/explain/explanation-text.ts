import { exceptionName } from '../../../rules/modbus/message/exception-code.ts';
import type { FlowRule, SourceRef } from '../../../rules/policy.ts';
import { Reasons } from '../../../rules/reason.ts';
import { formatTime } from '../../../rules/time.ts';
import type { Explanation, NamedEnd } from '../explain.ts';
import { formatTable } from '../table.ts';

/** For people: the verdict in the first line, and what it rests on below. */
export function explanationText(explanation: Explanation): string {
  const { client, server, service, outcome, reason, flow, profile, judgement, nearest } = explanation;
  const rows: [string, string][] = [];
  if (judgement !== undefined) rows.push(['request', judgement.text]);
  if (reason !== undefined) {
    rows.push(['reason', `${reason}: ${Reasons[reason].sentence} (SR ${Reasons[reason].sr})`]);
  }
  if (flow !== undefined) rows.push(['flow', flowText(flow)]);
  if (flow !== undefined && profile !== undefined && profile.name !== flow.profile)
    rows.push(['profile', `${profile.name}, by the mode in place of ${flow.profile}`]);
  const permission = judgement?.permission;
  if (permission !== undefined && flow !== undefined) {
    const name = permission.name === '' ? '' : ` "${permission.name}"`;
    rows.push(['rule', `${permission.id}${name}, ${flow.source.file}:${permission.line}`]);
  }
  if (judgement !== undefined && outcome === 'refuse') rows.push(['answer', answerText(judgement)]);
  if (judgement?.alternative !== undefined) rows.push(['instead', judgement.alternative.text]);
  if (nearest !== undefined) {
    rows.push(['instead', nearest.text]);
    if (nearest.flow !== flow) rows.push(['', flowText(nearest.flow)]);
  }
  if (flow !== undefined && judgement === undefined) rows.push(['supports', srText(flow)]);
  if (judgement === undefined && outcome === 'allow') {
    rows.push(['inspected', profile === undefined ? 'no' : `yes, by the Modbus profile ${profile.name}`]);
  }
  const head = `${verdictText(explanation)}  ${endText(client)} → ${endText(server)} ${service}`;
  return rows.length === 0 ? head : `${head}\n${formatTable(rows.map((row) => ['', ...row]))}`;
}

/** The same for programs. */
export function explanationJson(explanation: Explanation): string {
  const { client, server, service, outcome, reason, flow, profile, judgement, nearest } = explanation;
  const permission = judgement?.permission;
  return JSON.stringify(
    {
      outcome,
      client,
      server,
      service,
      ...(reason === undefined ? {} : { reason, sentence: Reasons[reason].sentence, sr: Reasons[reason].sr }),
      ...(flow === undefined ? {} : { flow: { id: flow.id, ...placeOf(flow.source) } }),
      ...(profile === undefined ? {} : { profile: profile.name }),
      ...(permission === undefined || flow === undefined
        ? {}
        : {
            rule: {
              id: permission.id,
              name: permission.name,
              file: flow.source.file,
              line: permission.line,
            },
          }),
      ...(judgement === undefined ? {} : { request: judgement.text }),
      ...(judgement === undefined || outcome !== 'refuse'
        ? {}
        : { action: judgement.action, exceptionCode: judgement.exceptionCode }),
      ...(judgement?.alternative === undefined
        ? {}
        : { alternative: { ...judgement.alternative.what, text: judgement.alternative.text } }),
      ...(nearest === undefined
        ? {}
        : {
            alternative: {
              kind: nearest.kind,
              flow: { id: nearest.flow.id, ...placeOf(nearest.flow.source) },
              text: nearest.text,
            },
          }),
    },
    null,
    2,
  );
}

/** `C-05/F-01, plant.zones.yaml:194, ot.eng@riverside.example CHG-1005`. */
export function flowText({ id, source }: FlowRule): string {
  const who = [source.owner, source.ticket].filter((text) => text !== '').join(' ');
  return [id, `${source.file}:${source.line}`, who].filter((text) => text !== '').join(', ');
}

function verdictText({ outcome, auditUntil }: Explanation): string {
  switch (outcome) {
    case 'allow':
      return 'ALLOWED';
    case 'refuse':
      return 'REFUSED';
    default:
      return `WOULD BE REFUSED, but passes until ${formatTime(auditUntil)} (audit stage)`;
  }
}

function answerText({
  action,
  exceptionCode,
}: {
  readonly action: string;
  readonly exceptionCode: number;
}): string {
  const exception = `exception ${exceptionCode}, ${exceptionName(exceptionCode)}`;
  switch (action) {
    case 'exception':
      return `${exception}; the connection stays`;
    case 'exception-close':
      return `${exception}; then the connection is closed`;
    case 'drop':
      return 'none; the connection stays';
    default:
      return 'the connection is reset';
  }
}

function endText({ asset, address }: NamedEnd): string {
  return asset === '' ? address : `${asset} (${address})`;
}

function srText({ source }: FlowRule): string {
  return source.sr.map((each) => `SR ${each}`).join(', ');
}

function placeOf({ file, line, owner, ticket, sr }: SourceRef) {
  return { file, line, owner, ticket, sr };
}
