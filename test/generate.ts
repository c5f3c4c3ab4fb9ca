/**
 * `npm run schema`: writes policy/model/zone-model.schema.json from the TypeBox schema, the one source. A
 * test fails while the file is not what this would write.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema } from '../policy/model/schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}policy/model/zone-model.schema.json`;

writeFileSync(file, jsonSchema());
const { status } = spawnSync(`${root}node_modules/.bin/biome`, ['format', '--write', file], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
