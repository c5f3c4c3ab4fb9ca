import { createDeviceState, type DeviceState } from '../../../rules/modbus/device/device-state.ts';
import { createSentWrite, type SentWrite } from '../../../rules/modbus/device/sent-write.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import { decide } from '../../../rules/modbus/permission/decide.ts';
import type {
  AddressRange,
  ModbusDevice,
  ModbusPermission,
  ModbusProfile,
  ValueRule,
} from '../../../rules/modbus/profile.ts';
import type { Verdict } from '../../../rules/verdict.ts';
import { words } from './request-builders.ts';

export const Allow = 'allow';

/** A verdict about a server of which nothing is known, and which nobody can have written to. */
export function judge(
  profile: ModbusProfile,
  request: Request,
  kind: ModbusDevice['kind'] = 'direct',
): Verdict {
  const device = createDeviceState(kind);
  device.watch(profile, Number.NEGATIVE_INFINITY);
  return decide(profile, request, device, 0);
}

/** `allow`, or the reason and the exception code. */
export function say(verdict: Verdict): string {
  return verdict.kind === 'allow' ? Allow : `${verdict.reason} 0${verdict.exceptionCode}`;
}

export function range(first: number, last: number): AddressRange {
  return { first, last };
}

export function between(first: number, last: number): Pick<ModbusPermission, 'addresses'> {
  return { addresses: [range(first, last)] };
}

/** A rule for plain registers, unless said otherwise. */
export function rule(rest: Partial<ValueRule>): ValueRule {
  const plain = { type: 'u16', words: 'big', bytes: 'big', bits: undefined, allowed: [] } as const;
  return { ...plain, min: undefined, max: undefined, ...rest };
}

export function within(min: number, max: number): Pick<ModbusPermission, 'values'> {
  return { values: [rule({ min, max })] };
}

/** One server, with clients that come and go, on a clock of its own. */
export interface Plant {
  readonly device: DeviceState;
  readonly now: number;
  wait(milliseconds: number): void;
  /** What is decided now; nothing is sent. */
  say(request: Request, profile?: ModbusProfile): string;
  verdict(request: Request, profile?: ModbusProfile): Verdict;
  /** Some client reads, and these words are answered at once. */
  see(request: Request, registers: readonly number[]): void;
  /** The same for packed coils or inputs. */
  seeBits(request: Request, ...bytes: readonly number[]): void;
  /** Some client writes, and is not answered yet. */
  begin(request: Request): SentWrite;
  /** Some client writes, and the server confirms it at once. */
  write(request: Request): void;
}

/** `since` is when its inspector began to watch: by default nothing can have been missed. */
export function plantFor(
  profile: ModbusProfile,
  {
    kind = 'direct',
    since = Number.NEGATIVE_INFINITY,
    now = 1_000_000,
  }: { kind?: ModbusDevice['kind']; since?: number; now?: number } = {},
): Plant {
  const device = createDeviceState(kind);
  let clock = now;
  device.watch(profile, since);
  const verdict = (request: Request, of = profile): Verdict => decide(of, request, device, clock);
  const seeBits = (request: Request, ...bytes: readonly number[]): void =>
    device.observe(request, Uint8Array.from(bytes), 0, clock, device.moment());
  const begin = (request: Request): SentWrite => {
    const sent = createSentWrite();
    device.beginWrite(request, clock, sent);
    return sent;
  };
  return {
    device,
    get now() {
      return clock;
    },
    wait(milliseconds) {
      clock += milliseconds;
    },
    say: (request, of) => say(verdict(request, of)),
    verdict,
    see: (request, registers) => seeBits(request, ...words(registers)),
    seeBits,
    begin,
    write: (request) => device.endWrite(begin(request), 'done'),
  };
}
