import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEvaluator, type Question } from '../../../rules/evaluate/evaluator.ts';
import { PlainRegister } from '../../../rules/evaluate/value-form.ts';
import type { ModbusProfile } from '../../../rules/modbus/profile.ts';
import type { FlowRule, Policy } from '../../../rules/policy.ts';
import { sampleFlow, samplePolicy } from '../../gateway/inspector/sample.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import {
  modelText,
  Noon,
  type RandomModel,
  randomModel,
  randomSession,
} from '../../system/differential/random-model.ts';
import { randomProbe } from '../../system/differential/random-probe.ts';
import { randomProfiles } from '../../system/differential/random-profile.ts';
import { randomAsked } from '../../system/differential/random-request.ts';
import { createRandom } from '../modbus/fuzz/random.ts';

/** Allowances only add up: what the same permissions say together depends on neither order nor company. */
describe('the order', () => {
  test('of flows decides who is named and never what passes', () => {
    fc.assert(
      fc.property(compiled, fc.nat(), randomSession, (policy, seed, session) => {
        const turned = {
          ...policy,
          flows: policy.flows.toReversed(),
          conduits: policy.conduits.toReversed(),
        };
        const [one, other] = [createEvaluator(policy), createEvaluator(turned)];
        for (const question of questions(policy, seed, session)) {
          const [before, after] = [one.ask(question), other.ask(question)];
          expect([after.outcome, after.profile]).toEqual([before.outcome, before.profile]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of permissions never matters', () => {
    fc.assert(
      fc.property(randomProfiles, fc.nat(), ({ normal }, seed) => {
        const turned = { ...normal, permissions: [...normal.permissions].reverse() };
        for (const question of requests(normal, seed)) {
          // A value without a form is sent in that of the first permission that has one.
          const plain = { ...question, form: PlainRegister };
          const [one, other] = [normal, turned].map((profile) => askUnder(profile, plain));
          expect(other?.outcome).toBe(one?.outcome);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('one more', () => {
  test('flow never turns what passes into what does not', () => {
    fc.assert(
      fc.property(compiledPair, fc.nat(), randomSession, ([less, more], seed, session) => {
        const kept = new Set(less.flows.map(textOf));
        fc.pre(more.flows.filter((flow) => kept.has(textOf(flow))).length === less.flows.length);
        for (const question of questions(more, seed, session)) {
          if (createEvaluator(less).ask(question).outcome === 'allow')
            expect(createEvaluator(more).ask(question).outcome).toBe('allow');
        }
      }),
      { numRuns: 40 },
    );
  });

  test('permission never turns what passes into what does not', () => {
    fc.assert(
      fc.property(randomProfiles, fc.nat(), fc.nat(), ({ normal }, seed, which) => {
        const without = which % normal.permissions.length;
        const less = { ...normal, permissions: normal.permissions.filter((_, index) => index !== without) };
        for (const question of requests(normal, seed)) {
          // The form of a value may be what the permission brought.
          const plain = { ...question, form: PlainRegister };
          if (askUnder(less, plain).outcome === 'allow')
            expect(askUnder(normal, plain).outcome).toBe('allow');
        }
      }),
      { numRuns: 60 },
    );
  });
});

const compiled: fc.Arbitrary<Policy> = randomModel.map(compileModel).filter((policy) => policy !== undefined);

/** A model, and the same with a flow more. */
const compiledPair: fc.Arbitrary<readonly [Policy, Policy]> = fc
  .tuple(randomModel, fc.nat())
  .map(([model, which]): readonly [Policy | undefined, Policy | undefined] => {
    const conduit = which % model.conduits.length;
    const conduits = model.conduits.map((each, index) =>
      index === conduit ? { ...each, flows: each.flows.slice(0, -1) } : each,
    );
    const less = { ...model, conduits: conduits.filter(({ flows }) => flows.length > 0), kept: [] };
    return less.conduits.length === 0
      ? [undefined, undefined]
      : [compileModel(less), compileModel({ ...model, kept: [] })];
  })
  .filter((pair): pair is readonly [Policy, Policy] => pair.every((policy) => policy !== undefined));

function compileModel(model: RandomModel): Policy | undefined {
  return [...compileText(modelText(model)).policies.values()][0];
}

/** What a flow permits, by whatever name. */
function textOf({ sources, destinations, protocol, ports, profile, gate, oneWay }: FlowRule): string {
  return JSON.stringify([sources, destinations, protocol, ports, profile, gate, oneWay]);
}

function questions(policy: Policy, seed: number, session: string): readonly Question[] {
  const random = createRandom(seed);
  return Array.from({ length: 25 }, (_, index) => {
    const { source, destination, protocol, destinationPort } = randomProbe(random, policy, index);
    return {
      protocol: protocol === 'icmp' ? 'icmp-echo' : protocol,
      client: source,
      server: destination,
      port: destinationPort,
      request: undefined,
      given: { mode: random.pick(['normal', 'island']), at: Noon, session, last: [], read: [] },
    };
  });
}

function requests(profile: ModbusProfile, seed: number) {
  const random = createRandom(seed);
  return Array.from({ length: 40 }, () => randomAsked(random, profile));
}

function askUnder(profile: ModbusProfile, request: NonNullable<Question['request']>) {
  const policy = samplePolicy({ flows: [sampleFlow({ profile: profile.name })], profiles: [profile] });
  const ends = { client: '10.10.0.10', server: '10.20.0.20', protocol: 'tcp', port: 502 } as const;
  const given = { mode: 'normal', at: Noon, session: '', last: [{ address: 51, value: 357 }], read: [] };
  return createEvaluator(policy).ask({ ...ends, request, given });
}
