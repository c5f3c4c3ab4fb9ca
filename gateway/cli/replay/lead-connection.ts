import type { Permit } from '../../../rules/admission/flow-table.ts';
import type { InspectionSink, Refusal } from '../../../rules/modbus/connection/effect.ts';
import { createInspection, type InspectionTerms } from '../../../rules/modbus/connection/inspection.ts';
import type { ModbusProfile } from '../../../rules/modbus/profile.ts';
import { createRtuInspection } from '../../../rules/modbus/rtu/rtu-inspection.ts';
import { describeRefusal } from '../../../rules/modbus/text/describe.ts';
import { alternativeTo } from '../../../rules/modbus/text/describe-alternative.ts';
import type { CapturedConnection } from '../../capture/tcp-connections.ts';
import type { AddressBook } from './address-book.ts';
import {
  createReplayedConnection,
  type ReplayedConnection,
  type ReplayParts,
} from './replayed-connection.ts';
import { createReplayedRtuConnection } from './replayed-rtu-connection.ts';
import { createReplayedServers, type ReplayedServer, withoutWaiting } from './replayed-servers.ts';
import type { FlowUse, Groups, NoteGroup, RefusalGroup } from './tally.ts';

/** Where what is said of led connections is counted. */
export interface LeadTallies {
  readonly refusals: Groups<RefusalGroup>;
  readonly missing: Groups<NoteGroup>;
  readonly tolerated: Groups<NoteGroup>;
}

/** Leads connections through the inspection of the flow that permits them. */
export type Leader = (connection: CapturedConnection, use: FlowUse, permit: Permit) => ReplayedConnection;

export function createLeader(addresses: AddressBook, tallies: LeadTallies): Leader {
  const servers = createReplayedServers();
  /** One for each profile: what is made ready for a profile is kept by its identity. */
  const profiles = new Map<ModbusProfile, ModbusProfile>();

  function profileFor(profile: ModbusProfile): ModbusProfile {
    const made = profiles.get(profile) ?? withoutWaiting(profile);
    profiles.set(profile, made);
    return made;
  }

  return (connection, use, permit) => {
    const server = servers.of(addresses.nameOf(connection.server.address), permit.device);
    const profile = profileFor(permit.profile);
    // No writes before the capture are assumed, else everything with an interval would begin unknown.
    server.device.watch(profile, Number.NEGATIVE_INFINITY);
    const parts = {
      terms: termsOf(permit, profile),
      device: server.device,
      traffic: server.trafficOf(use.flow.id),
      wake: () => {},
    };
    const latest: Latest = { alternative: undefined };
    const where = connectionName(addresses, connection);
    const missing = (what: string, at: number): void => tallies.missing.add(what, at, () => ({ what }));
    const isRtu = server.modbus.framing === 'rtu';
    const replay: ReplayParts = {
      terms: parts.terms,
      outstanding: permit.profile.limits.outstanding,
      isMidstream: connection.isMidstream,
      inspect: (sink) =>
        isRtu ? createRtuInspection({ ...parts, sink }) : createInspection({ ...parts, sink }),
      sink: tallying(tallies, use, profile, addresses.nameOf(connection.client.address), server, latest),
      preview: (adu, at) => {
        latest.alternative = alternativeTo(adu, profile, server.device, at)?.text;
      },
      notes: {
        resynced: (from, skipped, at) =>
          missing(`${where}: in step with the ${from} again, ${skipped} bytes passed over`, at),
        unmatched: (at) => missing(`${where}: answers to requests that were not seen, or before a cut`, at),
        heldBack: () => {
          use.heldBack++;
        },
      },
    };
    return isRtu ? createReplayedRtuConnection(replay) : createReplayedConnection(replay);
  };
}

/** What would have been permitted instead of the request handed in last. */
interface Latest {
  alternative: string | undefined;
}

/** `scada-1 port 49152 → plc-dosing`. */
export function connectionName(addresses: AddressBook, { client, server }: CapturedConnection): string {
  return `${addresses.nameOf(client.address)} port ${client.port} → ${addresses.nameOf(server.address)}`;
}

/** An audit stage without end: what is refused is told and goes on, as it did when it was recorded. */
function termsOf({ tolerances }: Permit, profile: ModbusProfile): InspectionTerms {
  return { profile, tolerances, auditUntil: Number.POSITIVE_INFINITY, auditMalformed: true };
}

function tallying(
  { refusals, tolerated }: LeadTallies,
  use: FlowUse,
  profile: ModbusProfile,
  client: string,
  server: ReplayedServer,
  latest: Latest,
): InspectionSink {
  const { flow } = use;
  let clock = 0;
  const record = (refusal: Refusal): void => {
    const { from, reason, functionCode, subFunction, unit, address, quantity, at } = refusal;
    clock = at;
    const index = refusal.permission?.index ?? -1;
    const what = [functionCode, subFunction, unit, address, quantity];
    refusals.add([flow.id, client, server.name, from, reason, index, ...what].join(' '), at, () => {
      const permission = profile.permissions[index];
      return {
        flow,
        client,
        server: server.name,
        from,
        reason,
        permission,
        text: describeRefusal(refusal, { permission, device: server.modbus.kind }),
        alternative: from === 'client' ? latest.alternative : undefined,
      };
    });
  };
  return {
    toServer: () => {},
    toClient: () => {},
    decided: (_code, _unit, outcome, _reason, permission) => {
      use.requests++;
      if (outcome !== 'allow') use.refused++;
      else use.used[permission] = (use.used[permission] ?? 0) + 1;
    },
    refused: record,
    quarantined: record,
    tolerated(what) {
      tolerated.add(`${flow.conduit} ${what}`, clock, () => ({ what: `${flow.conduit}: ${what}` }));
    },
    close: () => {},
  };
}
