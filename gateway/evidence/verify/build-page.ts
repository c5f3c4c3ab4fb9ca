import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/**
 * The page that verifies a session without a network: one HTML file with everything in it, and a policy that lets it
 * run its own script and reach nothing.
 * @param session text of a session file to verify at once, or nothing
 */
export function buildVerifierPage(session?: string): string {
  const directory = join(import.meta.dirname, 'page');
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const script = `\n${linkModules(join(directory, 'main.ts'))}`;
  const style = `\n${read('verify.css')}`;
  const parts: Readonly<Record<string, string>> = {
    policy: `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`,
    style,
    script,
    // A data block ends at the first </script>, whatever it is in.
    session: session === undefined ? 'null' : session.replaceAll('<', '\\u003c'),
  };
  return read('index.html').replace(
    /\{(policy|style|script|session)\}/g,
    (_, name: string) => parts[name] ?? '',
  );
}

/** CSP Level 3 §2.3.1. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/**
 * One script of a module and all it imports, each in a function of its own. Only what our own style allows is
 * understood: named imports of relative files, and exports where a thing is declared.
 */
export function linkModules(entry: string): string {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  add(resolve(entry));
  return texts.join('\n');

  function add(file: string): number {
    const known = numbers.get(file);
    if (known !== undefined) return known;
    const text = file.endsWith('.json') ? jsonModule(file) : scriptModule(file);
    const number = numbers.size;
    numbers.set(file, number);
    texts.push(`const module${number} = (() => {\n${text}\n})();`);
    return number;
  }

  function jsonModule(file: string): string {
    return `return { value: ${JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))} };`;
  }

  function scriptModule(file: string): string {
    const exported: string[] = [];
    const text = stripTypeScriptTypes(readFileSync(file, 'utf8'))
      .replace(
        /^import\s+(\w+|\{[^}]*\})\s+from\s+'([^']+)'[^;]*;/gm,
        (whole, names: string, from: string) => {
          if (!from.startsWith('.')) throw new Error(`${file} cannot go into a page: ${whole}`);
          const bound = names.startsWith('{') ? names.replace(/\bas\b/g, ':') : `{ value: ${names} }`;
          return /\w/.test(bound) ? `const ${bound} = module${add(resolve(dirname(file), from))};` : '';
        },
      )
      .replace(/^export (?=(?:async )?(?:function|const|class) (\w+))/gm, (_, name: string) => {
        exported.push(name);
        return '';
      });
    if (/^(import|export)\b/m.test(text)) throw new Error(`${file} imports or exports in a way no page can.`);
    return `${text.replace(/^\s*\/\*\*.*?\*\/\n/gms, '').replace(/\n\s*\n+/g, '\n')}\nreturn { ${exported.join(', ')} };`;
  }
}
