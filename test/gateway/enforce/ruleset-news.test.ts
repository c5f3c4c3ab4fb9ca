import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const news = fileURLToPath(new URL('../../../gateway/enforce/kernel/ruleset-news.ts', import.meta.url));
const koffi = import.meta.resolve('koffi');

test('where Node cannot wait for news no descriptor is left open', () => {
  const said = execFileSync(
    process.execPath,
    [
      ...['--input-type=module-typescript', '-e'],
      `
      import { readdirSync } from 'node:fs';
      import koffi from '${koffi}';
      import { hearOfRulesets } from '${news}';
      koffi.node.poll = () => { throw new Error('cannot wait'); };
      const open = () => readdirSync('/proc/self/fd').length;
      const before = open();
      try {
        hearOfRulesets(() => undefined);
      } catch (cause) {
        console.log(cause.message, open() - before);
      }`,
    ],
    { encoding: 'utf8' },
  );
  expect(said).toBe('cannot wait 0\n');
});
