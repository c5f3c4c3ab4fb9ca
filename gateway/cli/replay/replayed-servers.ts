import { createFlowTraffic, type FlowTraffic } from '../../../rules/modbus/connection/flow-traffic.ts';
import { createDeviceState, type DeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { ModbusDevice, ModbusProfile } from '../../../rules/modbus/profile.ts';

/** What is known of one server of a capture, shared by all connections to it. */
export interface ReplayedServer {
  readonly name: string;
  readonly modbus: ModbusDevice;
  readonly device: DeviceState;
  /** What passed on one flow towards it. */
  trafficOf(flowId: string): FlowTraffic;
}

/** The servers of a capture, by the name of their asset, or their address where they have none. */
export interface ReplayedServers {
  of(name: string, modbus: ModbusDevice): ReplayedServer;
}

export function createReplayedServers(): ReplayedServers {
  const servers = new Map<string, ReplayedServer>();
  return {
    of(name, modbus) {
      const known = servers.get(name);
      if (known !== undefined) return known;
      const server = createServer(name, modbus);
      servers.set(name, server);
      return server;
    },
  };
}

/**
 * A profile without limits on outstanding requests: they never refuse, they hold a client back, and what was
 * sent in a capture was sent.
 */
export function withoutWaiting(profile: ModbusProfile): ModbusProfile {
  const limits = { ...profile.limits, outstanding: MostOutstanding, outstandingPerUnit: MostOutstanding };
  return { ...profile, limits };
}

function createServer(name: string, modbus: ModbusDevice): ReplayedServer {
  const traffic = new Map<string, FlowTraffic>();
  return {
    name,
    modbus,
    device: createDeviceState(modbus.kind),
    trafficOf(flowId) {
      const known = traffic.get(flowId) ?? createFlowTraffic();
      traffic.set(flowId, known);
      return known;
    },
  };
}

const MostOutstanding = 512;
