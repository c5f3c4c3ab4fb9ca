import { InspectorPort } from '../../rules/policy.ts';
import { openTransparentListener, openUpstream } from '../ffi/socket.ts';
import type { Peer } from '../ipc/reports.ts';
import { type Arrival, type Carrier, patiently } from './carrier.ts';
import type { Accepted, DataListener, DataPath } from './data-path.ts';
import type { Leg } from './leg.ts';

/**
 * The kernel back end's carrier: connections the ruleset diverts arrive with the server's address as their
 * local one, and are led on from the client's own address, so that each end sees the other.
 */
export function createTransparentCarrier(path: DataPath, arrive: (arrival: Arrival) => void): Carrier {
  const open = new Map<number, DataListener>();
  const come = (accepted: Accepted): void => arrive(arrival(path, accepted));
  return {
    take: async (shards) => {
      const wanted = shards.filter((shard) => !open.has(shard));
      try {
        for (const shard of wanted) {
          open.set(
            shard,
            await patiently(() => path.listen(openTransparentListener(InspectorPort + shard), come)),
          );
        }
      } catch (error) {
        // All or none: the engine gives them to another process then, which must find the ports free.
        for (const shard of wanted) {
          open.get(shard)?.close();
          open.delete(shard);
        }
        throw error;
      }
      return shards.map((shard) => ({ address: '127.0.0.1', port: InspectorPort + shard }));
    },
    close: async () => {
      for (const listener of open.values()) listener.close();
      open.clear();
    },
  };
}

function arrival(path: DataPath, { leg, client, server }: Accepted): Arrival {
  return {
    leg,
    client,
    server,
    locate: () => ({ client: client.address, server: server.address, port: server.port }),
    dial: (signal) => dial(path, client, server, signal),
  };
}

async function dial(path: DataPath, client: Peer, server: Peer, signal: AbortSignal): Promise<Leg> {
  try {
    return await path.connect(openUpstream(client), server, signal);
  } catch (error) {
    // A server without TCP timestamps leaves the client's port in TIME_WAIT: the address stays, the port changes.
    if (!isAddressTaken(error)) throw error;
    return path.connect(openUpstream({ address: client.address, port: 0 }), server, signal);
  }
}

/** Node's errors have it as `code`, those of our own calls as `errno`. */
function isAddressTaken(error: unknown): boolean {
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown };
  return code === 'EADDRNOTAVAIL' || errno === 'EADDRNOTAVAIL';
}
