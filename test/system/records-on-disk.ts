import { join } from 'node:path';
import { readLog } from '../../gateway/evidence/read-log.ts';
import type { Site } from '../plant/namespaces/site.ts';

/**
 * The records of a site's evidence as `penstock evidence show --json` prints them, without its process: who waits for
 * one asks again and again.
 */
export async function recordsOnDisk<Entry>({ folder }: Pick<Site, 'folder'>): Promise<readonly Entry[]> {
  const records: Entry[] = [];
  for await (const entry of readLog(join(folder, 'state/evidence'))) {
    if (entry.kind === 'record') records.push(JSON.parse(JSON.stringify(entry.record, bytesAsHex)) as Entry);
  }
  return records;
}

function bytesAsHex(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
