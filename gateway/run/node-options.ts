/**
 * Node says of its own type stripping, which the page is served through, that it is experimental. Little is made and
 * dropped for each request, so that a process with much room for what is young holds memory it never needs. And where
 * connections once stayed for long, V8 would make the short ones that follow as if they did: kilobytes of each would
 * then be held until all of the memory is searched.
 */
export const NodeOptions: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=4',
  '--no-allocation-site-pretenuring',
];
