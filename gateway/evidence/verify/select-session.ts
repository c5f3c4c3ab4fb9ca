import type { EvidenceRecord } from '../../../rules/record/record.ts';

/**
 * Which records of a log belong into the evidence of one session: all that name the grant, and what they are judged
 * by: the start of the gateway, the policy in force, the key switch, and the passkeys of those who approved.
 */
export function selectSession<R extends { readonly record: EvidenceRecord }>(
  records: readonly R[],
  grant: string,
): readonly R[] {
  const own = new Set(records.filter(({ record }) => grantOf(record) === grant));
  const places = records.flatMap((one, place) => (own.has(one) ? [place] : []));
  const first = places[0];
  const last = places.at(-1);
  if (first === undefined || last === undefined) return [];
  const approvers = new Set([...own].flatMap(({ record }) => approverIn(record)));
  const opened = places.filter((place) => isAct(records[place]?.record, 'grantOpened'));
  for (const place of [first, ...opened]) {
    for (const kinds of JudgedBy) {
      const found = records
        .slice(0, place)
        .findLast(({ record }) => kinds.some((kind) => isAct(record, kind)));
      if (found !== undefined) own.add(found);
    }
  }
  for (const [place, one] of records.entries()) {
    if (place > last) break;
    if (place > first && isAct(one.record, 'started')) own.add(one);
    const { record } = one;
    if (record.kind !== 'act' || record.act.kind !== 'accountChanged') continue;
    const { account, what } = record.act;
    if (approvers.has(account) && ChangesThatCount.includes(what)) own.add(one);
  }
  return records.filter((one) => own.has(one));
}

/** The last of each of these before the session was asked for and opened counts. */
const JudgedBy = [['started'], ['bundleAccepted', 'bundleRolledBack'], ['keySwitch']];

const ChangesThatCount = ['added', 'changed', 'disabled', 'enabled', 'passkey', 'reset'];

/** The grant a record is about, or empty. */
export function grantOf(record: EvidenceRecord): string {
  if (record.kind === 'operation' || record.kind === 'chunk') return record.grant;
  return record.kind === 'act' && 'grant' in record.act ? record.act.grant : '';
}

function approverIn(record: EvidenceRecord): readonly string[] {
  return record.kind === 'act' && record.act.kind === 'grantApproved' ? [record.act.by] : [];
}

function isAct(record: EvidenceRecord | undefined, kind: string): boolean {
  return record?.kind === 'act' && record.act.kind === kind;
}
