import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { listNetworkDevices, matchInterfaces, type NetworkDevice } from '../../hardware/interfaces.ts';
import type { Policy } from '../../rules/policy.ts';
import type { Config } from '../config.ts';
import type { Manifest } from './manifest.ts';

/** What of this box is not as the configuration and the policy of the former one have it, as sentences. */
export function hardwareNotes(
  config: Config,
  policy: Policy | undefined,
  former: Manifest['devices'],
  devices: readonly NetworkDevice[] = listNetworkDevices(),
): readonly string[] {
  return [
    ...legNotes(policy, devices),
    ...macNotes(former, devices),
    ...config.serial
      .filter(({ tty }) => !existsSync(tty))
      .map(({ port, tty }) => `gateway.yaml serial.${port}: there is no ${tty} on this box.`),
    ...addressNotes(config),
  ];
}

function legNotes(policy: Policy | undefined, devices: readonly NetworkDevice[]): readonly string[] {
  return matchInterfaces(policy?.interfaces ?? [], devices).flatMap(({ wanted, state, candidates }) => {
    if (state !== 'missing') return [];
    const free = candidates.length === 0 ? 'no port is free' : `free are ${candidates.join(', ')}`;
    return [
      `The policy has zone ${wanted.zone} on ${wanted.device}, which this box has not; ${free}. Name the port so in the system, or change the model, compile and apply.`,
    ];
  });
}

function macNotes(former: Manifest['devices'], devices: readonly NetworkDevice[]): readonly string[] {
  return former.flatMap(({ name, mac }) => {
    const now = devices.find((one) => one.name === name);
    if (mac === '' || now === undefined || now.mac === mac) return [];
    return [
      `${name} had the address ${mac} and has ${now.mac} here: tell it to switches with port security, to DHCP reservations, and to every model that names the box by it.`,
    ];
  });
}

function addressNotes({ page, metrics, vendor }: Config): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  const wanted = [
    ['page.listen', page],
    ['metrics.listen', metrics],
    ['vendor.tls.listen', vendor.tls],
    ['vendor.ssh.listen', vendor.ssh],
  ] as const;
  return wanted.flatMap(([key, place]) => {
    if (place === undefined || /^[0:.]+$/.test(place.address) || own.includes(place.address)) return [];
    return [`gateway.yaml ${key}: no port of this box has the address ${place.address} now.`];
  });
}
