import { GatewayError } from '../errors.ts';

/** What kept something from being evidence, as the one error of the log. */
export function failure(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('PST_ERR_EVIDENCE', error instanceof Error ? error.message : String(error), error);
}
