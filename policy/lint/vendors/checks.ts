import type { Check } from '../check.ts';
import { openedFlowWithoutSession } from './vendor-flows.ts';

/** V: vendors, by code. */
export const VendorChecks: readonly Check[] = [openedFlowWithoutSession];
