/**
 * `npm run schema`: writes policy/model/zone-model.schema.json from its TypeBox schema, and bundle.json and
 * record.json in rules/ from their .proto files. A test fails while a file is not what this would write.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../policy/model/schema.ts';
import { bundleDescriptor } from './rules/bundle/descriptor-source.ts';
import { recordDescriptor } from './rules/record/descriptor-source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = {
  'policy/model/zone-model.schema.json': jsonSchema(),
  'rules/bundle/bundle.json': bundleDescriptor(),
  'rules/record/record.json': recordDescriptor(),
};

for (const [file, text] of Object.entries(files)) writeFileSync(root + file, text);
const { status } = spawnSync(`${root}node_modules/.bin/biome`, ['format', '--write', ...Object.keys(files)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
