import type { Act } from '../../rules/record/record.ts';
import { forgetLeft, readLeft } from '../backup/to-record.ts';
import type { Config } from '../config.ts';
import { GatewayError } from '../errors.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import type { LifeAct } from '../ipc/life-body.ts';
import type { Activation } from '../load/activation.ts';
import type { Logger } from '../log.ts';
import type { Access } from './access.ts';
import { createKeyRing } from './key-ring.ts';
import type { Outcome } from './question-server.ts';
import type { RecordAct, TrustBook } from './trust-book.ts';

/** Copies of the box and changes of its keys, each on record before it is done. */
export interface Life {
  readonly act: (asked: LifeAct, by: string) => Promise<Outcome>;
}

export interface LifeSources {
  readonly config: Pick<Config, 'state'>;
  readonly evidence: Pick<EvidenceLog, 'checkpoint' | 'rotateKey' | 'state'>;
  readonly record: RecordAct;
  readonly look: TrustBook['look'];
  readonly access: Access;
  readonly activation: Pick<Activation, 'active'>;
  readonly log: Logger;
}

/** Puts on record what was done while no engine ran, and which signing keys came or went meanwhile. */
export async function beginLife({
  config: { state },
  evidence,
  record,
  look,
  access,
  activation,
  log,
}: LifeSources): Promise<Life> {
  const isLetIn = (): boolean => access.broker.summary().open.length > 0;
  const isBusy = (): boolean => {
    const { requested, approved } = access.broker.summary();
    return isLetIn() || requested + approved > 0;
  };
  const restate = async (): Promise<readonly Act[]> => [
    ...policyNow(activation),
    ...(await access.restate()),
  ];
  const keys = createKeyRing({ state, evidence, record, isLetIn, isBusy, ...access, restate });
  try {
    const left = readLeft(state);
    for (const act of left) if (act.kind !== 'keyChanging') await record(act);
    const changing = left.findLast((one) => one.kind === 'keyChanging');
    const now = evidence.state().publicKey;
    // Decided by the former engine, and finished when the log was taken up.
    const changed = changing?.former === now ? undefined : changing;
    if (changed !== undefined || left.some(({ kind }) => kind === 'restored')) {
      for (const act of await access.restate()) await record(act);
    }
    if (changed !== undefined) {
      const { former, by, why } = changed;
      await record({ kind: 'keyRotated', what: 'evidence', former, now, by, why });
    }
    if (left.length > 0) forgetLeft(state);
    await look('gateway.yaml', record);
  } catch (cause) {
    // A full disk keeps the plant's gateway from nothing; the next start tries again.
    log.error({ problem: String(cause) }, 'what was done while the gateway was stopped is not on record yet');
  }
  return {
    act: async (asked, by) => {
      try {
        switch (asked.what) {
          case 'back-up': {
            await record({ kind: 'backedUp', by, keys: asked.keys, evidence: asked.evidence });
            await evidence.checkpoint();
            return { ok: true, body: {} };
          }
          case 'rotate':
            return { ok: true, body: await keys.rotate(asked.key, asked.why, by) };
          case 'trust':
            return { ok: true, body: { changed: await look(by, record) } };
        }
      } catch (cause) {
        if (!(cause instanceof GatewayError)) throw cause;
        const { code, message: sentence, remedy } = cause;
        return { ok: false, problem: { code, sentence, remedy } };
      }
    },
  };
}

/** The policy in force, for a log in which nothing says yet what it is. */
function policyNow({ active }: Pick<Activation, 'active'>): readonly Act[] {
  const now = active();
  if (now === undefined) return [];
  const { version: policyVersion } = now.policy;
  const digest = Buffer.from(now.digest, 'hex');
  return [{ kind: 'bundleAccepted', policyVersion, digest, by: 'box', confirmWithin: 0, signers: [] }];
}
