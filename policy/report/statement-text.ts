import type { Invariant, Selection, TrafficSelection } from '../model/claims.ts';
import { counted, endsText, serviceText } from './words.ts';

/** What an invariant says, in words: `nothing from enterprise to process`. */
export function statementText(invariant: Invariant): string {
  switch (invariant.kind) {
    case 'never':
      return `no ${trafficText(invariant.what)} from ${placeText(invariant.from)} to ${placeText(invariant.to)}`;
    case 'only': {
      const vendors = invariant.vendors.map(({ id }) => `sessions of ${id}`);
      const allowed = [...invariant.allow.map(({ id }) => id), ...vendors].join(', ');
      return `${trafficText(invariant.what)} from ${placeText(invariant.from)} to ${placeText(invariant.to)} by ${allowed || 'nothing'} only`;
    }
    case 'path':
      return `from ${placeText(invariant.from)} to ${placeText(invariant.to)} only by way of ${invariant.mustCross.id}`;
    case 'max-writers':
      return `at most ${counted(invariant.count, 'client')} may send ${trafficText(invariant.what)} to any one of ${placeText(invariant.to)}`;
  }
}

function placeText(selection: Selection): string {
  if (selection === '*') return 'anywhere';
  return endsText(selection);
}

function trafficText({ protocol, ports, modbus }: TrafficSelection): string {
  const service = protocol === undefined ? '' : serviceText({ protocol, ports });
  if (modbus === undefined) return service === '' ? 'traffic' : service;
  const { class: kind, functions, units, addresses, values } = modbus;
  const limits = [
    functions.length === 0 ? '' : `function ${functions.join(', ')}`,
    units.length === 0 ? '' : `unit ${units.join(', ')}`,
    addresses.length === 0
      ? ''
      : `address ${addresses.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(', ')}`,
    values === undefined ? '' : `value ${values.min} to ${values.max}`,
    service,
  ].filter((text) => text !== '');
  const what = kind === undefined ? 'Modbus requests' : `Modbus ${kind}s`;
  return limits.length === 0 ? what : `${what} (${limits.join(', ')})`;
}
