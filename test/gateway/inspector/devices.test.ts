import { expect, test } from 'vitest';
import { createDevices } from '../../../gateway/inspector/devices.ts';

test('every connection to one server shares what is known about it', () => {
  const devices = createDevices();
  expect(devices.of('plc-1')).toBe(devices.of('plc-1'));
  expect(devices.of('plc-1')).not.toBe(devices.of('plc-2'));
});

test('the longest unused is forgotten above the limit', () => {
  const devices = createDevices(2);
  const first = devices.of('plc-1');
  const second = devices.of('plc-2');
  expect(devices.of('plc-1')).toBe(first);
  devices.of('plc-3');
  expect(devices.of('plc-1')).toBe(first);
  expect(devices.of('plc-2')).not.toBe(second);
});
