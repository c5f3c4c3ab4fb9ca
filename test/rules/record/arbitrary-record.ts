import fc from 'fast-check';
import type { EvidenceRecord, Party } from '../../../rules/record/record.ts';

/** Any record the gateway can write, texts of any characters and optional fields absent or zero included. */
export function arbitraryRecord(): fc.Arbitrary<EvidenceRecord> {
  return fc.oneof(connection, connections, refusal, drop, act);
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const small = fc.nat({ max: 0xffff });
const digest = fc.uint8Array({ maxLength: 32 });

const party: fc.Arbitrary<Party> = fc.record({ asset: text, zone: text, address: text, port: small });

const carried = {
  conduit: text,
  flow: text,
  client: party,
  server: party,
  bytesFromClient: count,
  bytesFromServer: count,
  requests: count,
  responses: count,
  refused: count,
  wouldRefuse: count,
  reason: text,
  policyVersion: count,
};

const connection = fc.record({
  kind: fc.constant('connection' as const),
  id: text,
  startedAt: count,
  endedAt: count,
  ...carried,
});

const connections = fc.record({
  kind: fc.constant('connections' as const),
  firstAt: count,
  lastAt: count,
  count,
  ...carried,
  foldedKinds: small,
});

const request = fc.record(
  {
    unit: small,
    functionCode: small,
    subFunction: small,
    address: small,
    quantity: small,
    values: fc.array(small, { maxLength: 8 }),
    readAddress: small,
    readQuantity: small,
    fileNumber: small,
    recordNumber: small,
    recordLength: small,
    before: fc.array(small, { minLength: 1, maxLength: 8 }),
  },
  { requiredKeys: ['unit', 'functionCode', 'values'] },
);

const refusal = fc.record(
  {
    kind: fc.constant('refusal' as const),
    firstAt: count,
    lastAt: count,
    count,
    conduit: text,
    flow: text,
    client: party,
    server: party,
    connection: text,
    request,
    text,
    verdict: text,
    reason: text,
    exceptionCode: small,
    permission: text,
    file: text,
    line: small,
    policyVersion: count,
    lowestAddress: small,
    highestAddress: small,
    action: text,
    message: fc.uint8Array({ maxLength: 64 }),
    alternative: text,
    messageOffset: count,
    foldedKinds: small,
  },
  {
    requiredKeys: [
      'kind',
      'firstAt',
      'lastAt',
      'count',
      'conduit',
      'flow',
      'client',
      'server',
      'connection',
      'text',
      'verdict',
      'reason',
      'exceptionCode',
      'permission',
      'file',
      'line',
      'policyVersion',
      'foldedKinds',
    ],
  },
);

const drop = fc.record({
  kind: fc.constant('drop' as const),
  firstAt: count,
  lastAt: count,
  packets: count,
  reason: text,
  device: text,
  source: party,
  destination: party,
  protocol: text,
  foldedKinds: small,
  verdict: text,
});

const act = fc.record({
  kind: fc.constant('act' as const),
  at: count,
  act: fc.oneof(
    fc.record({
      kind: fc.constant('started' as const),
      release: text,
      site: text,
      gateway: text,
      backEnd: text,
    }),
    fc.record({ kind: fc.constant('stopped' as const), why: text }),
    fc.record({
      kind: fc.constant('bundleAccepted' as const),
      policyVersion: count,
      digest,
      by: text,
      confirmWithin: count,
      signers: fc.array(text, { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('bundleConfirmed' as const), policyVersion: count, digest, by: text }),
    fc.record({
      kind: fc.constant('bundleRolledBack' as const),
      policyVersion: count,
      digest,
      toVersion: count,
      toDigest: digest,
      why: text,
      by: text,
    }),
    fc.record({ kind: fc.constant('bundleRefused' as const), code: text, message: text, digest, by: text }),
    fc.record({ kind: fc.constant('gap' as const), what: text, from: count, to: count, records: count }),
    fc.record({ kind: fc.constant('processDied' as const), process: text, pid: small, how: text }),
    fc.record({ kind: fc.constant('tornTail' as const), segment: small, bytes: count }),
    fc.record({ kind: fc.constant('damage' as const), segment: small, offset: count, problem: text }),
    fc.record({
      kind: fc.constant('removed' as const),
      segment: small,
      firstSequence: count,
      records: count,
      bytes: count,
      hashes: fc.array(digest, { maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('modeSwitched' as const),
      from: text,
      to: text,
      by: text,
      why: text,
      cut: small,
    }),
    fc.record({
      kind: fc.constant('modeReopened' as const),
      mode: text,
      step: small,
      steps: small,
      what: text,
      flows: small,
      by: text,
      why: text,
    }),
    fc.record({
      kind: fc.constant('rehearsed' as const),
      id: text,
      occasion: text,
      what: text,
      dry: fc.boolean(),
      mode: text,
      text,
      participants: fc.array(text, { maxLength: 3 }),
      by: text,
      digest,
    }),
    fc.record({
      kind: fc.constant('tableChanged' as const),
      first: text,
      differences: small,
      putBack: fc.boolean(),
    }),
  ),
});
