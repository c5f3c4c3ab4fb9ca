import type { AccessAct } from '../../rules/record/access-act.ts';
import type { ChunkRecord, OperationRecord } from '../../rules/record/record.ts';

/** One line about who was let in, by whom, and what came of it. */
export function describeAccess(act: AccessAct, time: (at: number) => string): string {
  switch (act.kind) {
    case 'accountChanged':
      return `account ${act.account} ${act.what}${said(act.detail)}, by ${act.by}${act.second === '' ? '' : ` and ${act.second}`}`;
    case 'signedIn':
      return `signed in: ${act.account} from ${act.source} with ${act.means}, session ${act.session}`;
    case 'signedOut':
      return `signed out: ${act.account}, session ${act.session}${said(act.why)}`;
    case 'signInRefused':
      return `sign-in refused: ${act.account || 'unknown name'} from ${act.source}${said(act.why)}${act.count > 1 ? ` ×${act.count}` : ''}`;
    case 'grantRequested':
      if (act.extension > 0) {
        return `grant ${act.grant}: ${seconds(act.extension)} more asked for by ${act.by}, ${act.reason}`;
      }
      return `grant ${act.grant} asked for by ${act.person} of ${act.vendor}: ${act.targets.join(', ')} over ${act.carrier} for ${seconds(act.length)}, ${act.reason} (${act.ticket || 'no ticket'})`;
    case 'grantApproved': {
      const what = act.extension === 0 ? '' : `, ${seconds(act.extension)} more`;
      const weak = act.weak ? ', weak' : '';
      return `grant ${act.grant} approved by ${act.by} as ${act.role} with ${act.means}${weak}${what}; ${act.missing} more needed${said(act.why)}`;
    }
    case 'grantRefused':
      return `${act.extension > 0 ? `${seconds(act.extension)} more of ` : ''}grant ${act.grant} not given${act.by === '' ? '' : `, by ${act.by}`}${said(act.why)}`;
    case 'grantOpened':
      return `grant ${act.grant} open until ${time(act.until)}${act.weak ? ', weak: known by its address alone' : ''}`;
    case 'grantExtended':
      return `grant ${act.grant} open until ${time(act.until)}, by ${act.by}`;
    case 'grantClosed':
      return `grant ${act.grant} closed: ${act.cause}${act.by === '' ? '' : `, by ${act.by}`}${said(act.why)}; ${act.channels} channels, ${act.bytesFromClient} B in, ${act.bytesFromServer} B out, ${act.writes} writes, ${act.refused} refused`;
    case 'channelOpened':
      return `channel ${act.channel} of grant ${act.grant} to ${act.target} over ${act.carrier} from ${act.source}${act.profile === '' ? '' : `, as ${act.profile}`}`;
    case 'channelClosed':
      return `channel ${act.channel} of grant ${act.grant} closed: ${act.cause}; ${act.bytesFromClient} B in, ${act.bytesFromServer} B out, ${act.writes} writes, ${act.refused} refused, ${act.chunks} recorded chunks`;
    case 'channelRefused':
      return `channel refused over ${act.carrier} from ${act.source} to ${act.target || 'nowhere'}${act.grant === '' ? '' : `, grant ${act.grant}`}${said(act.why)}`;
    case 'recordingErased':
      return `recording of grant ${act.grant} erased: ${act.chunks} chunks, ${act.bytes} bytes${said(act.why)}`;
    case 'keySwitch':
      return `key switch ${act.closed ? 'closed' : 'open'}${said(act.why)}`;
  }
}

/** One line about what a person did in a granted session. */
export function describeOperation({ grant, person, target, text, outcome, reason }: OperationRecord): string {
  return `${outcome} ${person} -> ${target} ${text}${said(reason)} (grant ${grant})`;
}

export function describeChunk({ grant, channel, index, bytes }: ChunkRecord): string {
  return `recording of grant ${grant}, channel ${channel}, chunk ${index}: ${bytes} bytes`;
}

function said(text: string): string {
  return text === '' ? '' : `: ${text}`;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
