import { expect, test } from 'vitest';
import { fakeBoard } from '../../../hardware/fake/board.ts';

test('an unfed watchdog bites, a fed one does not', () => {
  const board = fakeBoard();
  if (board.watchdog.state === 'absent') throw new Error(board.watchdog.why);
  expect(board.watchdogState).toBe('closed');
  const watchdog = board.watchdog.part.open();
  board.advance(14);
  watchdog.keepAlive();
  board.advance(14);
  expect(board.watchdogState).toBe('running');
  board.advance(1);
  expect(board.watchdogState).toBe('bitten');
});

test('a watchdog has one holder', () => {
  const board = fakeBoard();
  if (board.watchdog.state === 'absent') throw new Error(board.watchdog.why);
  const { part } = board.watchdog;
  part.open();
  expect(() => part.open()).toThrow(expect.objectContaining({ code: 'PST_ERR_WATCHDOG_OPEN' }));
});

test('ports and sensors read as they were set', () => {
  const board = fakeBoard();
  board.setDevice({ name: 'eth1', mac: '', up: true, carrier: false, physical: true, lower: '' });
  board.removeDevice('eth0');
  board.setTemperatures([
    { sensor: 'a', celsius: 20, criticalCelsius: undefined },
    { sensor: 'b', celsius: 80, criticalCelsius: 110 },
  ]);
  expect(board.interfaces.list()).toMatchObject([{ name: 'eth1', carrier: false }]);
  board.setSerialPort({ tty: '/dev/ttyUSB0', rs485: false, console: false, parity: true });
  board.removeSerialPort('/dev/ttyAMA3');
  expect(board.serialPorts.list().map(({ tty }) => tty)).toEqual(['/dev/ttyUSB0']);
  if (board.temperature.state === 'absent') throw new Error(board.temperature.why);
  expect(board.temperature.part.read()[0]?.sensor).toBe('b');
});
