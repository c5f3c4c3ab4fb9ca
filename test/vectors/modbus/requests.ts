import { fileRequests } from './file-requests.ts';
import { multipleWriteRequests } from './multiple-write-requests.ts';
import { otherRequests } from './other-requests.ts';
import { readRequests } from './read-requests.ts';
import { serialRequests } from './serial-requests.ts';
import type { RequestVector } from './vector.ts';
import { writeRequests } from './write-requests.ts';

/** Every function in the direction of the server: right, and wrong in each way it can be. */
export const requestVectors: readonly RequestVector[] = [
  ...readRequests,
  ...writeRequests,
  ...multipleWriteRequests,
  ...fileRequests,
  ...serialRequests,
  ...otherRequests,
];
