/**
 * `npm run schema`: writes policy/model/zone-model.schema.json and the checks an inspector loads from their
 * TypeBox schemas, and bundle.json and record.json in rules/ from their .proto files. A test fails while a file is not what this would write.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../policy/model/schema.ts';
import { bundleDescriptor } from './rules/bundle/descriptor-source.ts';
import { recordDescriptor } from './rules/record/descriptor-source.ts';
import { standaloneChecks } from './standalone-check.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = {
  'policy/model/zone-model.schema.json': jsonSchema(),
  'rules/bundle/bundle.json': bundleDescriptor(),
  'rules/record/record.json': recordDescriptor(),
};

// As it comes: what is laid out over hundreds of lines looks as if somebody had written it.
for (const [file, text] of Object.entries(standaloneChecks())) writeFileSync(root + file, text);
for (const [file, text] of Object.entries(files)) writeFileSync(root + file, text);
const { status } = spawnSync(`${root}node_modules/.bin/biome`, ['format', '--write', ...Object.keys(files)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
