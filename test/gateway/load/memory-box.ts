import { type ErrorCode, GatewayError } from '../../../gateway/errors.ts';
import { createActivation } from '../../../gateway/load/activation.ts';
import type { BundleStore } from '../../../gateway/load/bundle-store.ts';
import { createConfirmWindow } from '../../../gateway/load/confirm-window.ts';
import type { ActivationSteps, Rejection } from '../../../gateway/load/steps.ts';
import { createLine } from '../../../gateway/one-at-a-time.ts';
import type { Judgement, RejectionCode, RunningPolicy } from '../../../rules/bundle/judge-bundle.ts';
import type { Policy } from '../../../rules/policy.ts';

/** Versions by the name of their file. */
export type Disk = Partial<Record<'confirmed' | 'previous' | 'pending' | 'taking' | 'givenUp', number>>;

export const atOnce = { by: 'anna', confirmWithin: 0 };
export const within = { by: 'anna', confirmWithin: 120_000 };

/** A bundle of one byte: its version. */
export const envelopeOf = (version: number): Uint8Array => Uint8Array.of(version);

export const refused = (code: RejectionCode) =>
  ({ code, message: 'No.', remedy: 'Ask.' }) satisfies Rejection;

export const fails = (code: ErrorCode) => async (): Promise<never> => {
  throw new GatewayError(code, 'said so');
};

/** Enforces this version and no other. */
export function failsUnlike(version: number, code: ErrorCode) {
  return async (policy: Policy): Promise<void> => {
    if (policy.version !== version) throw new GatewayError(code, 'said so');
  };
}

/** An activation whose steps do as the real ones and write down what was done; a test breaks one of them. */
export function memoryBox(broken: Partial<ActivationSteps> = {}, disk: Disk = {}) {
  const done: string[] = [];
  const note = (what: string) => void done.push(what);
  let brokenDisk = '';
  const breakDisk = (how: keyof BundleStore | 'read' | ''): void => {
    brokenDisk = how;
  };
  const disturb = (what: string): void => {
    if (brokenDisk === what) throw new GatewayError('PST_ERR_STATE_DIR', 'EIO');
  };
  const read = (name: keyof Disk): Uint8Array | undefined => {
    disturb('read');
    const version = disk[name];
    return version === undefined ? undefined : envelopeOf(version);
  };
  const take = (name: keyof Disk): number | undefined => {
    const version = disk[name];
    delete disk[name];
    return version;
  };
  const store: BundleStore = {
    confirmed: () => read('confirmed'),
    previous: () => read('previous'),
    pending: () => {
      const waited = read('pending');
      const envelope = waited ?? read('taking');
      return envelope === undefined ? undefined : { envelope, waited: waited !== undefined };
    },
    givenUp: () => read('givenUp'),
    stage: (envelope, waits) => {
      disturb('stage');
      note('stage');
      const name = waits ? 'pending' : 'taking';
      return () => {
        note(`${name} ${envelope[0]}`);
        disk[name] = envelope[0] ?? 0;
      };
    },
    confirm: (isSame) => {
      disturb('confirm');
      if (!isSame && disk.confirmed !== undefined) disk.previous = disk.confirmed;
      disk.confirmed = take('pending') ?? take('taking') ?? 0;
      note(`confirmed ${disk.confirmed}`);
    },
    giveUp: () => {
      disturb('giveUp');
      disk.givenUp = take('pending') ?? 0;
      note(`given up ${disk.givenUp}`);
    },
    discard: () => {
      take('pending');
      take('taking');
    },
  };
  const steps: ActivationSteps = {
    store,
    window: createConfirmWindow(() => performance.now()),
    wall: () => 1_000,
    judge: judged,
    judgeConfirmed: genuine,
    check: async () => note('check'),
    test: () => {
      note('test');
      return { run: 1, left: 0 };
    },
    prepare: async (digest) => {
      note(`prepare ${digest.split('-')[1]}`);
      return '';
    },
    recordAccepted: async (_, { kind }) => note(`record ${kind}`),
    enforce: async ({ version }) => note(`enforce ${version}`),
    testTables: async () => {
      note('test tables');
      return { run: 1, left: 0 };
    },
    activate: (_, { version }) => note(`activate ${version}`),
    abandon: () => note('abandon'),
    withdraw: async () => note('withdraw'),
    recordRejected: (rejection) => note(`rejected ${rejection.code}`),
    recordConfirmed: async ({ policy }, by) => note(`record confirmed ${policy.version} by ${by}`),
    recordRolledBack: ({ from, to, why }) =>
      note(`rolled back ${from.policy.version} to ${to?.policy.version ?? 'nothing'}: ${why}`),
    rollbackFailed: ({ code }) => note(`not rolled back ${code}`),
    ...broken,
  };
  return { activation: createActivation(steps, createLine()), done, disk, breakDisk };
}

function genuine(envelope: Uint8Array): Judgement {
  const version = envelope[0] ?? 0;
  const policy = { version } as Policy;
  return { ok: true, policy, payload: envelope, digest: `digest-${version}`, signers: ['site'] };
}

/** As the real judge: nothing below what was confirmed. */
function judged(envelope: Uint8Array, confirmed: RunningPolicy | undefined): Judgement {
  return (envelope[0] ?? 0) < (confirmed?.version ?? 0)
    ? { ok: false, ...refused('BUNDLE_VERSION') }
    : genuine(envelope);
}
