import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers OpenSSH's questions in place of a person at a terminal. */
export interface AskPass {
  /** For `env`, before the command. */
  readonly env: readonly string[];
  /** What is typed from now on. */
  readonly type: (password: string, code: string) => void;
  readonly remove: () => void;
}

export function makeAskPass(): AskPass {
  const folder = mkdtempSync(join(tmpdir(), 'pst-askpass-'));
  const script = join(folder, 'askpass');
  writeFileSync(
    script,
    `#!/bin/sh\ncase "$1" in *Password*) cat '${folder}/password' ;; *) cat '${folder}/code' ;; esac\n`,
  );
  chmodSync(script, 0o700);
  return {
    env: ['env', `SSH_ASKPASS=${script}`, 'SSH_ASKPASS_REQUIRE=force'],
    type: (password, code) => {
      writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
      writeFileSync(join(folder, 'code'), `${code}\n`, { mode: 0o600 });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
