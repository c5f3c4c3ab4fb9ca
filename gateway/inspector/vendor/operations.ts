import type { Permit } from '../../../rules/admission/flow-table.ts';
import { type Asked, asked } from '../../../rules/modbus/connection/asked.ts';
import type { InspectionSink, Refusal } from '../../../rules/modbus/connection/effect.ts';
import type { Transaction } from '../../../rules/modbus/connection/transaction.ts';
import type { DeviceState } from '../../../rules/modbus/device/device-state.ts';
import { mayChange } from '../../../rules/modbus/message/access.ts';
import { functionCode } from '../../../rules/modbus/message/function-code.ts';
import { describe, describeRefusal } from '../../../rules/modbus/text/describe.ts';
import type { Permission } from '../../../rules/verdict.ts';
import type { ChannelReport } from '../../ipc/channel-body.ts';

/** A report of one request in a channel. */
type Operation = Extract<ChannelReport, { readonly what: 'operation' }>;
type Told = Pick<Operation, 'write' | 'outcome' | 'exceptionCode'> & {
  readonly reason: Operation['reason'] | undefined;
};

/** What was asked for in one channel, in the plant's words, and what it came to. */
export interface Operations extends Required<Pick<InspectionSink, 'forwarding' | 'concluded' | 'refused'>> {
  /** From now on held to this. */
  readonly move: (permit: Permit) => void;
  /** Writes that went to the device. */
  readonly writes: () => number;
  readonly refusals: () => number;
}

export interface OperationsOptions {
  readonly channel: string;
  readonly permit: Permit;
  readonly device: DeviceState;
  readonly reportReads: boolean;
  readonly wall: () => number;
  readonly report: (operation: Operation) => void;
}

/**
 * Nothing asked yet. A request is told once, when what it came to is known or never will be: every one that may
 * change something and every refused one, and reads where they are wanted (62443-3-3 SR 2.8, SR 6.1).
 */
export function createOperations(options: OperationsOptions): Operations {
  const { channel, device, reportReads, wall, report } = options;
  const sent = new Map<
    Transaction,
    { readonly asked: Asked; readonly write: boolean; why?: Refusal['reason'] }
  >();
  let { permit } = options;
  let latest: Transaction | undefined;
  let writes = 0;
  let refusals = 0;

  function tell(asked: Asked, permission: Permission | undefined, text: string, told: Told): void {
    const { reason, ...rest } = told;
    report({
      what: 'operation',
      channel,
      at: wall(),
      request: requestOf(asked),
      permission: permission?.id ?? '',
      text: text.slice(0, MaxText),
      ...rest,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  function words(permission: Permission | undefined) {
    const found = permit.profile.permissions.find(({ id }) => id === permission?.id);
    return { permission: found, device: permit.device.kind };
  }

  return {
    forwarding: (transaction) => {
      const { request } = transaction;
      const write = mayChange(request);
      latest = undefined;
      if (write) writes += 1;
      if (!write && !reportReads) return;
      latest = transaction;
      sent.set(transaction, { asked: asked(request, permit.profile, device), write });
    },
    concluded: (transaction, answer, exceptionCode) => {
      const known = sent.get(transaction);
      if (known === undefined) return;
      sent.delete(transaction);
      const { permission } = transaction;
      const text = describe({ ...known.asked, permission }, words(permission));
      const outcome = answer === 'exception' ? 'answered' : 'passed';
      tell(known.asked, permission, text, { write: known.write, outcome, reason: known.why, exceptionCode });
    },
    refused: (refusal) => {
      const { audit, reason, permission, from, exceptionCode } = refusal;
      const followed = latest === undefined ? undefined : sent.get(latest);
      if (audit && followed !== undefined && reason !== 'malformed-pdu') {
        // It passed all the same, and is told with its answer.
        followed.why = reason;
        return;
      }
      // The server's own: what was asked is told as forwarded.
      if (from === 'server' && reason === 'request-timeout') return;
      if (!audit) refusals += 1;
      const write = functionCode(refusal.functionCode)?.access !== 'read';
      const outcome = audit ? 'passed' : 'refused';
      tell(refusal, permission, describeRefusal(refusal, words(permission)), {
        write,
        outcome,
        reason,
        exceptionCode,
      });
    },
    move: (next) => {
      permit = next;
    },
    writes: () => writes,
    refusals: () => refusals,
  };
}

function requestOf({
  unit,
  functionCode,
  subFunction,
  address,
  quantity,
  values,
  before,
  read,
  file,
}: Asked) {
  return {
    unit,
    functionCode,
    ...(subFunction === undefined ? {} : { subFunction }),
    ...(address === undefined ? {} : { address }),
    ...(quantity === undefined ? {} : { quantity }),
    values: [...values],
    ...(before.length === 0 ? {} : { before: [...before] }),
    ...(read === undefined ? {} : { readAddress: read.address, readQuantity: read.quantity }),
    ...(file === undefined
      ? {}
      : { fileNumber: file.file, recordNumber: file.record, recordLength: file.length }),
  };
}

const MaxText = 1000;
