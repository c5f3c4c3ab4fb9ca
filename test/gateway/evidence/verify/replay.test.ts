import { describe, expect, test } from 'vitest';
import { assertionProblem } from '../../../../gateway/evidence/verify/assertion.ts';
import { nodeCrypto } from '../../../../gateway/evidence/verify/node-crypto.ts';
import { createReplay } from '../../../../gateway/evidence/verify/replay.ts';
import type { FindTerms } from '../../../../gateway/evidence/verify/vendor-terms.ts';
import type { Act, EvidenceRecord } from '../../../../rules/record/record.ts';
import { act, beginning, makePasskey, noon, policyDigest, session } from './sessions.ts';

const passkey = makePasskey();
const whole = (): EvidenceRecord[] => [
  ...beginning(passkey),
  ...session({ grant: 'G-AAAA', at: 10_000, passkey, chunks: [Uint8Array.of(1), Uint8Array.of(2)] }),
];

describe('a session as it should be', () => {
  test('leaves nothing to say', () => {
    expect(replayed(whole())).toEqual([]);
  });

  test('counts the sessions and tells what has to be in the recordings', () => {
    const { sessions, recordings } = outcomeOf(whole());
    expect(sessions).toBe(1);
    expect(recordings.get('G-AAAA')?.chunks.map(({ index }) => index)).toEqual([0, 1]);
  });

  test('with a code instead of a passkey is told to be weaker', () => {
    expect(replayed([...beginning(passkey), ...session({ grant: 'G-AAAA', at: 10_000 })])).toEqual([
      'approval-weak',
    ]);
  });
});

describe('what records must not tell', () => {
  test.for<[string, (records: EvidenceRecord[]) => EvidenceRecord[], string]>([
    ['opened with nobody having approved', without('grantApproved'), 'opened-unapproved'],
    ['opened with an approval missing', changed('grantApproved', { missing: 1 }), 'opened-unapproved'],
    ['opened and nobody had asked', without('grantRequested'), 'grant-unasked'],
    ['approved by the one who asked', changed('grantApproved', { by: 'vera' }), 'approval-own'],
    [
      'approved for another request',
      changed('grantApproved', { digest: new Uint8Array(32) }),
      'approval-other',
    ],
    ['approved twice by one person', twice('grantApproved', { missing: 1 }), 'approval-twice'],
    ['opened before it was approved', swapped('grantApproved', 'grantOpened'), 'opened-unapproved'],
    ['opened for longer than asked', changed('grantOpened', { until: noon + 3_600_000 }), 'opened-too-long'],
    [
      'opened under another policy',
      changed('grantOpened', { policyDigest: new Uint8Array(32) }),
      'opened-other-policy',
    ],
    ['asked for a second time', twice('grantRequested', {}), 'grant-twice'],
    ['another length than the digest says', changed('grantRequested', { length: 90_000 }), 'request-differs'],
    ['a channel before the grant was open', swapped('grantOpened', 'channelOpened'), 'channel-without-grant'],
    [
      'a channel to somewhere else',
      changed('channelOpened', { target: 'pumpco/plc-filter.502' }),
      'channel-elsewhere',
    ],
    ['a channel over another carrier', changed('channelOpened', { carrier: 'ssh' }), 'channel-elsewhere'],
    ['a channel that was never opened', without('channelOpened'), 'channel-without-grant'],
    ['a channel more than the end counts', changed('grantClosed', { channels: 0 }), 'counts-differ'],
    ['other bytes than the channels had', changed('grantClosed', { bytesFromClient: 7 }), 'counts-differ'],
    [
      'a write too few',
      (all) => all.filter(({ kind }, at) => kind !== 'operation' || at % 2 === 0),
      'operations-missing',
    ],
    [
      'a piece of the recording too few',
      (all) => all.filter((one) => one.kind !== 'chunk' || one.index === 0),
      'chunks-missing',
    ],
    [
      'pieces of a recording out of order',
      (all) => all.filter((one) => one.kind !== 'chunk' || one.index === 1),
      'chunk-astray',
    ],
    ['closed too late', late(3_000), 'closed-late'],
    ['passkey without its signature', changed('grantApproved', { assertion: '' }), 'approval-forged'],
  ])('%s', ([, change, code]) => {
    expect(replayed(change(whole()))).toContain(code);
  });

  test('opened while the key switch was open', () => {
    const [one, two, three, ...rest] = whole();
    const records = [
      one!,
      two!,
      three!,
      act(5, { kind: 'keySwitch', closed: false, why: 'turned' }),
      ...rest,
    ];
    expect(replayed(records)).toContain('opened-key-switch');
  });

  test('used after a restart, which ends every grant', () => {
    const restart = act(10_500, {
      ...{ kind: 'started', release: '0.1.0', site: 'waterworks', gateway: 'gw-1', backEnd: 'proxy' },
    } as const);
    const records = whole().flatMap((one) => (kindOf(one) === 'channelOpened' ? [restart, one] : [one]));
    expect(replayed(records)).toContain('channel-without-grant');
  });

  test('never closed, though the log goes on long after its end', () => {
    const records = whole().filter((one) => kindOf(one) !== 'grantClosed');
    expect(replayed([...records, act(600_000, { kind: 'stopped', why: 'asked to' })])).toContain(
      'never-closed',
    );
  });

  test.for<[string, string, string, string]>([
    ['that was disabled', 'disabled', 'Olle Ek, approver, duties shift-lead', 'disabled'],
    [
      'that is of no approver',
      'added',
      'Olle Ek, approver, operator viewer, duties shift-lead',
      'no approver',
    ],
    [
      'without the duty',
      'changed',
      'Olle Ek, approver, duties maintenance, until 2027-01-01T00:00:00.000Z',
      'without the duty',
    ],
    ['that was reset within a day', 'reset', 'lost the phone', 'reset within a day'],
  ])('approved by an account %s', ([, what, detail, words]) => {
    const { findings } = outcomeOf(withAccount(what, detail));
    expect(findings[0]).toMatchObject({ code: 'approval-barred', sentence: expect.stringContaining(words) });
  });

  test('approved by who may: nothing', () => {
    expect(
      replayed(withAccount('added', 'Olle Ek, operator approver, duties crew shift-lead, of nobody')),
    ).toEqual([]);
  });
});

describe('against the policy it was opened under', () => {
  const terms = {
    duties: ['shift-lead'],
    people: new Set(['vera']),
    targets: new Set(['pumpco/plc-dosing.502']),
    maxDuration: 3_600_000,
    recordsBytes: true,
  };
  const against = (change: Partial<typeof terms>, records = whole()) => {
    const { findings } = outcomeOf(records, (digest, vendor) =>
      digest === policyDigest && vendor === 'pumpco' ? { ...terms, ...change } : undefined,
    );
    return findings.map(({ code, sentence }) => `${code}: ${sentence}`);
  };

  test('nothing is said of what it lets', () => {
    expect(against({})).toEqual([]);
  });

  test.for<[string, Partial<typeof terms>, string]>([
    [
      'who must approve as well',
      { duties: ['shift-lead', 'ot-manager'] },
      'without the approval of ot-manager',
    ],
    ['in which duty', { duties: ['ot-manager'] }, 'without the approval of ot-manager'],
    ['to whom', { people: new Set(['vidar']) }, 'to vera, whom the model does not name'],
    ['to what', { targets: new Set() }, 'to pumpco/plc-dosing.502, which'],
    ['for how long', { maxDuration: 30_000 }, 'for longer'],
  ])('%s', ([, change, words]) => {
    expect(against(change)).toEqual([expect.stringContaining(words)]);
  });

  test('that what it carried is recorded', () => {
    const unrecorded = changed('channelClosed', { chunks: 0 })(
      whole().filter(({ kind }) => kind !== 'chunk'),
    );
    expect(against({}, unrecorded)).toEqual([expect.stringContaining('nothing of it was recorded')]);
    expect(against({ recordsBytes: false }, unrecorded)).toEqual([]);
  });

  test('who must approve more time as well', () => {
    const [asked, given] = whole().filter((one) => ['grantRequested', 'grantApproved'].includes(kindOf(one)));
    const more = [asked!, given!, act(20_000, { ...extended })].map((one, at) => later(one, 20_000 + at));
    const open = whole().findIndex((one) => kindOf(one) === 'channelClosed');
    const records = whole().toSpliced(open + 1, 0, ...more);
    expect(against({ duties: ['shift-lead'] }, records).join()).not.toContain('was extended');
    expect(against({ duties: ['ot-manager'] }, records).join()).toContain(
      'was extended without the approval of ot-manager',
    );
  });
});

const extended = {
  kind: 'grantExtended',
  grant: 'G-AAAA',
  until: noon + 72_000,
  by: 'olle',
  certificate: new Uint8Array(),
} as const;

/** The same told of an extension, at another time. */
function later(one: EvidenceRecord, after: number): EvidenceRecord {
  if (one.kind !== 'act') return one;
  const told = one.act.kind === 'grantExtended' ? one.act : { ...one.act, extension: 60_000 };
  return act(after, told as Act);
}

describe('what a sound log may tell', () => {
  test('a grant that is open where the records end', () => {
    expect(replayed(whole().slice(0, 8))).toEqual(['still-open']);
  });

  test('a grant that a restart ended, with its channel', () => {
    const records = whole().slice(0, 7);
    const restart = act(3_600_000, {
      kind: 'started',
      release: '0.1.0',
      site: 'waterworks',
      gateway: 'gw-1',
      backEnd: 'proxy',
    });
    expect(replayed([...records, restart])).toEqual(['ended-by-restart']);
    const closed = act(3_600_001, {
      kind: 'grantClosed',
      grant: 'G-AAAA',
      cause: 'box-restarted',
      by: '',
      why: '',
      bytesFromClient: 0,
      bytesFromServer: 0,
      channels: 0,
      writes: 0,
      refused: 0,
    });
    expect(replayed([...records, restart, closed])).toEqual([]);
  });

  test('an end within a second of the time it was granted', () => {
    expect(replayed(late(900)(whole()))).toEqual([]);
  });
});

describe("a passkey's signature", () => {
  const claimIn = (records: EvidenceRecord[]) => outcomeOf(records).claims[0]!;

  test('proves what was approved', () => {
    expect(assertionProblem(claimIn(whole()), nodeCrypto)).toBe('');
  });

  test('of another passkey does not', () => {
    const other = makePasskey(passkey.id);
    const records = [...beginning(other), ...session({ grant: 'G-AAAA', at: 10_000, passkey })];
    expect(assertionProblem(claimIn(records), nodeCrypto)).toMatch(/not that of the passkey/);
  });

  test('of a passkey that was not enrolled does not', () => {
    const records = [
      ...beginning(makePasskey('b3RoZXI')),
      ...session({ grant: 'G-AAAA', at: 10_000, passkey }),
    ];
    expect(assertionProblem(claimIn(records), nodeCrypto)).toMatch(/never enrolled/);
  });

  test.for<[string, string, string]>([
    ['taken off the account', 'passkey', `removed ${passkey.id}`],
    ['gone with a reset', 'reset', 'lost the phone'],
  ])('of a passkey that was %s before does not', ([, what, detail]) => {
    const taken = { account: 'olle', what, detail, by: 'olle', second: '' };
    const other = { ...taken, what: 'passkey', detail: makePasskey('b3RoZXI').detail };
    const records = [
      ...beginning(passkey),
      act(3, { kind: 'accountChanged', ...taken }),
      act(4, { kind: 'accountChanged', ...other }),
      ...session({ grant: 'G-AAAA', at: 2 * 86_400_000, passkey }),
    ];
    expect(assertionProblem(claimIn(records), nodeCrypto)).toMatch(/never enrolled/);
  });

  test('for another request does not', () => {
    const [first, second] = [
      session({ grant: 'G-AAAA', at: 10_000, passkey }),
      session({ grant: 'G-BBBB', at: 10_000, passkey }),
    ];
    const stolen = (second[1] as { act: { assertion: string } }).act.assertion;
    const records = changed('grantApproved', { assertion: stolen })([...beginning(passkey), ...first]);
    expect(assertionProblem(claimIn(records), nodeCrypto)).toMatch(/something else/);
  });

  test('for an approval is none for acting alone', () => {
    const records = changed('grantApproved', { means: 'break-glass' })(whole());
    expect(assertionProblem(claimIn(records), nodeCrypto)).toMatch(/something else/);
  });

  test('that is no JSON is none', () => {
    const records = changed('grantApproved', { assertion: '{"id":' })(whole());
    expect(assertionProblem(claimIn(records), nodeCrypto)).toMatch(/no answer/);
  });
});

function outcomeOf(records: readonly EvidenceRecord[], terms?: FindTerms) {
  const replay = createReplay(nodeCrypto.sha256, terms);
  for (const [sequence, record] of records.entries()) replay.take(sequence, record);
  return replay.end();
}

/** Codes found, in order. */
function replayed(records: readonly EvidenceRecord[]): string[] {
  const { findings } = outcomeOf(records);
  for (const finding of findings) expect(finding.sentence).toMatch(/^[A-Z].*\.$/);
  return findings.map(({ code }) => code);
}

function withAccount(what: string, detail: string): EvidenceRecord[] {
  const told: Act = { kind: 'accountChanged', account: 'olle', what, detail, by: 'ada', second: '' };
  return whole().toSpliced(3, 0, act(5, told));
}

function kindOf(record: EvidenceRecord): string {
  return record.kind === 'act' ? record.act.kind : record.kind;
}

function without(kind: string) {
  return (records: EvidenceRecord[]) => records.filter((one) => kindOf(one) !== kind);
}

function changed(kind: string, fields: object) {
  return (records: EvidenceRecord[]) =>
    records.map((one) =>
      one.kind === 'act' && one.act.kind === kind ? { ...one, act: { ...one.act, ...fields } as Act } : one,
    );
}

function twice(kind: string, first: object) {
  return (records: EvidenceRecord[]) =>
    records.flatMap((one) => (kindOf(one) === kind ? [...changed(kind, first)([one]), one] : [one]));
}

function swapped(one: string, other: string) {
  return (records: EvidenceRecord[]) => {
    const first = records.findIndex((record) => kindOf(record) === one);
    const second = records.findIndex((record) => kindOf(record) === other);
    const moved = [...records];
    [moved[first], moved[second]] = [records[second]!, records[first]!];
    return moved;
  };
}

function late(milliseconds: number) {
  return (records: EvidenceRecord[]) =>
    records.map((one) =>
      one.kind === 'act' && one.act.kind === 'grantClosed' ? { ...one, at: one.at + milliseconds } : one,
    );
}
