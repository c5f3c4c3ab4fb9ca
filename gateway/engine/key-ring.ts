import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Act } from '../../rules/record/record.ts';
import type { Authority } from '../authority/authority.ts';
import { leaveForRecord, takeBack } from '../backup/to-record.ts';
import { GatewayError } from '../errors.ts';
import type { EvidenceLog } from '../evidence/evidence-log.ts';
import { failure } from '../evidence/failure.ts';
import type { RotatedBody, RotatedKey } from '../ipc/life-body.ts';
import { KeyBytes, printOfKey, readRecordingKey, replaceRecordingKey } from '../recording/recording-key.ts';
import { KeyName } from '../recording/stored-files.ts';
import type { RecordAct } from './trust-book.ts';

/** The keys of the box that can be changed while it runs. */
export interface KeyRing {
  /** On record before it takes effect. Rejects with PST_ERR_KEY_IN_USE, PST_ERR_EVIDENCE, PST_ERR_RECORDING, PST_ERR_AUTHORITY. */
  readonly rotate: (what: RotatedKey, why: string, by: string) => Promise<RotatedBody>;
}

export interface KeyRingSources {
  readonly state: string;
  readonly evidence: Pick<EvidenceLog, 'rotateKey' | 'state'>;
  readonly authority: Pick<Authority, 'rotate'>;
  readonly useRecordingKey: (key: Uint8Array) => void;
  /** Whether somebody is let in, or has asked to be. */
  readonly isBusy: () => boolean;
  /** Whether somebody is let in with what the authority or the host key stands for. */
  readonly isLetIn: () => boolean;
  /** What grants are judged by, told once more under a new key of the log. */
  readonly restate: () => Promise<readonly Act[]>;
  /** Whoever shows the page's certificate is told of the new one. */
  readonly renewIdentity: () => void;
  readonly record: RecordAct;
}

export function createKeyRing(sources: KeyRingSources): KeyRing {
  const { state, evidence, authority, useRecordingKey, isBusy, isLetIn, restate, renewIdentity, record } =
    sources;
  return {
    rotate: async (what, why, by) => {
      const told = async (former: string, now: string): Promise<RotatedBody> => {
        await record({ kind: 'keyRotated', what, former, now, by, why });
        return { former, now };
      };
      switch (what) {
        case 'evidence': {
          // The evidence of a session is proved by one key alone.
          if (isBusy()) throw new GatewayError('PST_ERR_KEY_IN_USE');
          // The handover itself is the first record under the new key; who wanted it follows.
          try {
            // An engine that is ended in between leaves it to the next one.
            leaveForRecord(state, { kind: 'keyChanging', former: evidence.state().publicKey, by, why });
            const { former, now } = await evidence.rotateKey(why === '' ? 'its key was changed' : why);
            for (const act of await restate()) await record(act);
            const rotated = await told(former, now);
            takeBack(state, 'keyChanging');
            return rotated;
          } catch (cause) {
            throw failure(cause);
          }
        }
        case 'recordings': {
          const file = join(state, 'recordings', KeyName);
          const key = randomBytes(KeyBytes);
          const rotated = await told(printOfKey(readRecordingKey(file)), printOfKey(key));
          replaceRecordingKey(file, key);
          useRecordingKey(key);
          return rotated;
        }
        case 'authority':
        case 'page':
        case 'ssh': {
          if (isLetIn()) throw new GatewayError('PST_ERR_KEY_IN_USE');
          let rotated: RotatedBody = { former: '', now: '' };
          await authority.rotate(what, async (former, now) => {
            rotated = await told(former, now);
          });
          renewIdentity();
          return rotated;
        }
      }
    },
  };
}
