import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePair, type PairWays, StatesPort } from '../../policy/compile/pair.ts';
import { hasErrors } from '../../policy/finding.ts';
import { checkModel, printFindings } from './check.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';

export interface PairOptions {
  /** The directory; each box gets one of its own in it. */
  readonly out: string;
}

/**
 * `penstock pair MODEL --out DIR`: the configuration of keepalived and conntrackd for both boxes of each pair, from
 * the forms in hardware/pair. 62443-3-3 SR 7.1.
 * @returns 1 when a finding forbids it; nothing is written then
 * @throws UsageError where no gateway is one of a pair
 */
export function pair(file: string, { out }: PairOptions): number {
  const now = Date.now();
  const { model, findings } = checkModel(file, { now, notBefore: now, observed: [] });
  if (model === undefined || hasErrors(findings)) {
    printFindings(findings, false);
    return ExitStatus.refused;
  }
  const boxes = model.gateways.flatMap((gateway) => {
    const ways = compilePair(model, gateway);
    return ways === undefined ? [] : [{ gateway: gateway.name, ways }];
  });
  if (boxes.length === 0)
    throw new UsageError(
      `No gateway of ${file} is one of a pair.`,
      'Add pair: to both, and shared: to their interfaces.',
    );
  for (const { gateway, ways } of boxes) {
    const directory = join(out, gateway);
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of [
      ['keepalived.conf', keepalivedText(gateway, ways)],
      ['conntrackd.conf', conntrackdText(ways)],
    ] as const) {
      writeNamedFile(join(directory, name), text);
      console.log(join(directory, name));
    }
  }
  return ExitStatus.good;
}

function keepalivedText(gateway: string, { legs }: PairWays): string {
  const form = formOf('keepalived.conf');
  const [head = '', leg = ''] = form.split(/^#@ (?:leg|end)\n/m);
  const names = legs.map(({ name }) => name).join(`\n${Indent}`);
  return [
    fill(head, { gateway, legs: names }),
    ...legs.map(({ name, device, own, peer, shared }, index) =>
      fill(leg, { leg: name, device, own, peer, shared, id: String(FirstRouterId + index) }),
    ),
  ].join('');
}

function conntrackdText({ legs, link }: PairWays): string {
  const addresses = [...legs.flatMap(({ own, peer, shared }) => [own, peer, shared]), link.own, link.peer];
  const ignored = [...new Set(addresses)].map((address) => `IPv4_address ${address}`).join(`\n${Indent}    `);
  const { device, own, peer } = link;
  return fill(formOf('conntrackd.conf'), { own, peer, ignored, link: device, port: String(StatesPort) });
}

function formOf(name: string): string {
  return readFileSync(new URL(`../../hardware/pair/${name}`, import.meta.url), 'utf8');
}

function fill(form: string, values: Readonly<Record<string, string>>): string {
  return form.replaceAll(/@([a-z]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`assertion failed: nothing fills @${name}@`);
    return value;
  });
}

const Indent = '        ';
/** One for each leg, since two may stand on one wire; both boxes count alike. */
const FirstRouterId = 51;
