import { asked } from '../../../rules/modbus/connection/asked.ts';
import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import { writtenWord } from '../../../rules/modbus/message/access.ts';
import { firstGroup, groupFile, groupRecord } from '../../../rules/modbus/message/file-groups.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import type { ModbusProfile } from '../../../rules/modbus/profile.ts';
import { describe } from '../../../rules/modbus/text/describe.ts';
import { DefaultLimits, DefaultRefusal } from '../../model/modbus-defaults.ts';
import { lineOf, type Permitter } from '../permit.ts';
import { permitterText } from '../piece-text.ts';
import { conditionsOf } from '../when.ts';
import type { CounterExample, Party } from './counter-example.ts';

/** Who may send what to whom, and who lets it through: two sentences. */
export function exampleText(example: CounterExample): string {
  const { client, server, request, permission } = example;
  const said = request === undefined ? '' : ` ${requestText(request)}`;
  const way = `${partyText(client)} may send ${partyText(server)} on ${serviceText(example)}${said}.`;
  const under = permission === undefined ? '' : `, permission ${permission.id} (line ${permission.at.line})`;
  const conditions = conditionsOf(example.by);
  const when = conditions.length === 0 ? '' : `, ${conditions.join(', ')}`;
  return `${way} It passes by ${permitterWithLine(example)}${under}${when}.`;
}

/** `C-05/F-01 (line 120)`. */
export function permitterWithLine({ by }: Pick<CounterExample, 'by'>): string {
  return `${permitterText(by)} (line ${lineOf(by)})`;
}

/** ` Likewise C-01/F-02 (line 9) and 3 more.`: those beside the first. */
export function otherNames(first: CounterExample, examples: readonly CounterExample[]): string {
  const own = permitterWithLine(first);
  const names = [...new Set(examples.map(permitterWithLine))].filter((name) => name !== own);
  if (names.length === 0) return '';
  const shown = names.slice(0, 3).join(', ');
  return ` Likewise ${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ''}.`;
}

/** What to ask `penstock explain` to see it: `hmi-1 -> plc-dosing modbus unit=1 fc=6 address=140 value=20`. */
export function questionOf(example: CounterExample): string {
  const { client, server, protocol, port, request, by } = example;
  const ends = `${subjectOf(client)} -> ${subjectOf(server)}`;
  const service = request === undefined ? serviceText(example) : `modbus${port === 502 ? '' : `/${port}`}`;
  const isEcho = protocol === 'icmp-echo';
  const words = request === undefined || isEcho ? [] : requestWords(request);
  return [ends, isEcho ? protocol : service, ...words, ...givenWords(by)].join(' ');
}

function partyText({ name, address, kind }: Party): string {
  if (kind === 'asset') return `${name} (${address})`;
  return kind === 'zone' ? `${address} in ${name}` : `the gateway ${name}`;
}

function subjectOf({ name, address, kind }: Party): string {
  return kind === 'asset' ? name : address;
}

function serviceText({ protocol, port }: CounterExample): string {
  return protocol === 'icmp-echo' ? 'icmp-echo' : `${protocol}/${port}`;
}

function requestText(request: Request): string {
  return describe(asked(request, NoProfile, createDeviceState('direct')));
}

/** The words that `explain` reads a request from; values as plain registers. */
function requestWords(request: Request): readonly string[] {
  const { unit, functionCode: code, readAddress, readQuantity, writeAddress, writeQuantity } = request;
  const words = [`unit=${unit}`, `fc=${code}`];
  const [isRead, isWrite] = [readQuantity > 0, writeQuantity > 0];
  if (isWrite || isRead) words.push(`address=${isWrite ? writeAddress : readAddress}`);
  if (isRead && isWrite) words.push(`read_address=${readAddress}`, `read_quantity=${readQuantity}`);
  if (isRead && !isWrite && readQuantity > 1) words.push(`quantity=${readQuantity}`);
  if (code === 22) words.push(`and=${request.andMask}`, `or=${request.orMask}`);
  else if (isWrite) words.push(...valueWords(request));
  if (code === 8) words.push(`sub=${request.subFunction}`);
  if (code === 90) words.push(`sub=${request.subFunction}`);
  if (code === 43) words.push(`mei=${request.subFunction}`);
  const group = firstGroup(request);
  if (group >= 0) words.push(`file=${groupFile(request, group)}`, `record=${groupRecord(request, group)}`);
  return words;
}

function valueWords(request: Request): readonly string[] {
  const values = Array.from({ length: request.writeQuantity }, (_, at) => writtenWord(request, at));
  const isCoil = request.functionCode === 5 || request.functionCode === 15;
  // A word that the profile reads as a negative number, or as a part of one, is told as the register it is.
  const isPlain = isCoil || (values.length === 1 && (values[0] ?? 0) < 0x8000);
  return [`value=${values.join(',')}`, ...(isPlain ? [] : ['type=u16'])];
}

function givenWords(by: Permitter): readonly string[] {
  if (by.kind !== 'flow') return [];
  return [
    ...(by.mode === undefined ? [] : [`mode=${by.mode.name}`]),
    ...(by.flow.requiresSession ? ['session=yes'] : []),
  ];
}

const NoProfile: ModbusProfile = {
  name: '',
  permissions: [],
  aliases: [],
  limits: DefaultLimits,
  refusal: DefaultRefusal,
};
