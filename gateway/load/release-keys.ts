import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Who may sign releases; kept apart from who signs policies. */
export const ReleaseKeyDirectory = '/etc/penstock/release-keys';

/** Files of the keys that a release has to be signed with one of; none where no release is accepted. */
export function releaseKeyFiles(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.pem'))
    .sort()
    .map((name) => join(directory, name));
}
