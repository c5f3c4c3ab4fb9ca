import { createHash } from 'node:crypto';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import type {
  ModbusDevice,
  ModbusLimits,
  ModbusPermission,
  ModbusProfile,
} from '../../../rules/modbus/profile.ts';
import { type FlowRule, type Policy, PolicyFormat, type VendorRule } from '../../../rules/policy.ts';

/** A policy of two zones, small enough to read, varied by what a test is about. */
export function samplePolicy(change: Partial<Policy> = {}): Policy {
  return {
    format: PolicyFormat,
    site: 'waterworks',
    gateway: 'gw-1',
    version: 1,
    notBefore: 1,
    notAfter: 4_000_000_000_000,
    minGateway: '0.1.0',
    compiler: 'penstock 0.1.0',
    modelDigest: new Uint8Array(32),
    zones: [
      { name: 'control', kind: 'control', slT: 2 },
      { name: 'process', kind: 'process', slT: 2 },
    ],
    interfaces: [],
    assets: [
      { name: 'hmi-1', zone: 'control', addresses: ['10.10.0.10/32'], mac: '', modbus: Direct },
      { name: 'hmi-2', zone: 'control', addresses: ['10.10.0.11/32'], mac: '', modbus: Direct },
      { name: 'plc-1', zone: 'process', addresses: ['10.20.0.20/32'], mac: '', modbus: Direct },
      { name: 'plc-2', zone: 'process', addresses: ['10.20.0.21/32'], mac: '', modbus: Direct },
    ],
    conduits: [
      {
        id: 'C-1',
        name: 'control to process',
        from: 'control',
        to: 'process',
        slT: 2,
        oneWay: false,
        tolerances: [],
        undeclaredUntil: 0,
        source: Nowhere,
      },
    ],
    flows: [sampleFlow()],
    profiles: [sampleProfile()],
    services: [],
    egress: [],
    modes: [],
    vendors: [],
    tests: [],
    nft: '',
    ...change,
  };
}

/** hmi-1 to plc-1, port 502, profile `operate`. */
export function sampleFlow(change: Partial<FlowRule> = {}): FlowRule {
  return {
    number: 1,
    id: 'C-1/F-1',
    conduit: 'C-1',
    sources: [{ asset: 'hmi-1', zone: 'control', prefixes: ['10.10.0.10/32'] }],
    destinations: [{ asset: 'plc-1', zone: 'process', prefixes: ['10.20.0.20/32'] }],
    protocol: 'tcp',
    ports: [{ first: 502, last: 502 }],
    profile: 'operate',
    oneWay: false,
    essential: false,
    gate: undefined,
    auditUntil: 0,
    auditMalformed: false,
    limits: undefined,
    source: Nowhere,
    ...change,
  };
}

/** A vendor with one person, who comes in at hmi-1 and may reach nothing. */
export function sampleVendor(change: Partial<VendorRule> = {}): VendorRule {
  return {
    id: 'pumpco',
    company: 'PumpCo',
    people: [{ id: 'ann@pumpco.example', mfa: true }],
    entry: { asset: 'hmi-1', zone: 'control', prefixes: ['10.10.0.10/32'] },
    opens: [],
    targets: [],
    approval: { role: 'shift-lead', second: '' },
    limits: { maxDuration: 14_400_000, idle: 900_000, concurrent: 1 },
    record: ['bytes', 'modbus'],
    source: Nowhere,
    ...change,
  };
}

/** Reads registers 0 to 199 and writes register 140, values up to 100, of unit 1. */
export function sampleProfile(change: Partial<ModbusProfile> = {}): ModbusProfile {
  return {
    name: 'operate',
    permissions: [
      samplePermission({
        id: 'operate/1',
        name: 'read',
        functions: [3],
        addresses: [{ first: 0, last: 199 }],
      }),
      samplePermission({
        id: 'operate/2',
        name: 'setpoint',
        functions: [6],
        addresses: [{ first: 140, last: 140 }],
        values: [{ type: 'u16', words: 'big', bytes: 'big', bits: undefined, min: 0, max: 100, allowed: [] }],
      }),
    ],
    aliases: [],
    limits: sampleLimits(),
    refusal: { action: 'exception', exceptionCodes: [] },
    ...change,
  };
}

/** Room for 16 requests, two seconds for an answer, and no other limit. */
export function sampleLimits(change: Partial<ModbusLimits> = {}): ModbusLimits {
  return {
    aduPerSecond: 0,
    outstanding: 16,
    outstandingPerUnit: 512,
    requestTimeout: 2_000,
    connectionsPerSource: 0,
    exceptionsPerMinute: 0,
    readAddressesPerMinute: 0,
    readWordsPerMinute: 0,
    ...change,
  };
}

export function samplePermission(change: Partial<ModbusPermission>): ModbusPermission {
  return {
    id: 'operate/1',
    name: '',
    line: 7,
    functions: [],
    subFunctions: [],
    mei: [],
    units: [1],
    addresses: [],
    readAddresses: [],
    files: [],
    maxQuantity: 0,
    maxBytes: 0,
    values: [],
    step: undefined,
    minInterval: 0,
    writesPerMinute: 0,
    interlocks: [],
    unknown: 'refuse',
    refusal: undefined,
    ...change,
  };
}

/** A policy as the engine hands it over. */
export function payloadOf(policy: Policy): { readonly digest: string; readonly policy: string } {
  const bytes = encodePolicy(policy);
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    policy: Buffer.from(bytes).toString('base64'),
  };
}

const Nowhere = { file: 'zones.yaml', line: 1, column: 1, owner: 'process', ticket: 'OT-1', sr: [] };

const Direct: ModbusDevice = { kind: 'direct', framing: 'mbap', line: undefined };
