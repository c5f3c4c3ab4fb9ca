import { fileResponses } from './file-responses.ts';
import { otherResponses } from './other-responses.ts';
import { readResponses } from './read-responses.ts';
import { serialResponses } from './serial-responses.ts';
import type { ResponseVector } from './vector.ts';
import { writeResponses } from './write-responses.ts';

/** Every function in the direction of the client: right, and wrong in each way it can be. */
export const responseVectors: readonly ResponseVector[] = [
  ...readResponses,
  ...writeResponses,
  ...fileResponses,
  ...serialResponses,
  ...otherResponses,
];
