import { describe, expect, test } from 'vitest';
import { ByPerson, createJournal } from '../../../gateway/engine/journal.ts';
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
  return { ...createJournal({ evidence, wall: () => 7, log }), written, durable };
}

const rejection = (code: string, message = 'No.') => ({ code, message, remedy: 'Ask.' });
const policy = { version: 42 } as Policy;

describe('what the gateway did', () => {
  test('a new policy is on the medium before it takes effect; the confirmed one need not be again', async () => {
    const { accepted, written, durable } = journal();
    await accepted(policy, 'ab', ByPerson);
    expect(durable).toMatchObject([
      { at: 7, act: { kind: 'bundleAccepted', policyVersion: 42, by: ByPerson } },
    ]);
    await accepted(policy, 'ab', Resumed);
    expect(written).toMatchObject([{ act: { by: Resumed } }]);
    expect(durable).toHaveLength(1);
  });

  test('what it tries again by itself is told once, what a person hands over each time', () => {
    const { rejected, rejections, written } = journal();
    for (let again = 0; again < 100; again += 1) {
      rejected(rejection('PST_ERR_ROUTING'), Resumed);
      rejected(rejection('BUNDLE_VERSION'), '/etc/penstock/plant.bundle');
    }
    expect(written).toHaveLength(2);
    rejected(rejection('PST_ERR_ROUTING', 'Another.'), Resumed);
    rejected(rejection('BUNDLE_KEY'), ByPerson);
    rejected(rejection('BUNDLE_KEY'), ByPerson);
    expect(written).toHaveLength(5);
    expect(rejections()).toEqual(
      new Map([
        ['PST_ERR_ROUTING', 2],
        ['BUNDLE_VERSION', 1],
        ['BUNDLE_KEY', 2],
      ]),
    );
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
