import { type Reason, Reasons } from '../../rules/reason.ts';
import type { Act, EvidenceRecord } from '../../rules/record/record.ts';

/** The IEC 62443-3-3 requirement a record is evidence for, as `2.8` or `1.13 RE1`. */
export function requirementOf(record: EvidenceRecord): string {
  switch (record.kind) {
    case 'connection':
    case 'connections':
      return '2.8';
    case 'refusal':
    case 'drop':
      return ofReason(record.reason, '5.2');
    case 'operation':
      return ofReason(record.reason, '2.8');
    case 'chunk':
      return '2.8';
    case 'act':
      return ofAct(record.act);
  }
}

function ofAct(act: Act): string {
  // A session is closed for a cause that stands for a requirement of its own.
  if (act.kind === 'grantClosed' || act.kind === 'channelClosed') return ofReason(act.cause, '2.6');
  return Requirements[act.kind];
}

function ofReason(code: string, otherwise: string): string {
  return Object.hasOwn(Reasons, code) ? Reasons[code as Reason].sr : otherwise;
}

const Requirements: { readonly [Kind in Act['kind']]: string } = {
  started: '2.8',
  stopped: '2.8',
  bundleAccepted: '3.4',
  bundleConfirmed: '3.4',
  bundleRolledBack: '3.4',
  bundleRefused: '3.4',
  gap: '2.10',
  processDied: '7.1',
  tornTail: '3.9',
  damage: '3.9',
  removed: '2.9',
  modeSwitched: '5.2 RE2',
  modeReopened: '5.2 RE2',
  rehearsed: '5.2 RE2',
  tableChanged: '3.4',
  originStarted: '3.9',
  witnessed: '3.9',
  evidenceQuota: '2.9 RE1',
  alarmChanged: '6.2',
  accountChanged: '1.3',
  signedIn: '1.1',
  signedOut: '2.5',
  signInRefused: '1.11',
  grantRequested: '1.13',
  grantApproved: '1.13 RE1',
  grantRefused: '1.13 RE1',
  grantOpened: '1.13',
  grantExtended: '1.13 RE1',
  grantClosed: '2.6',
  channelOpened: '1.13',
  channelClosed: '2.6',
  channelRefused: '1.13',
  recordingErased: '2.9',
  keySwitch: '1.13',
  backedUp: '7.3',
  restored: '7.4',
  keyRotated: '1.8',
  trustChanged: '1.8',
  softwareUpdated: '3.4',
};
