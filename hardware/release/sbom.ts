import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Architecture, Machines } from './architecture.ts';
import { sha256OfFile } from './manifest.ts';
import { type DebianPart, debianLicences, type ModulePart } from './parts.ts';
import { run } from './run.ts';

/** A CycloneDX component, as far as this writes one. */
export interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly Readonly<Record<string, unknown>>[];
}

/** A CycloneDX document, as far as this writes one. */
export interface Bom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

export interface SbomOptions {
  readonly stage: string;
  readonly arch: Architecture;
  readonly modules: readonly ModulePart[];
  readonly packages: readonly DebianPart[];
  readonly version: string;
  /** Seconds since the Unix epoch. */
  readonly epoch: number;
}

/**
 * The software bill of materials of a staged release, CycloneDX 1.6. npm tells the packages, their hashes and who needs
 * whom from the lock file; Node and the Debian packages are added, and what this machine is not given is left out.
 * @throws HardwareError PST_ERR_RELEASE_BUILD
 */
export function makeSbom(options: SbomOptions): Bom {
  const { stage, arch, modules, packages, version, epoch } = options;
  const told = JSON.parse(run('npm', SbomOfNpm, { cwd: stage })) as Bom;
  const staged = new Map(modules.map((part) => [`${part.name}@${part.version}`, part]));
  const components = [
    ...told.components.flatMap((one) => {
      const part = staged.get(one['bom-ref']);
      return part === undefined ? [] : [withLicence(one, part)];
    }),
    ...modules
      .filter(({ name }) => name === Machines[arch].nodePackage)
      .map((part) => nodeComponent(part, arch)),
    ...packages.map((part) => debianComponent(stage, part)),
  ];
  const known = new Set([`penstock@${version}`, ...components.map((one) => one['bom-ref'])]);
  const dependencies = told.dependencies
    .filter(({ ref }) => known.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => known.has(one)) }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(components),
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { 'bom-ref': `penstock@${version}`, type: 'application', name: 'penstock', version },
      properties: [{ name: 'penstock:architecture', value: arch }],
    },
    components,
    dependencies,
  };
}

/** npm reads older ways of naming a licence as none. */
function withLicence(one: Component, { licence }: ModulePart): Component {
  if (one.licenses !== undefined || licence === '') return one;
  return { ...one, licenses: [licenceChoice(licence)] };
}

function nodeComponent({ name, version, licence }: ModulePart, arch: Architecture): Component {
  const content = Buffer.from(Machines[arch].nodeIntegrity.replace('sha512-', ''), 'base64').toString('hex');
  return {
    'bom-ref': `${name}@${version}`,
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:npm/${name}@${version}`,
    hashes: [{ alg: 'SHA-512', content }],
    licenses: [licenceChoice(licence)],
  };
}

function debianComponent(stage: string, part: DebianPart): Component {
  const { name, version, architecture, system, file, copyright } = part;
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-${system}`;
  const licences = debianLicences(copyright);
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    purl,
    hashes: [{ alg: 'SHA-256', content: sha256OfFile(join(stage, 'packages', file)) }],
    licenses: (licences.length === 0 ? ['see LICENCES.txt'] : licences).map((one) => ({
      license: { name: one },
    })),
  };
}

function licenceChoice(licence: string): Readonly<Record<string, unknown>> {
  return / (OR|AND|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } };
}

/** The same parts make the same number: RFC 9562 version 8, of their digest. */
function serialNumber(components: readonly Component[]): string {
  const hex = createHash('sha256').update(JSON.stringify(components)).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const SbomOfNpm = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
