import { describe, expect, test } from 'vitest';
import { createDevices } from '../../../gateway/inspector/devices.ts';

describe('what is known about servers', () => {
  test('is one state for all connections to a server', () => {
    const devices = createDevices();
    expect(devices.of('plc-1')).toBe(devices.of('plc-1'));
    expect(devices.of('plc-1')).not.toBe(devices.of('plc-2'));
  });

  test('is not forgotten while a connection holds it, however many servers are visited meanwhile', () => {
    const devices = createDevices(2);
    const used = devices.of('plc-1');
    for (let visited = 0; visited < 100; visited++) devices.of(`other-${visited}`);
    expect(devices.of('plc-1')).toBe(used);
  });
});
