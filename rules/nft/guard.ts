/** The chain that marks whatever the table has seen; the box routes on only what is marked. */
export const GuardChain = 'guard';
