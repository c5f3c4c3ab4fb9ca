import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join, sep } from 'node:path';

/** A file of the operator page, as it is served. */
export interface PageFile {
  readonly path: string;
  readonly mediaType: string;
  readonly body: string;
}

/**
 * Reads the pages with their folders once, its TypeScript with the types taken out. The module names keep their
 * `.ts`, which browsers do not mind as long as the media type says JavaScript.
 */
export function readPage(): readonly PageFile[] {
  const directory = join(import.meta.dirname, 'page');
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => MediaTypes.has(extname(name)))
    .map((name) => {
      const text = readFileSync(join(directory, name), 'utf8');
      return {
        path: name === 'index.html' ? '/' : `/${name.replaceAll(sep, '/')}`,
        mediaType: MediaTypes.get(extname(name)) ?? '',
        body: name.endsWith('.ts') ? stripTypeScriptTypes(text) : text,
      };
    });
}

const MediaTypes = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.ts', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);
