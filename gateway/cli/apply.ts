import { readFileSync } from 'node:fs';
import { readConfig } from '../config.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine } from './engine-client.ts';

/**
 * `penstock apply BUNDLE`: hands a signed bundle to the running gateway.
 * @returns 0 when it is in force, 1 when it was refused; the running policy stays then
 */
export async function apply(
  file: string,
  options: { readonly config: string; readonly json?: boolean },
): Promise<number> {
  const config = readConfig(options.config);
  const envelope = readFileSync(file).toString('base64');
  const answer = await askEngine(controlSocket(config), { kind: 'apply', id: 1, envelope });
  if (options.json === true) {
    console.log(JSON.stringify(answer));
  } else if (answer.kind === 'answer') {
    console.log(`in force: ${describe(answer.body)}`);
  } else {
    console.error(`${answer.code} ${answer.sentence}\n  ${answer.remedy}\n  The running policy stays.`);
  }
  return answer.kind === 'answer' ? 0 : 1;
}

function describe(body: unknown): string {
  const { version, digest } = body as { readonly version: number; readonly digest: string };
  return `policy version ${version}, ${digest.slice(0, 12)}`;
}
