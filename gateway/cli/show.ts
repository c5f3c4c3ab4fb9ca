import { decodePolicy } from '../../rules/bundle/codec.ts';
import { decodeEnvelope } from '../../rules/bundle/envelope.ts';
import { functionCode } from '../../rules/modbus/function-code.ts';
import { isNftBatch } from '../../rules/nft/schema.ts';
import { describeBatch } from '../../rules/nft/text.ts';
import type { AddressRange, Endpoint, FlowRule, Gate, ModbusPermission, Policy } from '../../rules/policy.ts';
import { formatTime } from '../../rules/time.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';
import { formatTable } from './table.ts';

export interface ShowOptions {
  readonly flows?: boolean;
  readonly modbus?: boolean;
  readonly nft?: boolean;
  readonly json?: boolean;
}

/**
 * `penstock show BUNDLE`: what a bundle permits, in words. It verifies no signature, since a reader needs no
 * key for that; a gateway always does.
 */
export async function show(file: string, options: ShowOptions): Promise<number> {
  const policy = readBundle(file);
  if (options.json === true) {
    const { nft, modelDigest, ...rest } = policy;
    console.log(
      options.nft === true
        ? nft
        : JSON.stringify({ ...rest, modelDigest: Buffer.from(modelDigest).toString('hex') }, null, 2),
    );
    return ExitStatus.good;
  }
  if (options.nft === true) console.log(rulesetText(policy));
  else if (options.modbus === true) console.log(modbusText(policy));
  else console.log(`${headText(policy)}\n\n${flowsText(policy)}`);
  return ExitStatus.good;
}

function readBundle(file: string): Policy {
  const envelope = decodeEnvelope(readNamedFile(file));
  const remedy = 'Name a bundle that penstock compile of this release wrote.';
  if (envelope === undefined) throw new UsageError(`${file} is not a bundle.`, remedy);
  const decoded = decodePolicy(envelope.payload);
  if (!decoded.ok) throw new UsageError(`${file} cannot be read: ${decoded.message}`, remedy);
  return decoded.policy;
}

function headText(policy: Policy): string {
  return formatTable([
    ['site', policy.site],
    ['gateway', policy.gateway],
    ['policy version', String(policy.version)],
    ['valid', `${formatTime(policy.notBefore)} to ${formatTime(policy.notAfter)}`],
    ['compiled by', `${policy.compiler}, needs gateway ${policy.minGateway} or newer`],
    ['model', Buffer.from(policy.modelDigest).toString('hex')],
  ]);
}

function flowsText(policy: Policy): string {
  const rows = policy.flows.map((flow) => [
    flow.id,
    flow.sources.map(endpointText).join(', '),
    flow.oneWay ? '⇥' : '→',
    flow.destinations.map(endpointText).join(', '),
    serviceText(flow),
    [flow.profile, flow.essential ? 'essential' : '', gateText(flow.gate), auditText(flow)]
      .filter(Boolean)
      .join(', '),
  ]);
  return formatTable([['flow', 'from', '', 'to', 'service', 'how'], ...rows]);
}

function rulesetText(policy: Policy): string {
  const batch: unknown = JSON.parse(policy.nft);
  return isNftBatch(batch) ? describeBatch(batch) : policy.nft;
}

function modbusText(policy: Policy): string {
  return policy.profiles
    .map(({ name, permissions, limits }) => {
      const rate = limits.aduPerSecond === 0 ? '' : `, at most ${limits.aduPerSecond} requests a second`;
      const head = `${name}: ${limits.outstanding} outstanding${rate}`;
      return `${head}\n${formatTable(permissions.map((one) => ['', ...permissionCells(one)]))}`;
    })
    .join('\n\n');
}

function permissionCells(permission: ModbusPermission): readonly string[] {
  const { functions, units, addresses, readAddresses, maxQuantity, value, maxStep, minInterval, interlock } =
    permission;
  const conditions = [
    value?.min === undefined && value?.max === undefined
      ? ''
      : `${value.type} ${value.min ?? '…'} to ${value.max ?? '…'}`,
    value === undefined || value.allowed.length === 0 ? '' : `one of ${value.allowed.join(' ')}`,
    maxQuantity === 0 ? '' : `at most ${maxQuantity}`,
    maxStep === undefined ? '' : `step at most ${maxStep}`,
    minInterval === 0 ? '' : `every ${minInterval / 1000} s at most`,
    readAddresses.length === 0 ? '' : `reading ${rangesText(readAddresses)}`,
    interlock === undefined
      ? ''
      : `while ${describeFunction(interlock.functionCode)} ${interlock.address} is ${interlock.is}`,
  ].filter((text) => text !== '');
  return [
    functions.map(describeFunction).join(', '),
    `unit ${units.join(' ')}`,
    rangesText(addresses),
    conditions.join(', '),
    permission.name,
  ];
}

function describeFunction(number: number): string {
  const name = functionCode(number)?.name;
  return name === undefined ? `FC ${number}` : `FC ${number} ${name}`;
}

function rangesText(ranges: readonly AddressRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(' ');
}

function endpointText(endpoint: Endpoint): string {
  return endpoint.asset === '' ? `${endpoint.zone} (all)` : endpoint.asset;
}

function serviceText({ protocol, ports }: FlowRule): string {
  return [
    protocol,
    ...ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)),
  ].join(' ');
}

function gateText(gate: Gate | undefined): string {
  if (gate === undefined) return '';
  if (gate.session) return 'with a session only';
  return gate.closesAt === 0 ? 'at scheduled hours' : `until ${formatTime(gate.closesAt)}`;
}

function auditText({ auditUntil }: FlowRule): string {
  return auditUntil === 0 ? '' : `audit until ${formatTime(auditUntil)}`;
}
