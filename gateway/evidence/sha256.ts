import { hash } from 'node:crypto';
import type { Sha256 } from '../../rules/evidence/tree.ts';

/** SHA-256 of this process's own library. */
export const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');
