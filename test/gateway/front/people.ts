import { randomBytes } from 'node:crypto';
import type { AccountBody, MeBody, WelcomeBody } from '../../../gateway/ipc/account-body.ts';
import type {
  ChannelBody,
  CredentialsBody,
  EvidenceBody,
  GrantBody,
  OfferBody,
  OperationBody,
  ReceiptBody,
} from '../../../gateway/ipc/grant-body.ts';
import { qrSvg } from '../../../gateway/qr.ts';

const Hour = 3_600_000;
const Day = 86_400_000;

/* Bodies of people and of granted sessions, as an engine gives them; each part can be replaced. */

export const welcome: WelcomeBody = {
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  name: 'localhost',
  banner: 'Riverside water treatment. Authorised persons only; what is done here is recorded.',
  empty: false,
};

export function account(changes: Partial<AccountBody> = {}): AccountBody {
  return {
    name: 'ada',
    fullName: 'Ada Holm',
    roles: ['operator'],
    duties: [],
    vendor: '',
    state: 'active',
    endsAt: 0,
    lockedUntil: 0,
    factors: [{ id: 'F-1', kind: 'totp', label: 'phone', since: Date.now() - Day, lastUsed: Date.now() }],
    recoveryCodes: 8,
    signIns: 1,
    lastSignIn: Date.now() - 60_000,
    mayNotApproveUntil: 0,
    resetAskedBy: '',
    ...changes,
  };
}

export function me(body: AccountBody, changes: Partial<MeBody> = {}): MeBody {
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  return {
    account: body,
    session: 'S-1',
    means: 'totp',
    signedInAt: now,
    factorAt: now,
    endsAt: now + 12 * Hour,
    idleEndsAt: now + Hour,
    locked: false,
    mustEnrol: false,
    banner: welcome.banner,
    ...changes,
  };
}

export const offer: OfferBody = [
  {
    vendor: 'pumpco',
    company: 'PumpCo Service AB',
    targets: [
      {
        id: 'pumpco/plc-dosing.502',
        asset: 'plc-dosing',
        zone: 'process',
        port: 502,
        profile: 'vendor-diagnosis',
        pinhole: false,
      },
      {
        id: 'pumpco/plc-intake.44818',
        asset: 'plc-intake',
        zone: 'process',
        port: 44_818,
        profile: '',
        pinhole: false,
      },
    ],
    carriers: ['tls', 'ssh'],
    maxDuration: 4 * Hour,
    idle: 15 * 60_000,
    window: 'Mon–Fri 07:00–16:00 Europe/Stockholm',
    contractEnds: Date.now() + 200 * Day,
    approval: { role: 'shift-lead', second: '' },
    obstacles: [],
  },
];

export function grant(changes: Partial<GrantBody> = {}): GrantBody {
  const now = Date.now();
  return {
    id: 'G-7F3K92QD',
    digest: '5e'.repeat(32),
    code: '7F3K-92QD',
    state: 'requested',
    vendor: 'pumpco',
    company: 'PumpCo Service AB',
    person: 'pavel',
    fullName: 'Pavel Novak',
    targets: offer[0]?.targets.slice(0, 1) ?? [],
    carrier: 'tls',
    weak: false,
    reason: 'Dosing pump 2 reports a stuck valve; read its counters and set the dose limit back',
    ticket: 'WO-4711',
    length: Hour,
    requestedAt: now - 4 * 60_000,
    requestEndsAt: now + 56 * 60_000,
    missing: ['shift-lead'],
    approvals: [],
    extension: 0,
    openedAt: 0,
    endsAt: 0,
    secondsLeft: 0,
    idle: 15 * 60_000,
    idleLeft: 0,
    warning: '',
    conditions: ['account', 'factor', 'window', 'mode', 'key-switch', 'evidence', 'clock', 'policy'].map(
      (what) => ({ what, holds: true, sentence: `The condition ${what} holds.` }),
    ),
    channels: [],
    bytesFromClient: 0,
    bytesFromServer: 0,
    writes: 0,
    refused: 0,
    lastActivity: 0,
    closedAt: 0,
    cause: '',
    closedBy: '',
    why: '',
    breakGlass: false,
    receipt: false,
    ...changes,
  };
}

export function openGrant(changes: Partial<GrantBody> = {}): GrantBody {
  const now = Date.now();
  return grant({
    id: 'G-OPEN0001',
    state: 'open',
    missing: [],
    approvals: [{ by: 'ada', role: 'shift-lead', at: now - 600_000, means: 'passkey', weak: false }],
    openedAt: now - 600_000,
    endsAt: now + 50 * 60_000,
    secondsLeft: 3000,
    idleLeft: 11 * 60_000,
    channels: [channel()],
    bytesFromClient: 18_220,
    bytesFromServer: 48_112,
    writes: 1,
    refused: 1,
    lastActivity: now - 4_000,
    ...changes,
  });
}

export function channel(changes: Partial<ChannelBody> = {}): ChannelBody {
  const now = Date.now();
  return {
    id: 'CH-1',
    target: 'pumpco/plc-dosing.502',
    carrier: 'tls',
    source: '198.51.100.7:40312',
    since: now - 560_000,
    bytesFromClient: 18_220,
    bytesFromServer: 48_112,
    lastActivity: now - 4_000,
    writes: 1,
    refused: 1,
    ...changes,
  };
}

export function operation(number: number, changes: Partial<OperationBody> = {}): OperationBody {
  return {
    number,
    at: Date.now() - 30_000 + number * 1000,
    grant: 'G-OPEN0001',
    channel: 'CH-1',
    person: 'pavel',
    target: 'pumpco/plc-dosing.502',
    text: 'READ 4 holding registers from 40101 on unit 1',
    outcome: 'passed',
    reason: '',
    write: false,
    ...changes,
  };
}

export const operations = (): OperationBody[] => [
  operation(1),
  operation(2, { text: 'WRITE holding 40141 “Cl2 dose”: 20 → 25', write: true }),
  operation(3, {
    text: 'WRITE coil 65 = on on unit 1',
    write: true,
    outcome: 'refused',
    reason: 'fc-not-allowed',
  }),
];

export const evidence: EvidenceBody = {
  checkpoint:
    'penstock/riverside-wtp/cgw-01/1a2b3c4d\n48213\nq1Zk3mWc0bq2mTn2m1v2f9J6pI2oQK2dG0bYkN4n7kE=\n\n' +
    '— penstock/riverside-wtp/cgw-01/1a2b3c4d GitNNi5pQm1v2f9J6pI2oQK2dG0bYkN4n7kEGitNNi5pQm1v2f9J6pI2oQK2dG0b\n',
  origin: 'penstock/riverside-wtp/cgw-01/1a2b3c4d',
  size: 48_213,
  at: Date.now() - 20_000,
  witnessedSize: 48_100,
  witnesses: [{ name: 'witness/cgw-02', size: 48_100, at: Date.now() - 65_000 }],
  qr: qrSvg('penstock/riverside-wtp/cgw-01/1a2b3c4d 48213'),
  publicKey: 'penstock/riverside-wtp/cgw-01/1a2b3c4d+1a2b3c4d+AQ…',
  bytes: 9_870_336,
  maxBytes: 1_073_741_824,
  broken: '',
};

export function credentials(id: string): CredentialsBody {
  return {
    certificate: '-----BEGIN CERTIFICATE-----\nMIIBfake\n-----END CERTIFICATE-----\n',
    key: '-----BEGIN PRIVATE KEY-----\nMIGHfake\n-----END PRIVATE KEY-----\n',
    authority: '-----BEGIN CERTIFICATE-----\nMIIBauth\n-----END CERTIFICATE-----\n',
    host: 'penstock.plant.example',
    port: 8443,
    until: Date.now() + Hour,
    lines: [
      {
        system: 'Linux, macOS, Windows',
        title: 'penstock: 127.0.0.1:1502 is plc-dosing port 502',
        text: `penstock connect --credentials ${id}.pem --to penstock.plant.example:8443 --target plc-dosing-502.penstock --listen 127.0.0.1:1502`,
      },
      {
        system: 'Windows',
        title: 'stunnel',
        text: '[plc-dosing-502]\nclient = yes\naccept = 127.0.0.1:1502',
      },
    ],
  };
}

export const receipt: ReceiptBody = {
  text: '{"grant":"G-OPEN0001"}',
  signature: 'c2lnbmF0dXJl',
  publicKey: 'a2V5',
  verify: 'penstock evidence receipt G-OPEN0001.receipt.json',
};

/** Of a form that a browser takes; the fake believes every answer. */
export function passkeyOptions(): string {
  return JSON.stringify({
    challenge: randomBytes(32).toString('base64url'),
    rp: { id: 'localhost', name: 'Penstock' },
    rpId: 'localhost',
    user: { id: randomBytes(16).toString('base64url'), name: 'ada', displayName: 'Ada Holm' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    timeout: 60_000,
    userVerification: 'preferred',
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
}
