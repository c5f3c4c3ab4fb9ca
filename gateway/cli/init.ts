import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatConfig } from '../config.ts';
import { checkRawConfig, type RawConfig } from '../config-schema.ts';
import { makeKeyPair } from './keygen.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';

export interface InitOptions {
  /** DNS name of the box. */
  readonly name?: string;
}

/**
 * `penstock init DIR`: a starter site: the example zone model with its schema, a key pair and the
 * configuration of its one gateway, with the name that its page, its authority and passkeys go by. The authority
 * itself is made on the box at its first start, where its key stays. An existing directory is never touched.
 */
export async function init(directory: string, { name }: InitOptions = {}): Promise<number> {
  if (existsSync(directory)) {
    throw new UsageError(`${directory} exists.`, 'Choose a new directory; nothing is overwritten.');
  }
  const config = { ...StarterConfig, ...(name === undefined ? {} : { name }) };
  if (!checkRawConfig(config).ok) {
    throw new UsageError(
      `${name} is no name of a box.`,
      'Use a DNS name in small letters with at least one dot, as penstock.plant.example.',
    );
  }
  try {
    mkdirSync(directory, { recursive: true });
  } catch {
    throw new UsageError(`${directory} cannot be made.`, 'Choose a place where you may make directories.');
  }
  // A bundle is valid from the day the model was reviewed; for a new site that is today.
  const today = new Date().toISOString().slice(0, 10);
  const example = readFileSync(join(Examples, 'waterworks.zones.yaml'), 'utf8');
  const own = example
    .replace(/^( {2}reviewed: )\S+/m, `$1${today}`)
    .replace('../model/zone-model.schema.json', './zone-model.schema.json');
  writeNamedFile(join(directory, 'plant.zones.yaml'), own);
  const schema = readFileSync(join(Examples, '../model/zone-model.schema.json'));
  writeNamedFile(join(directory, 'zone-model.schema.json'), schema);
  makeKeyPair(join(directory, 'keys'));
  writeNamedFile(join(directory, 'gateway.yaml'), formatConfig(config));
  console.log(`${directory}
  plant.zones.yaml    the example plant; make it yours, then: penstock check ${directory}/plant.zones.yaml
  keys/               site.key.pem signs bundles and never comes to a gateway; site.pub.pem does
  gateway.yaml        one box of the plant, known as ${config.name}: give it its own name before people sign in

  penstock compile ${directory}/plant.zones.yaml --key ${directory}/keys/site.key.pem --out ${directory}/plant.bundle
  penstock account first-administrator NAME --full-name TEXT        on the box, once the gateway runs there`);
  return ExitStatus.good;
}

const Examples = join(import.meta.dirname, '../../policy/examples');

/** The kernel back end as a box runs it; hardware/gateway.example.yaml explains every key. */
const StarterConfig = {
  back_end: 'kernel',
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  name: 'cgw-01.riverside.example',
  trusted_keys: ['keys/site.pub.pem'],
  bundle: 'plant.bundle',
  state: '/var/lib/penstock',
  run: '/run/penstock',
  page: { listen: '127.0.0.1:8080' },
  metrics: { listen: '127.0.0.1:9464' },
  users: { engine: 'penstock-engine', inspector: 'penstock-inspector', front: 'penstock-front' },
} as const satisfies RawConfig;
