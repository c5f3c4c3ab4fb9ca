import { userInfo } from 'node:os';
import { UsageError } from './output.ts';

/**
 * Who acts, for the record: the name given, who called sudo, or the user this runs as. Empty for root alone, which
 * is nobody.
 */
export function findPerson(given: string | undefined): string {
  const name = given ?? process.env['SUDO_USER'] ?? userInfo().username;
  return name === 'root' ? '' : name.trim();
}

/** The same for what only a named person may do. @throws UsageError for root alone */
export function requirePerson(given: string | undefined): string {
  const name = findPerson(given);
  if (name !== '') return name;
  throw new UsageError(
    'This goes on record under a name, and root is nobody.',
    'Say who you are: --by NAME.',
  );
}
