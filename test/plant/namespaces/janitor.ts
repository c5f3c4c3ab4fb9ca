import { spawn } from 'node:child_process';

/** Removes what a run made, whatever becomes of the run. */
export interface Janitor {
  /** Kills every process left in the namespaces, deletes them and the folder, and waits for it. */
  readonly clean: () => Promise<void>;
}

/**
 * Starts a process of its own session that waits for the end of its standard input, which comes when it is
 * told to clean and also when this process dies of anything, kill -9 included. Only processes inside these
 * namespaces are killed, and the namespaces are the caller's own.
 */
export function startJanitor(namespaces: readonly string[], folder: string): Janitor {
  const janitor = spawn('sh', ['-c', Script, 'janitor', folder, ...namespaces], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => {
    janitor.on('exit', () => resolve());
  });
  return {
    clean: async () => {
      janitor.stdin?.end();
      await gone;
    },
  };
}

const Script = `
cat >/dev/null
folder=$1; shift
for pass in 1 2 3 4 5 6 7 8 9 10; do
  pids=$(for namespace in "$@"; do ip netns pids "$namespace" 2>/dev/null; done)
  [ -z "$pids" ] && break
  kill -9 $pids 2>/dev/null
  sleep 0.1
done
for namespace in "$@"; do ip netns del "$namespace" 2>/dev/null; done
rm -rf -- "$folder"
exit 0
`;
