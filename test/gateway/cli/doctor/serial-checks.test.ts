import { describe, expect, test } from 'vitest';
import { checkSerial, mayOpenTty } from '../../../../gateway/cli/doctor/serial-checks.ts';
import { findGroup } from '../../../../gateway/run/account.ts';
import { fakeBoard } from '../../../../hardware/fake/board.ts';
import type { SerialPort, TtyFile } from '../../../../hardware/serial-ports.ts';
import type { AssetRule } from '../../../../rules/policy.ts';

const present: TtyFile = { state: 'present', gid: 20, mode: 0o660 };
const ports = { serial: [{ port: 'rs485-1', tty: '/dev/ttyAMA3' }] };

function look(file: TtyFile, change: { port?: Partial<SerialPort>; mayOpen?: boolean } = {}) {
  const board = fakeBoard();
  const { port = {}, mayOpen = true } = change;
  board.setSerialPort({ tty: '/dev/ttyAMA3', rs485: true, console: false, parity: true, ...port });
  return { ports: board.serialPorts.list(), examine: () => file, mayOpen: () => mayOpen };
}

describe('a serial port', () => {
  test('that is there, free and the inspectors’ to open is good', () => {
    expect(checkSerial(ports, policy(), look(present))).toMatchObject([
      { state: 'good', what: 'Serial port rs485-1', found: '/dev/ttyAMA3, drives RS-485' },
    ]);
  });

  test.for([
    ['is not there', look({ state: 'missing', gid: 0, mode: 0 })],
    ['is no tty', look({ state: 'no-tty', gid: 0, mode: 0 })],
    ['is the console of the kernel', look(present, { port: { console: true } })],
    ['is not the inspectors’ to open', look(present, { mayOpen: false })],
    ['knows no parity, and the line has even', look(present, { port: { parity: false } })],
  ] as const)('that %s is told with what that means and what to do', ([found, surroundings]) => {
    const [check] = checkSerial(ports, policy(), surroundings);
    expect(check).toMatchObject({ state: 'note', found: `/dev/ttyAMA3 ${found}`, neededBy: 'none' });
    expect(check?.remedy).not.toBe('');
  });

  test('that the policy names and gateway.yaml does not is told, with the ttys there are', () => {
    const [check] = checkSerial({ serial: [] }, policy(), look(present));
    expect(check).toMatchObject({ state: 'note', found: 'not in gateway.yaml' });
    expect(check?.meaning).toContain('pumps');
    expect(check?.remedy).toContain('/dev/ttyAMA3');
  });

  test('is looked at before there is a policy as well', () => {
    expect(checkSerial(ports, undefined, look(present))).toMatchObject([{ state: 'good' }]);
    expect(checkSerial({ serial: [] }, undefined, look(present))).toEqual([]);
  });
});

test('a tty is the inspectors’ by its group, or everybody’s', () => {
  const mayOpen = mayOpenTty(true);
  const gid = findGroup('dialout') ?? -1;
  expect(mayOpen('/dev/ttyS1', { state: 'present', gid, mode: 0o660 })).toBe(true);
  expect(mayOpen('/dev/ttyS1', { state: 'present', gid, mode: 0o620 })).toBe(false);
  expect(mayOpen('/dev/ttyS1', { state: 'present', gid: gid + 1, mode: 0o660 })).toBe(false);
  expect(mayOpen('/dev/ttyS1', { state: 'present', gid: gid + 1, mode: 0o666 })).toBe(true);
  expect(mayOpenTty(false)('/dev/null', { state: 'present', gid: 0, mode: 0 })).toBe(true);
});

function policy(): { readonly assets: readonly AssetRule[] } {
  const line = {
    port: 'rs485-1',
    baud: 19_200,
    parity: 'even',
    stopBits: 1,
    timeout: 1_000,
    units: [],
  } as const;
  const modbus = { kind: 'serial-gateway', framing: 'mbap', line } as const;
  return { assets: [{ name: 'pumps', zone: 'field', addresses: ['10.20.0.40/32'], mac: '', modbus }] };
}
