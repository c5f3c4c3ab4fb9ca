import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Reasons } from '../rules/reason.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const Rooms = ['rules', 'policy', 'gateway', 'hardware', 'test'] as const;

/** What each part of the tree may import of ours; the compiler's project references say the same. */
const MayImport: Readonly<Record<string, readonly string[]>> = {
  rules: ['rules'],
  policy: ['policy', 'rules'],
  hardware: ['hardware'],
  gateway: ['gateway', 'gateway/ipc', 'rules', 'hardware'],
  'gateway/ipc': ['gateway/ipc', 'gateway', 'rules'],
  'gateway/cli': ['gateway/cli', 'gateway', 'gateway/ipc', 'policy', 'rules', 'hardware', 'test/plant'],
  // Runs in a browser: of the gateway it knows the shape of the answers and nothing else.
  'gateway/front/page': ['gateway/front/page', 'gateway/ipc'],
  // Runs in an auditor's browser: what is verified there is the code that the command line verifies with.
  'gateway/evidence/verify/page': ['gateway/evidence/verify/page', 'gateway', 'rules'],
  'test/plant': ['test/plant', 'rules'],
  test: [
    'test',
    'test/plant',
    'gateway/cli',
    'gateway',
    'gateway/ipc',
    'gateway/front/page',
    'gateway/evidence/verify/page',
    'policy',
    'rules',
    'hardware',
  ],
};

/** Every package has a home: who wants it elsewhere goes through the module that owns it. */
const PackageHomes: Readonly<Record<string, readonly string[]>> = {
  koffi: ['gateway/ffi', 'gateway/enforce', 'hardware/gpio'],
  protobufjs: ['rules/bundle', 'rules/record'],
  yaml: ['policy/model', 'policy/learn', 'gateway/config.ts'],
  elkjs: ['gateway/cli/report'],
  pdfkit: ['gateway/cli/report'],
  typebox: ['rules', 'policy', 'gateway'],
  'ipaddr.js': ['rules/address.ts'],
  fastify: ['gateway/front'],
  '@fastify/helmet': ['gateway/front'],
  '@fastify/rate-limit': ['gateway/front'],
  '@fastify/cookie': ['gateway/front'],
  '@fastify/swagger': ['gateway/front'],
  '@simplewebauthn/server': ['gateway/accounts'],
  otpauth: ['gateway/accounts'],
  qrcode: ['gateway/qr.ts'],
  '@peculiar/x509': ['gateway/authority'],
  'reflect-metadata': ['gateway/authority'],
  ssh2: ['gateway/front/carriers', 'gateway/authority', 'test/system'],
  '@fastify/type-provider-typebox': ['gateway/front'],
  'prom-client': ['gateway/front'],
  pino: ['gateway/log.ts'],
  commander: ['gateway/cli'],
  'fastest-levenshtein': ['policy'],
  'modbus-serial': ['gateway/inspector/serial', 'test/plant', 'test/system/clients'],
};

/** Most lines of a file; a test is a table of cases more often, and vectors are nothing else. */
const MostLines = [
  { files: /^test\/vectors\//, lines: Number.POSITIVE_INFINITY },
  { files: /\.test\.ts$|^test\/.*\/(snapshots|samples|policies)\.ts$/, lines: 500 },
  { files: /./, lines: 300 },
];

/** Reasons of what is compiled and not carried out yet. */
const AwaitedReasons: readonly string[] = [];

/** Word, where it may stand all the same, and why nobody writes it here. */
const ForbiddenWords: readonly { readonly word: RegExp; readonly why: string; readonly except?: RegExp }[] = [
  {
    word: /@ts-(ignore|nocheck)/,
    why: 'the compiler is the first reviewer',
    // Generated, without types; what they hold is compared.
    except:
      /(^gateway\/ipc\/engine-to-inspector-code|^rules\/bundle\/policy-code|^test\/standalone-check)\.ts$/,
  },
  { word: /\b(TODO|FIXME|XXX)\b/, why: 'a shortcoming is named in a README or mended' },
  {
    word: /\bcomplian(t|ce)\b/i,
    why: 'a rule supports a requirement; conformity is for an assessor to find',
  },
  {
    word: /\b(master|slave)\b/i,
    why: 'Modbus has clients and servers',
    // Other people's programs have kept the words in their options.
    except:
      /^test\/(system\/clients|vectors|plant\/namespaces\/topology\.ts|system\/attacks\/meddling\.test\.ts|system\/pair\/pair-bench\.ts)/,
  },
  { word: /\b(white|black)list/i, why: 'it is an allow-list or a deny-list' },
  { word: /\bclass \w*(Manager|Helper|Util|Utils)\b/, why: 'a class is named for what it is' },
  { word: /^export default\b/m, why: 'a thing has one name', except: /^test\/vitest\.config\.ts$/ },
  {
    word: /^(export )?(const )?enum\b|^(export )?namespace\b/m,
    why: 'Node strips types and runs the rest',
    except: /\.c$/,
  },
];

const sources: readonly string[] = Rooms.flatMap((room) => filesUnder(room));
const code = sources.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
const production = code.filter((file) => !file.startsWith('test/'));
const catalogues = ['gateway/errors.ts', 'hardware/errors.ts'].filter((file) => code.includes(file));
const errorCodes = catalogues.flatMap((file) =>
  [...read(file).matchAll(/^ {2}(PST_ERR_\w+): \{/gm)].map(([, one]) => one ?? ''),
);

describe('rooms', () => {
  test('import only the rooms they may', () => {
    const wrong = importsOf(code).filter(({ file, specifier }) => {
      if (!specifier.startsWith('.') || specifier.endsWith('/package.json')) return false;
      const target = normalize(join(dirname(file), specifier));
      return !(MayImport[partOf(file)] ?? []).includes(partOf(target));
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test('name the file they import, ending included', () => {
    const wrong = importsOf(code).filter(
      ({ specifier }) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier),
    );
    expect(wrong.map(place)).toEqual([]);
  });

  test('hold no declaration that a compiler made of a file beside it', () => {
    const made = sources.filter((file) => file.endsWith('.d.ts'));
    expect(made.filter((file) => sources.includes(file.replace(/\.d\.ts$/, '.ts')))).toEqual([]);
  });

  test('that are pure import nothing of Node', () => {
    const pure = code.filter((file) => /^(rules|policy)\//.test(file));
    const wrong = importsOf(pure).filter(({ specifier }) => isNode(specifier));
    expect(wrong.map(place)).toEqual([]);
  });

  test('explain themselves in a README of at most 40 lines', () => {
    for (const room of Rooms) expect(sources, room).toContain(`${room}/README.md`);
    const long = sources
      .filter((file) => file.endsWith('/README.md'))
      .filter((file) => lines(file) > 40)
      .map((file) => `${file}: ${lines(file)} lines`);
    expect(long).toEqual([]);
  });
});

describe('packages', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const dependencies = manifest['dependencies'] ?? {};

  test('are imported only in the folder that owns them', () => {
    const wrong = importsOf(production).filter(({ file, specifier }) => {
      const name = packageOf(specifier);
      return name !== '' && !(PackageHomes[name] ?? []).some((home) => isWithin(file, home));
    });
    expect(wrong.map(place)).toEqual([]);
  });

  test('are each used, and each has a home', () => {
    const used = new Set(importsOf(code).map(({ specifier }) => packageOf(specifier)));
    // The runtime itself, which nothing imports.
    const unused = Object.keys(dependencies).filter((name) => name !== 'node' && !used.has(name));
    const homeless = Object.keys(dependencies).filter((name) => name !== 'node' && !(name in PackageHomes));
    expect({ unused, homeless }).toEqual({ unused: [], homeless: [] });
  });

  test('are pinned to exact versions', () => {
    const all = { ...dependencies, ...manifest['devDependencies'] };
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  test('need no install script but the one that brings Node', () => {
    const allowed = Object.entries(manifest['allowScripts'] ?? {}).filter(([, yes]) => yes as unknown);
    expect(allowed.map(([name]) => name)).toEqual(['node']);
  });
});

describe('vocabularies', () => {
  test('hold no reason that nothing gives', () => {
    const givers = production.filter((file) => file !== 'rules/reason.ts').map(read);
    const unused = Object.keys(Reasons).filter(
      (reason) => !givers.some((text) => text.includes(`'${reason}'`)),
    );
    expect(unused).toEqual(AwaitedReasons);
  });

  test('hold no error that nothing throws', () => {
    const throwers = production.filter((file) => !catalogues.includes(file)).map(read);
    expect(errorCodes.length).toBeGreaterThan(10);
    expect(errorCodes.filter((one) => !throwers.some((text) => text.includes(`'${one}'`)))).toEqual([]);
  });

  test('are cited by codes that exist', () => {
    const cited = new Set(
      sources.flatMap((file) => [...read(file).matchAll(/\bPST_ERR_[A-Z_]+[A-Z]\b/g)].map(String)),
    );
    expect([...cited].filter((one) => !errorCodes.includes(one))).toEqual([]);
  });
});

describe('files', () => {
  test('are of a length a person reads at once', () => {
    const most = (file: string) => MostLines.find(({ files }) => files.test(file))?.lines ?? 0;
    const long = code
      .filter((file) => lines(file) > most(file))
      .map((file) => `${file}: ${lines(file)} lines, ${most(file)} at most`);
    expect(long).toEqual([]);
  });

  test('are named in kebab-case', () => {
    const odd = code.filter(
      (file) => !/^(?:[a-z0-9-]+\/)*[a-z0-9]+(-[a-z0-9]+)*(\.(test|config))?\.ts$/.test(file),
    );
    expect(odd).toEqual([]);
  });

  test('link in their comments to what can be found in them', () => {
    const dangling = code.flatMap((file) => {
      const text = read(file);
      const names = new Set(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').match(/[\w$]+/g));
      const links = [...text.matchAll(/\{@link\s+([^\s|}]+)/g)].map(([, target = '']) => target);
      return links
        .filter((target) => target.split('.').some((name) => !names.has(name)))
        .map((target) => `${file}: ${target}`);
    });
    expect(dangling).toEqual([]);
  });

  test.for(ForbiddenWords)('do not say $word: $why', ({ word, except }) => {
    const texts = [...sources, 'README.md'].filter(
      (file) => existsSync(join(root, file)) && file !== 'test/architecture.test.ts',
    );
    const found = texts
      .filter((file) => /\.(ts|md|yaml|sh|c|py|css|html)$/.test(file) && except?.test(file) !== true)
      .flatMap((file) =>
        read(file)
          .split('\n')
          .map((line, index) => ({ file, line, number: index + 1 })),
      )
      .filter(({ line }) => word.test(line));
    expect(found.map(({ file, number, line }) => `${file}:${number} ${line.trim()}`)).toEqual([]);
  });
});

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function importsOf(files: readonly string[]): readonly Import[] {
  const form = /^(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;
  return files.flatMap((file) =>
    [...read(file).matchAll(form)].map(([, from, bare, called]) => ({
      file,
      specifier: from ?? bare ?? called ?? '',
    })),
  );
}

function place({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`;
}

/** The longest named part of the tree the file lies in. */
function partOf(file: string): string {
  const parts = Object.keys(MayImport).filter((part) => isWithin(file, part));
  return parts.sort((one, other) => other.length - one.length)[0] ?? '';
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function isNode(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('.') || isNode(specifier)) return '';
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope;
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((file) => !/(^|\/)(node_modules|golden)\//.test(file))
    .sort();
}

function lines(file: string): number {
  return read(file).split('\n').length - 1;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
