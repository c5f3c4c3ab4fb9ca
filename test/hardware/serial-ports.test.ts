import { describe, expect, test } from 'vitest';
import { openBoard } from '../../hardware/detect.ts';
import { examineTty, listSerialPorts } from '../../hardware/serial-ports.ts';
import { Cm4Files, rootWith } from './fixture.ts';

const tty = 'sys/class/tty';

describe('the serial ports of a box', () => {
  test('are the ttys with hardware behind them, and not the four that the driver of a PC always shows', () => {
    const root = rootWith({
      [`${tty}/ttyS0/device/uevent`]: '',
      [`${tty}/ttyS0/type`]: '4\n',
      [`${tty}/ttyS1/device/uevent`]: '',
      [`${tty}/ttyS1/type`]: '0\n',
      [`${tty}/ttyUSB0/device/uevent`]: '',
      [`${tty}/tty1/dev`]: '4:1\n',
      [`${tty}/console/active`]: 'tty0\n',
    });
    expect(listSerialPorts(root)).toEqual([
      { tty: '/dev/ttyS0', rs485: false, console: false, parity: true },
      { tty: '/dev/ttyUSB0', rs485: false, console: false, parity: true },
    ]);
  });

  test('tell which of them the device tree lets drive RS-485, and which the kernel itself writes to', () => {
    const root = rootWith({
      [`${tty}/ttyAMA3/device/of_node/linux,rs485-enabled-at-boot-time`]: '',
      [`${tty}/ttyAMA0/device/uevent`]: '',
      [`${tty}/console/active`]: 'tty1 ttyAMA0\n',
    });
    expect(listSerialPorts(root)).toEqual([
      { tty: '/dev/ttyAMA0', rs485: false, console: true, parity: true },
      { tty: '/dev/ttyAMA3', rs485: true, console: false, parity: true },
    ]);
  });

  test('of a CM4 have no parity where it is the mini UART', () => {
    const root = rootWith({
      ...Cm4Files,
      [`${tty}/ttyS0/device/uevent`]: '',
      [`${tty}/ttyAMA3/device/uevent`]: '',
    });
    expect(openBoard(root).serialPorts.list()).toMatchObject([
      { tty: '/dev/ttyAMA3', parity: true },
      { tty: '/dev/ttyS0', parity: false },
    ]);
  });

  test('are none where the kernel shows none', () => {
    expect(openBoard(rootWith({})).serialPorts.list()).toEqual([]);
  });
});

test('a device file is there, or is not, or is something else', () => {
  const root = rootWith({ 'dev/ttyS1': '' });
  expect(examineTty('/dev/ttyS0', root).state).toBe('missing');
  expect(examineTty('/dev/ttyS1', root).state).toBe('no-tty');
  expect(examineTty('/dev/null')).toMatchObject({ state: 'present', mode: 0o666 });
});
