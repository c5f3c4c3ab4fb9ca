import type { TSchema } from 'typebox';
import { Code } from 'typebox/compile';
import { EngineToInspector } from '../gateway/ipc/messages.ts';
import { PolicySchema } from '../rules/bundle/policy-schema.ts';

/**
 * Checks of schemas as code that needs neither the schema nor the library that makes it: that is most of what a
 * process loads which otherwise does without. By file.
 */
export function standaloneChecks(): Readonly<Record<string, string>> {
  return {
    'gateway/ipc/engine-to-inspector-code.ts': standalone(EngineToInspector, 'messages.ts'),
    'rules/bundle/policy-code.ts': standalone(PolicySchema, 'policy-schema.ts'),
  };
}

function standalone(schema: TSchema, source: string): string {
  const { Code: code, External: external } = Code(schema);
  const text = code
    // It imports what only some checks use.
    .replace(/^import \{ (\w+) \} .*\n/gm, (line, name) => (code.includes(`${name}.`) ? line : ''))
    .replace(/\/\/ @ts-ignore\n/g, '')
    .replace('let External = []', `const External = [${external.variables.map(String).join(', ')}]`)
    .replace(/^export function SetExternal.*$/m, '')
    .replace(/\n{2,}/g, '\n\n');
  const origin = `// Written by \`npm run schema\` from ${source}; a test fails while it is not what that would write.`;
  return `// @ts-nocheck\n${origin}\n${text}\n`;
}
