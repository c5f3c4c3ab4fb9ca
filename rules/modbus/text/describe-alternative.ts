import type { DeviceState } from '../device/device-state.ts';
import { type DataTable, functionCode } from '../message/function-code.ts';
import { parseRequest } from '../message/parse-request.ts';
import { createRequest } from '../message/request.ts';
import { type Alternative, nearestPermitted } from '../permission/alternative.ts';
import { decide } from '../permission/decide.ts';
import type { ModbusProfile } from '../profile.ts';
import { functionText, subFunctionText } from './describe.ts';
import { interlockText, ruleText } from './limit-text.ts';
import { placeText, recordsText } from './place-text.ts';

/** What would have been permitted instead of a request, and the sentence for it. */
export interface NamedAlternative {
  readonly what: Alternative;
  readonly text: string;
}

/**
 * The nearest permitted alternative to the request in a whole ADU; `undefined` where it is permitted, is no
 * sound request, or nothing comes near. To be asked before the request is handed to an inspection: afterwards
 * what is known of the server may already count it as written.
 */
export function alternativeTo(
  adu: Uint8Array,
  profile: ModbusProfile,
  device: DeviceState,
  now: number,
): NamedAlternative | undefined {
  const request = createRequest();
  if (parseRequest(adu, 0, adu.length, request) !== 'request') return undefined;
  const verdict = decide(profile, request, device, now);
  if (verdict.kind === 'allow') return undefined;
  const what = nearestPermitted(profile, request, verdict, device, now);
  return what && { what, text: describeAlternative(what, request.functionCode) };
}

/** The nearest thing that would have been permitted, as a sentence. `code` is the refused function. */
export function describeAlternative(alternative: Alternative, code: number): string {
  const table = tableOf(code);
  switch (alternative.kind) {
    case 'functions':
      if (alternative.functionCodes.length === 0) return 'Nothing is permitted for this unit.';
      return `Permitted for this unit: ${alternative.functionCodes.map(functionText).join(', ')}.`;
    case 'units':
      return `Permitted for ${alternative.units.length === 1 ? 'unit' : 'units'} ${alternative.units.join(', ')}.`;
    case 'sub-functions':
      if (alternative.subFunctions.length === 0) return 'Permitted for this function: nothing.';
      return `Permitted: ${alternative.subFunctions.map((each) => subFunctionText(code, each)).join(', ')}.`;
    case 'addresses': {
      const { first, last } = alternative.range;
      const half = code === 23 ? ` to ${alternative.half}` : '';
      return `Nearest permitted${half}: ${placeText(table, first, last - first + 1)}.`;
    }
    case 'records': {
      const { firstFile, lastFile, firstRecord, lastRecord } = alternative.range;
      const length = lastRecord - firstRecord + 1;
      const one = recordsText(firstFile, firstRecord, length);
      const text = firstFile === lastFile ? one : one.replace(/^file \d+/, `files ${firstFile}-${lastFile}`);
      return `Nearest permitted: ${text}.`;
    }
    case 'quantity':
      return `Permitted: at most ${alternative.max} at once.`;
    case 'bytes':
      if (alternative.max === 0) return 'No permission names a size (max_bytes) for this function.';
      return `Permitted: at most ${alternative.max} bytes.`;
    case 'whole-values': {
      const { first, last, width } = alternative;
      return `Write whole values of ${width} registers each, from ${placeText(table, first)} on, up to ${last}.`;
    }
    case 'value':
      return `Permitted at ${placeText(table, alternative.address)}: ${ruleText(alternative)}.`;
    case 'step': {
      const { address, last, max } = alternative;
      return `Permitted at ${placeText(table, address)}: ${last - max} to ${last + max}; it was last known to be ${last}.`;
    }
    case 'wait':
      return `The same may pass in ${alternative.milliseconds / 1000} s.`;
    case 'read-first': {
      const { functionCode: read, unit, address, quantity } = alternative;
      return `Read ${placeText(tableOf(read), address, quantity)} of unit ${unit} first: what it holds is not known, or too old.`;
    }
    case 'interlock': {
      const { reads } = alternative;
      const now = reads === undefined ? 'it has not been read lately' : `it last read ${reads}`;
      return `Permitted ${interlockText({ ...alternative, noOlderThan: 0 })}; ${now}.`;
    }
    case 'register': {
      const { register, bit, next } = alternative;
      const place = placeText('holding-registers', register);
      const rest = next === undefined ? '' : ` ${describeAlternative(next, 22)}`;
      return `This coil is bit ${bit} of ${place}, and what guards that guards this.${rest}`;
    }
  }
}

function tableOf(code: number): DataTable {
  const data = functionCode(code)?.data;
  return data === undefined || data === 'none' || data === 'files' ? 'holding-registers' : data;
}
