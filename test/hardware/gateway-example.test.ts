import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../gateway/config.ts';
import { rootWith } from './fixture.ts';

const example = fileURLToPath(new URL('../../hardware/gateway.example.yaml', import.meta.url));
const configSource = new URL('../../gateway/config-schema.ts', import.meta.url);

test('the example is a configuration the gateway takes as it stands', () => {
  const config = readConfig(example);
  expect(config).toMatchObject({ backEnd: 'kernel', state: '/var/lib/penstock', run: '/run/penstock' });
  expect(config.page.address).toBe('127.0.0.1');
});

test('what is commented out is right too, and with it every key is shown', () => {
  const text = readFileSync(example, 'utf8')
    .replace('back_end: kernel', 'back_end: proxy')
    .replace(
      /^( *)# ( *(?:clock|name|banner|bundle|data_path|signatures|drift|tls|cert|key|listeners|serial|rs485-1|vendor|ssh|key_switch|targets|board|lamp|relay|syslog|to|ca):.*| *- \{.*)$/gm,
      '$1$2',
    );
  const root = rootWith({ 'gateway.yaml': text });
  const config = readConfig(`${root}/gateway.yaml`);
  expect(config.bundle).toBe(`${root}/plant.bundle`);
  expect([config.signatures, config.clock, config.drift]).toEqual([2, 'by-hand', 'report']);
  expect([config.name, config.banner]).toEqual([
    'penstock.waterworks.example',
    expect.stringMatching(/^For /),
  ]);
  expect(config.page.tls?.key).toBe(`${root}/tls/page.key`);
  expect(config.serial).toEqual([{ port: 'rs485-1', tty: '/dev/ttyAMA3' }]);
  expect(config.listeners).toMatchObject([{ as: 'hmi-1', to: 'plc-dosing', port: 502 }]);
  expect(config.vendor).toMatchObject({
    tls: { port: 8443 },
    ssh: { port: 2222 },
    keySwitch: 'required',
    targets: [{ asset: 'plc-dosing', port: 502, server: { address: '10.20.0.10', port: 502 } }],
  });
  expect(config.board).toMatchObject({
    keySwitch: { chip: 'pinctrl-bcm2711', line: 17, active: 'high', bias: 'pull-down', debounce: 50 },
    lamp: { line: 27 },
    relay: { line: 22 },
  });
  expect(config.syslog).toMatchObject({ to: { port: 6514 }, name: 'collector.plant.example' });
  expect(config.users?.syslog).toBe('penstock-syslog');
  const [, schema = ''] = readFileSync(configSource, 'utf8').split('const ConfigSchema');
  const known = [...schema.matchAll(/^ {4}(\w+): T/gm)].map(([, key]) => key);
  expect(known.length).toBeGreaterThan(10);
  expect(Object.keys(parse(text)).sort()).toEqual(known.sort());
});
