import { diagnosticFunction } from '../../../rules/modbus/message/diagnostics.ts';
import type { RequestSelection } from '../../model/claims.ts';
import { DefaultLimits, DefaultRefusal } from '../../model/modbus-defaults.ts';
import type { Permission, Profile } from '../../model/zone-model.ts';
import { fromNumbers } from '../sets/spans.ts';
import { narrowBox, type RequestBox } from './request-box.ts';
import { requestsOf } from './request-set.ts';
import { type Servers, selectRequests } from './select-requests.ts';

/**
 * Some of the requests that a statement is about, where any may be sent: the plainest function that fits comes
 * first. Empty where the statement is about no request at all.
 */
export function someRequests(selection: RequestSelection, servers: Servers): readonly RequestBox[] {
  const boxes = requestsOf(Everything, servers.kind);
  const order = selection.class === 'write' ? WritesFirst : ReadsFirst;
  const inOrder = boxes.toSorted((one, other) => rankIn(order, one) - rankIn(order, other));
  const meant = selectRequests(inOrder, selection, servers);
  // A request to unit 1 needs the least explaining.
  const plain = meant.flatMap((box) => narrowBox(box, { unit: UnitOne }) ?? []);
  return plain.length === 0 ? meant : plain;
}

function rankIn(order: readonly number[], { functionCode }: RequestBox): number {
  const rank = order.indexOf(functionCode);
  return rank < 0 ? order.length : rank;
}

const at = { line: 0, column: 0 };
const Bytes = Array.from({ length: 256 }, (_, number) => number);

const All: Permission = {
  at,
  id: 'everything/1',
  name: '',
  functions: Array.from({ length: 127 }, (_, number) => number + 1),
  subFunctions: [...Bytes.filter((number) => diagnosticFunction(number) !== undefined)],
  mei: Bytes,
  units: Bytes,
  addresses: [{ first: 0, last: 0xffff }],
  readAddresses: [{ first: 0, last: 0xffff }],
  files: [{ firstFile: 1, lastFile: 0xffff, firstRecord: 0, lastRecord: 9999 }],
  maxQuantity: 0,
  maxBytes: 4096,
  values: [],
  step: undefined,
  minInterval: 0,
  writesPerMinute: 0,
  interlocks: [],
  unknown: 'allow',
  refusal: undefined,
};

const Everything: Profile = {
  at,
  name: 'everything',
  extends: '',
  permissions: [All],
  aliases: [],
  limits: DefaultLimits,
  stated: {},
  refusal: DefaultRefusal,
  preset: undefined,
};

const UnitOne = fromNumbers([1]);
const WritesFirst = [6, 5, 16, 15, 22, 23];
const ReadsFirst = [3, 4, 1, 2, 6, 5, 16, 15];
