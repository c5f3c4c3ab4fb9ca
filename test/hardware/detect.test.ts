import { describe, expect, test } from 'vitest';
import { detectBoard, openBoard } from '../../hardware/detect.ts';
import { Cm4Files, rootWith } from './fixture.ts';

describe('the board is', () => {
  test.for([
    { name: 'a CM4 by its compatible string', files: Cm4Files, kind: 'cm4' },
    {
      name: 'a CM4 on a carrier that lists its own name first',
      files: { 'proc/device-tree/compatible': 'acme,gate-2\0raspberrypi,4-compute-module\0brcm,bcm2711\0' },
      kind: 'cm4',
    },
    {
      name: 'not a CM4 for another board with the same chip',
      files: { 'proc/device-tree/compatible': 'raspberrypi,4-model-b\0brcm,bcm2711\0' },
      kind: 'none',
    },
    {
      name: 'not a CM4 for a name that only begins like one',
      files: { 'proc/device-tree/compatible': 'raspberrypi,4-compute-module-x\0' },
      kind: 'none',
    },
    {
      name: 'an IPC by its DMI tables',
      files: { 'sys/class/dmi/id/sys_vendor': 'Advantech\n', 'sys/class/dmi/id/product_name': 'UNO-2271G\n' },
      kind: 'ipc',
    },
    {
      name: 'an IPC whose maker filled in the board only',
      files: {
        'sys/class/dmi/id/sys_vendor': 'To Be Filled By O.E.M.\n',
        'sys/class/dmi/id/board_vendor': 'CompuLab\n',
      },
      kind: 'ipc',
    },
    {
      name: 'none for a virtual machine: its watchdog is the host’s',
      files: { 'sys/class/dmi/id/sys_vendor': 'QEMU\n', 'sys/class/dmi/id/product_name': 'Standard PC\n' },
      kind: 'none',
    },
    {
      name: 'none where every DMI field is a placeholder',
      files: {
        'sys/class/dmi/id/sys_vendor': 'System manufacturer\n',
        'sys/class/dmi/id/product_name': '0000\n',
      },
      kind: 'none',
    },
    { name: 'none for a container that shows nothing', files: {}, kind: 'none' },
  ])('$name', ({ files, kind }) => {
    expect(detectBoard(rootWith(files))).toBe(kind);
  });
});

describe('a board tells', () => {
  test('who it is, and every part it has', () => {
    const board = openBoard(rootWith(Cm4Files));
    expect(board.identity).toEqual({
      kind: 'cm4',
      vendor: 'Raspberry Pi',
      model: 'Raspberry Pi Compute Module 4 Rev 1.1',
      serial: '10000000abcdef01',
    });
    expect(board.temperature.state).toBe('present');
    expect(board.watchdog.state).toBe('present');
  });

  test('the DMI serial number of an IPC, and its name from the first field that is filled in', () => {
    const root = rootWith({
      'sys/class/dmi/id/sys_vendor': 'Default string\n',
      'sys/class/dmi/id/board_vendor': 'Vecow\n',
      'sys/class/dmi/id/product_name': 'SPC-7000\n',
      'sys/class/dmi/id/product_serial': 'VC0012345\n',
    });
    expect(openBoard(root).identity).toEqual({
      kind: 'ipc',
      vendor: 'Vecow',
      model: 'SPC-7000',
      serial: 'VC0012345',
    });
  });

  test('that a part is absent, and why', () => {
    const board = openBoard(rootWith({ 'proc/device-tree/compatible': 'raspberrypi,4-compute-module\0' }));
    expect(board.temperature).toEqual({ state: 'absent', why: expect.stringMatching(/thermal zone/) });
    expect(board.watchdog).toEqual({ state: 'absent', why: expect.stringMatching(/no watchdog/) });
  });

  test('of a virtual machine nothing that is the host’s', () => {
    const board = openBoard(rootWith({ ...Cm4Files, 'proc/device-tree/compatible': 'linux,dummy-virt\0' }));
    expect(board.identity.kind).toBe('none');
    expect(board.watchdog.state).toBe('absent');
  });
});
