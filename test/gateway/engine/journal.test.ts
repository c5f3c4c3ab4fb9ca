import { describe, expect, test } from 'vitest';
import { createJournal } from '../../../gateway/engine/journal.ts';
import { Resumed } from '../../../gateway/load/activation.ts';
import { createLog } from '../../../gateway/log.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { memoryLog } from './memory-log.ts';

function journal() {
  const written: EvidenceRecord[] = [];
  const durable: EvidenceRecord[] = [];
  const evidence = {
    append: (record: EvidenceRecord) => void written.push(record),
    appendDurable: async (record: EvidenceRecord) => void durable.push(record),
  };
  const log = createLog('engine', memoryLog().stream);
  return { ...createJournal({ evidence, configured: Configured, wall: () => 7, log }), written, durable };
}

const rejection = (code: string, message = 'No.') => ({ code, message, remedy: 'Ask.' });
const Anna = 'anna (as root)';
const Configured = '/etc/penstock/plant.bundle';
const known = (version: number) => ({
  policy: { version } as Policy,
  digest: version.toString(16),
  payload: new Uint8Array(),
  signers: ['site', 'owner'],
  since: 0,
});
const next = { ok: true, ...known(0x42) } as const;
const applied = { kind: 'apply', by: Anna, confirmWithin: 120_000 } as const;
const restarted = { kind: 'restart', by: Resumed, confirmWithin: 0 } as const;

describe('what the gateway did', () => {
  test('a new policy is on the medium before it takes effect; the confirmed one need not be again', async () => {
    const { accepted, written, durable } = journal();
    await accepted(next, applied, undefined);
    expect(durable).toMatchObject([
      {
        at: 7,
        act: {
          kind: 'bundleAccepted',
          policyVersion: 0x42,
          by: Anna,
          confirmWithin: 120_000,
          signers: ['site', 'owner'],
        },
      },
    ]);
    await accepted(next, restarted, undefined);
    expect(written).toMatchObject([{ act: { by: Resumed } }]);
    expect(durable).toHaveLength(1);
  });

  test('what it tries again by itself is told once, what a person hands over each time', () => {
    const { rejected, rejections, written } = journal();
    for (let again = 0; again < 100; again += 1) {
      rejected(rejection('PST_ERR_ROUTING'), Resumed);
      rejected(rejection('BUNDLE_VERSION'), Configured);
    }
    expect(written).toHaveLength(2);
    rejected(rejection('PST_ERR_ROUTING', 'Another.'), Resumed);
    rejected(rejection('BUNDLE_KEY'), Anna);
    rejected(rejection('BUNDLE_KEY'), Anna);
    expect(written).toHaveLength(5);
    expect(rejections()).toEqual(
      new Map([
        ['PST_ERR_ROUTING', 2],
        ['BUNDLE_VERSION', 1],
        ['BUNDLE_KEY', 2],
      ]),
    );
  });

  test('a person who goes back is on the medium before it counts, with both versions', async () => {
    const { accepted, durable, lastRollback } = journal();
    await accepted(next, { ...applied, kind: 'rollback' }, known(0x43));
    const act = { kind: 'bundleRolledBack', policyVersion: 0x43, toVersion: 0x42, by: Anna };
    expect(durable).toMatchObject([{ act }]);
    expect(lastRollback()).toMatchObject({ from: { policy: { version: 0x43 } }, by: Anna });
  });

  test('a policy that is taken back is on record and stands in no way', () => {
    const { rolledBack, rollbackFailed, rollbackTrouble, rollbacks, written, durable } = journal();
    rollbackFailed(rejection('PST_ERR_NFT_CHILD', 'It does not answer.'));
    expect(rollbackTrouble()).toBe('It does not answer.');
    rolledBack({ from: known(0x43), to: undefined, why: 'Nobody confirmed it in time.', by: '' });
    expect(written).toMatchObject([
      { act: { kind: 'bundleRolledBack', toVersion: 0, toDigest: Buffer.alloc(0) } },
    ]);
    expect([durable.length, rollbacks(), rollbackTrouble()]).toEqual([0, 1, '']);
  });

  test('the last rejection is kept whole, also when it was thrown', () => {
    const { rejected, lastRejection } = journal();
    rejected(
      Object.assign(new Error('Cannot be read.'), { code: 'PST_ERR_BUNDLE_READ', remedy: 'Look.' }),
      'x',
    );
    expect(lastRejection()).toEqual({
      at: 7,
      code: 'PST_ERR_BUNDLE_READ',
      message: 'Cannot be read.',
      remedy: 'Look.',
    });
  });
});
