/**
 * Resolves at the first Ctrl-C, SIGTERM or end of the terminal. Later ones change nothing: what is under way
 * is bounded, and cut short it would leave things behind.
 */
export function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
