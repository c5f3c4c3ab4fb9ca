import type { FlowRule } from '../policy.ts';
import type { PolicyTestRule } from '../policy-test.ts';
import { Reasons } from '../reason.ts';
import { formatTime } from '../time.ts';
import type { Answer } from './evaluator.ts';

/**
 * What a test expects and what becomes of it, as one sentence: `scada-1 → plc-dosing tcp 502 is to be refused
 * for interlock, but C-05/F-01 (line 194) lets it pass by dose/1 (line 93).`
 */
export function answerSentence(test: PolicyTestRule, answer: Answer): string {
  const { client, server, protocol, port, expect, by, because } = test;
  const service = protocol === 'icmp-echo' ? protocol : `${protocol} ${port}`;
  const asked = answer.judgement === undefined ? '' : ` (${answer.judgement.text})`;
  const wanted = [
    expect === 'allow' ? 'is to pass' : 'is to be refused',
    ...(by === '' ? [] : [`by ${by}`]),
    ...(because === '' ? [] : [`for ${because}`]),
  ].join(' ');
  return `${client} → ${server} ${service}${asked} ${wanted}, and ${happening(answer)}`;
}

function happening({ outcome, reason, flow, judgement, auditUntil, flaw }: Answer): string {
  const by = flow === undefined ? '' : ` by ${flowText(flow)}`;
  const permission = judgement?.permission;
  const rule = permission === undefined ? '' : `, rule ${permission.id} in line ${permission.line}`;
  switch (outcome) {
    case 'unanswerable':
      return `cannot be asked: ${flaw?.message ?? ''}`;
    case 'allow':
      return `passes${by}${rule}.`;
    case 'refuse':
      return `is refused${by}${rule}: ${reasonText(reason)}`;
    case 'would-refuse':
      return `passes${by}${rule} only until ${formatTime(auditUntil)}, in the audit stage: ${reasonText(reason)}`;
  }
}

function reasonText(reason: Answer['reason']): string {
  return reason === undefined ? '' : `${reason}, ${lowered(Reasons[reason].sentence)}`;
}

function lowered(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`;
}

function flowText({ id, source }: FlowRule): string {
  return `${id} in line ${source.line}`;
}
