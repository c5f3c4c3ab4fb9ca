import koffi from 'koffi';

/**
 * The few functions of libnftables that are used. Only the nft child may import this: on Debian 12 the
 * library aborts or exits its whole process on a long log prefix or comment.
 */
export interface Libnftables {
  /** Runs JSON commands as one transaction. Empty when done, else the library's own words. */
  readonly runJson: (input: string, dryRun: boolean) => string;
  /** Runs commands in nft's own language as one transaction. Empty when done, else the library's words. */
  readonly runText: (input: string) => string;
  /** Runs one command that only reads, in the given language, and gives what it printed. */
  readonly list: (command: string, form: 'json' | 'text') => Listed;
}

/** What a listing gave, or why it gave nothing. */
export type Listed =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly problem: string };

/** Loads the shared library. @throws Error in the loader's words when it is not there */
export function loadLibnftables(): Libnftables {
  const library = koffi.load('libnftables.so.1');
  const newContext: (flags: number) => unknown = library.func('void *nft_ctx_new(uint32_t)');
  const setOutput: (context: unknown, flags: number) => void = library.func(
    'void nft_ctx_output_set_flags(void *, unsigned int)',
  );
  const bufferOutput: (context: unknown) => number = library.func('int nft_ctx_buffer_output(void *)');
  const bufferError: (context: unknown) => number = library.func('int nft_ctx_buffer_error(void *)');
  const takeOutput: (context: unknown) => string | null = library.func(
    'const char *nft_ctx_get_output_buffer(void *)',
  );
  const takeError: (context: unknown) => string | null = library.func(
    'const char *nft_ctx_get_error_buffer(void *)',
  );
  const setDryRun: (context: unknown, dryRun: boolean) => void = library.func(
    'void nft_ctx_set_dry_run(void *, bool)',
  );
  const run: (context: unknown, input: string) => number = library.func(
    'int nft_run_cmd_from_buffer(void *, const char *)',
  );

  function createContext(flags: number): unknown {
    const context = newContext(0);
    if (context === null) throw new Error('nft_ctx_new gave nothing');
    if (bufferOutput(context) !== 0 || bufferError(context) !== 0) throw new Error('nft buffers failed');
    setOutput(context, flags);
    return context;
  }

  const json = createContext(OutputJson);
  const text = createContext(0);

  function execute(context: unknown, input: string): Listed {
    const status = run(context, input);
    const output = takeOutput(context) ?? '';
    const problem = (takeError(context) ?? '').trim();
    return status === 0 ? { ok: true, output } : { ok: false, problem: problem || `status ${status}` };
  }

  return {
    runJson: (input, dryRun) => {
      setDryRun(json, dryRun);
      try {
        return problemOf(execute(json, input));
      } finally {
        setDryRun(json, false);
      }
    },
    runText: (input) => problemOf(execute(text, input)),
    list: (command, form) => execute(form === 'json' ? json : text, command),
  };
}

function problemOf(listed: Listed): string {
  return listed.ok ? '' : listed.problem;
}

/** NFT_CTX_OUTPUT_JSON. A context with it also takes JSON as input; the flag for that alone came later. */
const OutputJson = 1 << 4;
