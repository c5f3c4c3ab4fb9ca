import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';

/**
 * Who may sign releases for this box; kept apart from who signs policies. What `penstock update` goes by, so that who may
 * name it another gateway.yaml does not name other keys.
 */
export const ReleaseKeyDirectory = '/etc/penstock/release-keys';

/** The same for a box with this configuration, beside its gateway.yaml: what is listed, changed, copied and restored. */
export function releaseKeyDirectory({ file }: Pick<Config, 'file'>): string {
  return join(dirname(file), 'release-keys');
}

/** Files of the keys that a release has to be signed with one of; none where no release is accepted. */
export function releaseKeyFiles(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.pem'))
    .sort()
    .map((name) => join(directory, name));
}
