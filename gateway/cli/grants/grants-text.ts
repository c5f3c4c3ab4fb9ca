import { formatTime } from '../../../rules/time.ts';
import type { GrantBody, GrantsBody } from '../../ipc/grant-body.ts';
import { formatTable } from '../table.ts';

/** Who is inside, for a terminal. */
export function describeSessions(open: GrantsBody): string {
  if (open.length === 0) return 'Nobody is inside.';
  const rows = open.map((grant) => [
    grant.id,
    `${grant.fullName || grant.person} (${grant.company})`,
    grant.targets.map(({ id }) => id).join(', '),
    `${span(grant.secondsLeft)} left`,
    `${grant.channels.length} channels, ${grant.bytesFromClient + grant.bytesFromServer} B, ${grant.writes} writes, ${grant.refused} refused`,
    [weakness(grant), grant.warning].filter((one) => one !== '').join(' '),
  ]);
  return formatTable([['grant', 'who', 'to', 'time', 'what', ''], ...rows]);
}

/** Every grant in one line each. */
export function describeGrants(grants: GrantsBody): string {
  if (grants.length === 0) return 'Nothing was asked for.';
  const rows = grants.map((grant) => [
    grant.id,
    grant.state,
    grant.person,
    grant.targets.map(({ id }) => id).join(', '),
    formatTime(grant.requestedAt),
    outcome(grant),
  ]);
  return formatTable([['grant', 'state', 'person', 'to', 'asked', ''], ...rows]);
}

/** One grant with all there is to it. */
export function describeGrant(grant: GrantBody): string {
  const { state, approvals, conditions, channels } = grant;
  return [
    `${grant.id}  ${state}  ${weakness(grant)}`.trimEnd(),
    formatTable([
      ['who', `${grant.fullName} (${grant.person}), ${grant.company}`],
      [
        'to',
        grant.targets.map(({ id, profile }) => `${id}${profile === '' ? '' : ` as ${profile}`}`).join(', '),
      ],
      ['over', grant.carrier],
      ['why', `${grant.reason} ${grant.ticket === '' ? '' : `(${grant.ticket})`}`.trimEnd()],
      ['asked', `${formatTime(grant.requestedAt)} for ${span(grant.length / 1000)}, code ${grant.code}`],
      ...approvals.map(({ by, role, at, means, weak }) => [
        'approved',
        `${formatTime(at)} by ${by}${role === '' ? '' : ` as ${role}`} with ${means}${weak ? ', weak' : ''}`,
      ]),
      ...(grant.missing.length === 0 ? [] : [['waits for', grant.missing.join(' and ')]]),
      ...(grant.openedAt === 0
        ? []
        : [
            [
              'open',
              `${formatTime(grant.openedAt)}${state === 'open' ? `, ${span(grant.secondsLeft)} left` : ''}`,
            ],
          ]),
      ...(grant.closedAt === 0 ? [] : [['ended', `${formatTime(grant.closedAt)}: ${outcome(grant)}`]]),
      ...(grant.openedAt === 0
        ? []
        : [
            [
              'carried',
              `${grant.bytesFromClient} B in, ${grant.bytesFromServer} B out, ${grant.writes} writes, ${grant.refused} refused`,
            ],
          ]),
      ...conditions.filter(({ holds }) => !holds).map(({ what, sentence }) => [what, sentence]),
      ...channels.map(({ id, target, source }) => ['channel', `${id} from ${source} to ${target}`]),
      ...(grant.warning === '' ? [] : [['warning', grant.warning]]),
    ]),
  ].join('\n');
}

function outcome({ state, cause, closedBy, why, missing, warning }: GrantBody): string {
  if (state === 'open') return warning;
  if (state === 'requested') return `waits for ${missing.join(' and ')}`;
  const by = closedBy === '' ? '' : ` by ${closedBy}`;
  return [`${cause}${by}`, why].filter((one) => one !== '').join(': ');
}

function weakness({ weak, breakGlass }: GrantBody): string {
  return [weak ? 'WEAK: known by its address alone' : '', breakGlass ? 'BREAK-GLASS' : '']
    .filter((one) => one !== '')
    .join(' ');
}

function span(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60 === 0 ? '' : `${minutes % 60} min`;
  return hours === 0 ? rest : `${hours} h ${rest}`.trim();
}
