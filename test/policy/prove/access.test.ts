import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../policy/compile/compile.ts';
import type { EndpointRef, ZoneModel } from '../../../policy/model/zone-model.ts';
import {
  type Access,
  type AccessPiece,
  accessOf,
  subtractAccess,
  witness,
} from '../../../policy/prove/access.ts';
import { spansOf } from '../../../policy/prove/packet-box.ts';
import { pieceTexts } from '../../../policy/prove/piece-text.ts';
import { has } from '../../../policy/prove/sets/spans.ts';
import { buildRequest } from '../../../rules/evaluate/build-request.ts';
import { createEvaluator } from '../../../rules/evaluate/evaluator.ts';
import type { Way } from '../../../rules/flow-match.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { AskedRequest } from '../../../rules/policy-test.ts';
import { profileOf } from '../../rules/modbus/builders.ts';
import { example, Now } from './plants.ts';
import { holds } from './request-holds.ts';

const Undeclared = [
  '  C-03:\n    name: Historian replication',
  '  C-03:\n    stage: {audit_until: 2027-01-01T00:00:00Z, undeclared: pass}\n    name: Historian replication',
] as const;

const models = [example('waterworks'), example('waterworks', Undeclared), example('flat-network')];

const asked: fc.Arbitrary<AskedRequest> = fc
  .record({
    functionCode: fc.constantFrom(1, 2, 3, 4, 5, 6, 16, 22, 43),
    unit: fc.constantFrom(0, 1, 1, 1, 2),
    address: fc.constantFrom(0, 12, 15, 16, 20, 50, 99, 100, 119, 120, 139, 140, 200, 399, 400),
    quantity: fc.constantFrom(1, 2, 10, 61),
    value: fc.constantFrom(0, 1, 5, 35, 36, 1000, 1001),
  })
  .map(({ functionCode, unit, address, quantity, value }) => ({
    ...NoRequest,
    unit,
    functionCode,
    address: functionCode === 43 ? undefined : address,
    quantity: functionCode <= 4 ? quantity : undefined,
    values:
      functionCode === 6
        ? [value]
        : functionCode === 16
          ? [value, value]
          : functionCode === 5
            ? [value & 1]
            : [],
    andMask: functionCode === 22 ? 0 : undefined,
    orMask: functionCode === 22 ? value : undefined,
    mei: functionCode === 43 ? 14 : undefined,
  }));

describe('what a model ever permits', () => {
  test.for(models.map((model, at) => [at, model] as const))(
    'holds everything that model %i lets pass in any mode, at any time, with and without a session',
    ([, model]) => {
      const policies = policiesOf(model);
      const evaluators = policies.map(createEvaluator);
      const access = accessOf(model, Now);
      let passed = 0;
      fc.assert(
        fc.property(waysIn(model), asked, givenIn(model), (way, request, given) => {
          for (const evaluator of evaluators) {
            const { outcome } = evaluator.ask({
              ...way,
              request: way.protocol === 'tcp' ? request : undefined,
              given,
            });
            if (outcome !== 'allow' && outcome !== 'would-refuse') continue;
            passed++;
            const isMessage = way.protocol === 'tcp' ? request : undefined;
            expect(access.pieces.some((piece) => mayPass(piece, way, isMessage))).toBe(true);
          }
        }),
        { numRuns: 3000 },
      );
      // Questions that nothing answers with yes would show nothing.
      expect(passed).toBeGreaterThan(100);
    },
  );

  test('is gone with the end of a temporary conduit, and counts before its beginning', () => {
    const model = example('waterworks');
    const opened = (now: number) =>
      accessOf(model, now).pieces.some(({ by }) => by.kind === 'flow' && by.flow.conduit.id === 'C-06');
    expect(opened(Date.parse('2026-01-01T00:00:00Z'))).toBe(true);
    expect(opened(Date.parse('2026-11-30T15:59:59Z'))).toBe(true);
    expect(opened(Date.parse('2026-11-30T16:00:00Z'))).toBe(false);
  });

  test('is every request in an audit stage, and the profile again when it has ended', () => {
    const model = example('waterworks');
    const requests = (now: number) =>
      accessOf(model, now).pieces.find(({ by }) => by.kind === 'flow' && by.flow.id === 'C-05/F-03')
        ?.requests;
    expect(requests(Now)).toBe('any-request');
    expect(requests(Date.parse('2027-03-31T00:00:00Z'))).toBeInstanceOf(Array);
  });

  test('leaves an undeclared way only to servers that no inspected flow leads to, and none into safety', () => {
    const into = (conduit: string) => {
      const model = example('waterworks', [
        `  ${conduit}:\n`,
        `  ${conduit}:\n    stage: {audit_until: 2027-01-01T00:00:00Z, undeclared: pass}\n`,
      ]);
      return accessOf(model, Now).pieces.filter(({ by }) => by.kind === 'undeclared');
    };
    expect(into('C-07')).toEqual([]);
    const process = into('C-05').flatMap(({ packets }) => packets.destination);
    const at = (address: string) => has(process, spansOf([address])[0]!.first);
    expect([at('10.30.0.10'), at('10.30.0.11'), at('10.30.0.12'), at('10.30.0.13')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('the difference of two models', () => {
  test('is nothing where they are the same', () => {
    for (const model of models)
      expect(subtractAccess(accessOf(model, Now), accessOf(model, Now))).toEqual([]);
    const [one, two] = [example('waterworks'), example('waterworks')];
    expect(subtractAccess(accessOf(one, Now), accessOf(two, Now))).toEqual([]);
  });

  test.for([
    ['another port', 'port: 8443, ticket: CHG-1003', 'port: [8443, 8444], ticket: CHG-1003'],
    ['another source', '{src: bi-server, dst: hist-replica', '{src: [bi-server, siem], dst: hist-replica'],
    ['a whole zone', '{src: bi-server, dst: hist-replica', '{src: enterprise, dst: hist-replica'],
    ['longer ranges', '{fc: [3, 4], units: [1], address: 0-399}', '{fc: [3, 4], units: [1], address: 0-449}'],
    ['larger values', 'value: {min: 0, max: 35}', 'value: {min: 0, max: 36}'],
    ['a larger float', 'min: 0.0, max: 12.5', 'min: 0.0, max: 12.75'],
    [
      'another function',
      'allow:\n      - {fc: [2], units: [1], address: 0-15',
      'allow:\n      - {fc: [1, 2], units: [1], address: 0-15',
    ],
    ['another step', 'max_step: {max: 5}', 'max_step: {max: 6}'],
    ['a later end', 'expires: 2026-11-30T16:00:00Z', 'expires: 2026-12-24T16:00:00Z'],
    ['no session', 'requires: session, ', ''],
    ['a mode that keeps more', 'keep: [C-05, C-07, C-08]', 'keep: [C-03, C-05, C-07, C-08]'],
    ['no inspection', 'port: 502, modbus: sis-status, ticket', 'port: 502, ticket'],
  ] as const)('is told in the words of the plant: %s', async ([name, before, after]) => {
    const [old, next] = [
      accessOf(example('waterworks'), Now),
      accessOf(example('waterworks', [before, after]), Now),
    ];
    const text = ['+', ...textsOf(next, old), '-', ...textsOf(old, next), ''].join('\n');
    for (const piece of [...subtractAccess(next, old), ...subtractAccess(old, next)]) {
      expect(witness(piece)).toBeDefined();
    }
    const file = new URL(`../../golden/prove/${name.replaceAll(' ', '-')}.diff`, import.meta.url);
    await expect(text).toMatchFileSnapshot(file.pathname);
  });
});

function textsOf(one: Access, other: Access): readonly string[] {
  return subtractAccess(one, other).flatMap((piece) =>
    pieceTexts(piece).map(({ text, boxes }) => {
      const doubts = [...piece.doubts, ...boxes.flatMap((box) => box.doubts)];
      return doubts.length === 0 ? text : `${text} [${[...new Set(doubts)].join(', ')}]`;
    }),
  );
}

function mayPass({ packets, requests }: AccessPiece, way: Way, asked: AskedRequest | undefined): boolean {
  const [source, destination] = [way.client, way.server].map((address) => spansOf([address])[0]!.first);
  const isWay =
    packets.protocol === way.protocol &&
    has(packets.source, source!) &&
    has(packets.destination, destination!) &&
    has(packets.port, way.port);
  if (!isWay || typeof requests === 'string' || asked === undefined) return isWay;
  return requests.some((box) => {
    // Values are typed by the permission they meet, as the evaluator does.
    const profile = profileOf(box.permission === undefined ? [] : [{ ...box.permission, line: 1 }]);
    const built = buildRequest(asked, profile);
    return built.ok && holds(box, built.request);
  });
}

/** Mostly ways of flows, of which something may be another. */
function waysIn({ assets, zones, flows }: ZoneModel): fc.Arbitrary<Way> {
  const strangers = zones.flatMap(({ networks }) =>
    networks.map(({ prefix }) => prefix.replace(/\d+\/\d+$/, '7')),
  );
  const anyone = [...assets.flatMap(({ addresses }) => addresses), ...strangers];
  const addresses = (ends: readonly EndpointRef[]) =>
    ends.flatMap((end) => (end.kind === 'asset' ? end.asset.addresses : strangers));
  const own = flows.flatMap(({ sources, destinations, protocol, ports }) =>
    addresses(sources).flatMap((client) =>
      addresses(destinations).map(
        (server): Way => ({ client, server, protocol, port: ports[0]?.first ?? 0 }),
      ),
    ),
  );
  return fc
    .record({
      way: fc.constantFrom(...own),
      other: fc.record(
        {
          client: fc.constantFrom(...anyone),
          server: fc.constantFrom(...anyone),
          port: fc.constantFrom(502, 503, 443, 1),
          protocol: fc.constantFrom('tcp', 'udp' as const),
        },
        { requiredKeys: [] },
      ),
      isOther: fc.boolean(),
    })
    .map(({ way, other, isOther }) => (isOther ? { ...way, ...other } : way))
    .map((way) => ({ ...way, port: way.protocol === 'icmp-echo' ? 0 : way.port || 7 }));
}

function givenIn({ modes, vendors }: ZoneModel) {
  return fc.record({
    mode: fc.constantFrom('normal', ...modes.map(({ name }) => name)),
    at: fc.constantFrom(Now, Date.parse('2026-11-23T10:00:00Z'), Date.parse('2027-06-01T10:00:00Z')),
    session: fc.constantFrom('', ...vendors.map(({ id }) => id)),
    last: fc.constant([{ address: 140, value: 33 }]),
    read: fc.constantFrom([], [{ functionCode: 2, address: 12, value: 1 }]),
  });
}

function policiesOf(model: ZoneModel): readonly Policy[] {
  return model.gateways.map(({ name }) => {
    const terms = {
      gateway: name,
      now: Now,
      notBefore: Now,
      modelDigest: new Uint8Array(32),
      compiler: 'test',
    };
    const result = compile(model, terms);
    if (!result.ok) throw new Error(JSON.stringify(result.findings));
    return result.policy;
  });
}

const NoRequest: AskedRequest = {
  unit: 1,
  functionCode: 3,
  address: undefined,
  quantity: undefined,
  values: [],
  readAddress: undefined,
  readQuantity: undefined,
  andMask: undefined,
  orMask: undefined,
  subFunction: undefined,
  mei: undefined,
  file: undefined,
  record: undefined,
};
