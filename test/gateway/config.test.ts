import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig, readSocketAddress } from '../../gateway/config.ts';
import { formatKey, KeyTypes } from '../../rules/evidence/note.ts';
import { testKey } from '../rules/evidence/keys.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const sound = `
back_end: kernel
site: riverside-wtp
gateway: cgw-01
trusted_keys: [keys/site.pub.pem]
state: state
run: /run/penstock
page: {listen: "127.0.0.1:8080"}
metrics: {listen: "127.0.0.1:9464"}
`;

function read(text: string) {
  const file = join(directory, 'gateway.yaml');
  writeFileSync(file, text);
  return readConfig(file);
}

describe('gateway.yaml', () => {
  test('paths are relative to the file, and what is left out has a default', () => {
    expect(read(sound)).toMatchObject({
      backEnd: 'kernel',
      trustedKeys: [join(directory, 'keys/site.pub.pem')],
      state: join(directory, 'state'),
      run: '/run/penstock',
      inspectors: 1,
      dataPath: 'auto',
      signatures: 1,
      clock: 'ntp',
      drift: 'repair',
      evidenceBytes: 1_073_741_824,
      evidenceDays: undefined,
      witnesses: [],
      page: { address: '127.0.0.1', port: 8080, tls: undefined },
      vendor: { tls: undefined, ssh: undefined, keySwitch: 'none', targets: [] },
      board: { keySwitch: undefined, lamp: undefined, relay: undefined },
    });
  });

  test.for([
    ['a key nobody knows', `${sound}backend: proxy\n`, 'backend'],
    ['a missing key', sound.replace('site: riverside-wtp\n', ''), 'site'],
    ['no trusted key at all', sound.replace('[keys/site.pub.pem]', '[]'), 'trusted_keys'],
    ['a back end that does not exist', sound.replace('kernel', 'kernal'), 'back_end'],
    ['a data path that does not exist', `${sound}data_path: kqueue\n`, 'data_path'],
    ['an address without a port', sound.replace('127.0.0.1:8080', '127.0.0.1'), 'page.listen'],
    ['a port above 65535', sound.replace('127.0.0.1:8080', '127.0.0.1:80800'), 'page.listen'],
    [
      'listeners under the kernel back end',
      `${sound}listeners: [{as: a, to: b, port: 502, listen: "127.0.0.1:1502"}]\n`,
      'listeners',
    ],
    [
      'places of targets under the kernel back end',
      `${sound}vendor: {targets: [{asset: plc-dosing, port: 502, server: "127.0.0.1:1502"}]}\n`,
      'vendor.targets',
    ],
    [
      'an entry of vendors without a port',
      `${sound}vendor: {ssh: {listen: "10.15.0.1"}}\n`,
      'vendor.ssh.listen',
    ],
    [
      'a key switch that is asked for and nowhere',
      `${sound}vendor: {key_switch: required}\n`,
      'vendor.key_switch',
    ],
    [
      'a key switch that a cut wire would close',
      `${sound}board: {key_switch: {chip: gpiochip0, line: 17, active: high, bias: pull-up}}\n`,
      'A cut wire would read as a closed switch',
    ],
    [
      'a line that stands for two parts',
      `${sound}board: {lamp: {chip: a, line: 17, active: high}, relay: {chip: a, line: 17, active: high}}\n`,
      'a 17 stands for two parts',
    ],
    [
      'a tty that stands for two ports',
      `${sound}serial: {rs485-1: {tty: /dev/ttyS1}, rs485-2: {tty: /dev/ttyS1}}\n`,
      '/dev/ttyS1',
    ],
    ['a serial port without a tty', `${sound}serial: {rs485-1: {}}\n`, 'serial.rs485-1.tty'],
    ['a witness without a key', `${sound}evidence: {witnesses: [east]}\n`, 'evidence.witnesses[0]'],
    [
      'a log that is to be its own witness',
      `${sound}evidence: {witnesses: ["${formatKey(testKey('log', KeyTypes.ed25519).key)}"]}\n`,
      'the key of a log, not of a witness',
    ],
    ['routine records kept for no day', `${sound}evidence: {keep_days: 0}\n`, 'keep_days'],
    ['no signature at all', `${sound}signatures: 0\n`, 'signatures'],
    ['a drift that is neither', `${sound}drift: ignore\n`, 'drift'],
    ['something that is not YAML', 'back_end: [', 'gateway.yaml'],
    ['the same key twice', `${sound}site: other\n`, 'unique'],
  ])('%s is refused with the key named and a remedy', ([, text, named]) => {
    expect(() => read(text ?? '')).toThrow(
      expect.objectContaining({
        code: 'PST_ERR_CONFIG',
        message: expect.stringContaining(named ?? ''),
        remedy: expect.stringContaining('gateway'),
      }),
    );
  });

  test('a file that is not there is told as such', () => {
    expect(() => readConfig(join(directory, 'none.yaml'))).toThrow(
      expect.objectContaining({ code: 'PST_ERR_CONFIG_READ' }),
    );
  });

  test('witnesses are named by their public keys', () => {
    const { key } = testKey('penstock/water/east', KeyTypes.cosignature);
    const config = read(`${sound}evidence: {keep_days: 400, witnesses: ["${formatKey(key)}"]}\n`);
    expect(config).toMatchObject({ evidenceDays: 400, witnesses: [key] });
  });

  test('IPv6 addresses are written in brackets', () => {
    expect(readSocketAddress('[::1]:8080', 'page')).toEqual({ address: '::1', port: 8080 });
  });
});
