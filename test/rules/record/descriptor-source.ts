import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

/** What rules/record/record.json has to hold: record.proto as a JSON descriptor. */
export function recordDescriptor(): string {
  const proto = readFileSync(
    fileURLToPath(new URL('../../../rules/record/record.proto', import.meta.url)),
    'utf8',
  );
  return `${JSON.stringify(protobuf.parse(proto).root.toJSON(), undefined, 2)}\n`;
}
