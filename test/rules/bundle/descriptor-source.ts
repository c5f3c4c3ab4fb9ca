import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** What bundle.json must hold: the descriptor of bundle.proto. `test/generate.ts` writes it. */
export function bundleDescriptor(): string {
  const source = readFileSync(new URL('../../../rules/bundle/bundle.proto', import.meta.url), 'utf8');
  const { root } = protobuf.parse(source, { keepCase: false });
  return `${JSON.stringify(root.toJSON(), null, 2)}\n`;
}
