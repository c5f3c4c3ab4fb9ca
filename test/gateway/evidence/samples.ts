import type { ConnectionRecord, EvidenceRecord, RefusalRecord } from '../../../rules/record/record.ts';

/** 2026-10-06 12:00:00 UTC. */
export const noon = 1_791_288_000_000;

/** Whose log it is in these tests. */
export const owner = { site: 'water', gateway: 'west' };

export const hmi = { asset: 'hmi-1', zone: 'supervisory', address: '10.20.0.11', port: 49152 };
export const plc = { asset: 'plc-dosing', zone: 'process', address: '10.30.0.12', port: 502 };

export function connectionRecord(id: string): ConnectionRecord {
  return {
    kind: 'connection',
    id,
    conduit: 'C-05',
    flow: 'C-05/F-02',
    client: hmi,
    server: plc,
    startedAt: noon,
    endedAt: noon + 1000,
    bytesFromClient: 1200,
    bytesFromServer: 2500,
    requests: 100,
    responses: 99,
    refused: 1,
    wouldRefuse: 0,
    reason: 'client-closed',
    policyVersion: 42,
  };
}

export function refusalRecord(changes: Partial<RefusalRecord> = {}): RefusalRecord {
  return {
    kind: 'refusal',
    firstAt: noon,
    lastAt: noon,
    count: 1,
    conduit: 'C-05',
    flow: 'C-05/F-02',
    connection: 'a1-7',
    client: hmi,
    server: plc,
    request: { unit: 1, functionCode: 6, address: 140, quantity: 1, values: [900] },
    text: 'WRITE holding 40141: 900',
    verdict: 'refuse',
    reason: 'fc-not-allowed',
    exceptionCode: 1,
    permission: '',
    file: 'waterworks.zones.yaml',
    line: 123,
    policyVersion: 42,
    foldedKinds: 0,
    ...changes,
  };
}

export function stopped(why: string): EvidenceRecord {
  return { kind: 'act', at: noon, act: { kind: 'stopped', why } };
}
