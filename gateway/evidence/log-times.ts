/** Longest time a record waits for others before it is written, milliseconds. */
export const GroupInterval = 100;

/** Longest time a routine record in a file waits for the medium, milliseconds. Power loss may cost this much. */
export const SyncInterval = 5_000;

/** Time between two tries on a failing disk, milliseconds. */
export const RetryInterval = 1_000;

/** Time between checkpoints while somebody is let in, and otherwise, milliseconds. */
export const SessionInterval = 60_000;
export const RestInterval = 600_000;

/** Bytes that may wait for the disk: half a minute of 500 records a second. */
export const MaxQueuedBytes = 4 * 1024 * 1024;
