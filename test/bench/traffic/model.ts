/** First octets of a lane's two networks and where its box stands in both. */
const Networks = ['10.1', '10.2'] as const;

/** Addresses of the client's machine; each is an asset of its own, since a pair of addresses has a limit. */
export const Sources: readonly string[] = hosts(Networks[0], 8);
/** Addresses of the server's machine, each an asset; all connections to one are on one inspector. */
export const Servers: readonly string[] = hosts(Networks[1], 4);
/** The box's own address on the client's wire and on the server's. */
export const BoxAddresses: readonly string[] = Networks.map((network) => `${network}.255.254`);
/** Devices of the box, in the order of {@link BoxAddresses}. */
export const Legs: readonly string[] = ['leg0', 'leg1'];
export const GatewayName = 'box';

/**
 * What the gateway enforces: every client may read from every server, nobody may write, and so many requests may
 * wait on each connection that none of the rows is held back by a limit.
 */
export function trafficModel(): string {
  const [clients, servers] = [names('client', Sources), names('server', Servers)];
  return `
apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: bench, owner: ops@plant.example, policy_version: 1, reviewed: 2026-06-01}
gateways:
  ${GatewayName}:
    interfaces:
      ${Legs[0]}: {zone: z0, address: ${BoxAddresses[0]}/16}
      ${Legs[1]}: {zone: z1, address: ${BoxAddresses[1]}/16}
zones:
  z0: ${zone(Networks[0], clients, Sources)}
  z1: ${zone(Networks[1], servers, Servers)}
modbus_profiles:
  reads:
    allow: [{fc: [3, 4], units: [1], address: 0-399}]
    limits: {outstanding: 64}
conduits:
  C-0:
    from: z0
    to: z1
    sl_t: {level: 2, rationale: "same"}
    purpose: polling
    ticket: CHG-1
    flows:
      F-0: {src: [${clients.join(', ')}], dst: [${servers.join(', ')}], proto: tcp, port: 502, modbus: reads}
`;
}

function zone(network: string, assets: readonly string[], addresses: readonly string[]): string {
  const each = assets.map((name, index) => `${name}: {ip: ${addresses[index]}, criticality: high}`);
  const level = 'sl_t: {level: 2, rationale: "reasons"}';
  return `{kind: control, networks: [${network}.0.0/16], ${level}, assets: {${each.join(', ')}}}`;
}

function names(what: string, addresses: readonly string[]): readonly string[] {
  return addresses.map((_, index) => `${what}-${index}`);
}

function hosts(network: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${network}.0.${index + 1}`);
}
