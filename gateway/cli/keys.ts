import { type ListedKey, listKeys } from '../backup/list-keys.ts';
import { readConfig } from '../config.ts';
import { RotatedBody, RotatedKey } from '../ipc/life-body.ts';
import { controlSocket } from '../run/processes.ts';
import { printAnswer } from './console-call.ts';
import { askEngine } from './engine-client.ts';
import { ExitStatus, UsageError } from './output.ts';
import { requirePerson } from './person.ts';
import { formatTable } from './table.ts';

export interface KeysOptions {
  readonly config: string;
  readonly by?: string;
  readonly json?: boolean;
}

/** `penstock keys`: every key this box has or trusts: what for, since when, where. @throws UsageError, GatewayError */
export async function keys({ config: file, json }: KeysOptions): Promise<number> {
  const config = readConfig(file);
  let found: readonly ListedKey[];
  try {
    found = listKeys(config);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EACCES')) throw cause;
    throw new UsageError(`${config.state} cannot be read.`, 'Run this as root: sudo penstock keys.');
  }
  console.log(json === true ? JSON.stringify(found) : describeKeys(found));
  return ExitStatus.good;
}

/**
 * `penstock keys rotate KEY`: a new key in the place of one, on record (62443-3-3 SR 1.8, SR 4.3).
 * @returns 1 when it was refused; the former stays then
 * @throws UsageError, GatewayError
 */
export async function rotateKey(
  name: string,
  options: KeysOptions & { readonly reason?: string },
): Promise<number> {
  const key = RotatedKey.enum.find((one) => one === name);
  if (key === undefined) {
    throw new UsageError(
      `${name} is no key that is changed here.`,
      `Name one of ${RotatedKey.enum.join(', ')}; keys that sign policies are changed with penstock keys trust and distrust.`,
    );
  }
  const act = { what: 'rotate', key, why: options.reason ?? '' } as const;
  const asked = { kind: 'life', id: 1, by: requirePerson(options.by), act } as const;
  const answer = await askEngine(controlSocket(readConfig(options.config)), asked, RotatedBody);
  return printAnswer(answer, options, ({ former, now }) =>
    [`${key}: ${now}`, `  before: ${former || 'none'}`, `  ${Consequences[key]}`].join('\n'),
  );
}

/** The keys of the box first, then those it trusts; each with what tells it apart in full. */
function describeKeys(found: readonly ListedKey[]): string {
  const part = (owner: ListedKey['owner']): string =>
    formatTable(
      found
        .filter((one) => one.owner === owner)
        .map(({ key, use, name, print, since, until, where }) => [
          key || '-',
          use,
          `${day(since)}${until === 0 ? '' : ` to ${day(until)}`}`,
          name,
          where,
          `\n    ${print}`,
        ]),
    );
  return `keys of this box\n${part('box')}\n\nkeys it trusts\n${part('trusted')}`;
}

function day(at: number): string {
  return at === 0 ? '-' : new Date(at).toISOString().slice(0, 10);
}

const Consequences: Readonly<Record<RotatedKey, string>> = {
  evidence:
    'Write it on the commissioning sheet. The former key handed over: who has only that one still verifies the whole log.',
  authority:
    'Browsers, operators and vendors trust the former one until they are given the new certificate: the page shows it.',
  page: 'Page and TLS carrier show it from now on; who trusts the authority needs nothing new.',
  ssh: 'Vendors are asked whether they know it at their next connection: their page shows its line.',
  recordings: 'What is recorded from now on is sealed with it. Older recordings stay readable here.',
};
