/**
 * `npm run schema`: writes policy/model/zone-model.schema.json from its TypeBox schema and
 * rules/bundle/bundle.json from bundle.proto. A test fails while a file is not what this would write.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../policy/model/schema.ts';
import { bundleDescriptor } from './rules/bundle/descriptor-source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}policy/model/zone-model.schema.json`;

writeFileSync(file, jsonSchema());
writeFileSync(`${root}rules/bundle/bundle.json`, bundleDescriptor());
const { status } = spawnSync(`${root}node_modules/.bin/biome`, ['format', '--write', file], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
