import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modbusText } from '../../../gateway/cli/modbus-text.ts';
import { flowsText } from '../../../gateway/cli/policy-text.ts';
import { compileText } from '../../policy/compile/compile-text.ts';

const golden = new URL('../../golden/', import.meta.url);

test('everything a policy says about Modbus is told (vitest run -u writes it anew)', async () => {
  const model = readFileSync(new URL('lint/ok/modbus-everything.yaml', golden), 'utf8');
  const [policy] = compileText(model).policies.values();
  const said = policy === undefined ? '' : `${flowsText(policy)}\n\n${modbusText(policy)}\n`;
  await expect(said).toMatchFileSnapshot(new URL('cli/modbus.txt', golden).pathname);
});
