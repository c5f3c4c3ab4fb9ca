/** First octets of a lane's two networks and where its box stands in both. */
const Networks = ['10.1', '10.2'] as const;

/** Addresses of the client's machine; each is an asset of its own, since a pair of addresses has a limit. */
export const Sources: readonly string[] = hosts(`${Networks[0]}.0`, 8);
/** Addresses of the server's machine, each an asset; all connections to one are on one inspector. */
export const Servers: readonly string[] = hosts(`${Networks[1]}.0`, 4);
/** The box's own address on the client's wire and on the server's. */
export const BoxAddresses: readonly string[] = Networks.map((network) => `${network}.255.254`);
/** Devices of the box, in the order of {@link BoxAddresses}. */
export const Legs: readonly string[] = ['leg0', 'leg1'];
export const GatewayName = 'box';
/** Assets on either side that the rules beside the measured flow are between. */
const Others = 100;

/**
 * What the gateway enforces: every client may read from every server, nobody may write, and so many requests may
 * wait on each connection that none of the rows is held back by a limit. Beside it so many rules that nobody uses,
 * two to a flow, since the bundle of ten thousand flows is larger than a gateway takes: of ten flows two are
 * inspected, six plain TCP, one UDP and one echo.
 */
export function trafficModel(rules = 0): string {
  const [clients, servers] = [assets('client', Sources), assets('server', Servers)];
  const others = rules === 0 ? 0 : Others;
  const [askers, asked] = Networks.map((network, index) =>
    assets(`other${index}-`, hosts(`${network}.1`, others)),
  );
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
  z0: ${zone(Networks[0], { ...clients, ...askers })}
  z1: ${zone(Networks[1], { ...servers, ...asked })}
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
      F-0: {src: [${Object.keys(clients)}], dst: [${Object.keys(servers)}], proto: tcp, port: 502, modbus: reads}
${Array.from({ length: rules / 2 }, (_, index) => `      ${otherFlow(index)}`).join('\n')}
`;
}

/** Each from another two clients to a server, so that no two flows say the same. */
function otherFlow(index: number): string {
  const [pair, to] = [2 * (index % (Others / 2)), Math.floor((2 * index) / Others)];
  const from = `[other0-${pair}, other0-${pair + 1}]`;
  return `F-${index + 1}: {src: ${from}, dst: other1-${to}, ${service(index)}}`;
}

function service(index: number): string {
  const kind = index % 10;
  if (kind < 2) return 'proto: tcp, port: 502, modbus: reads';
  if (kind === 2) return 'proto: udp, port: 161';
  return kind === 3 ? 'proto: icmp-echo' : 'proto: tcp, port: 443';
}

function zone(network: string, all: Readonly<Record<string, string>>): string {
  const each = Object.entries(all).map(([name, address]) => `${name}: {ip: ${address}, criticality: high}`);
  const level = 'sl_t: {level: 2, rationale: "reasons"}';
  return `{kind: control, networks: [${network}.0.0/16], ${level}, assets: {${each.join(', ')}}}`;
}

/** Names and their addresses. */
function assets(what: string, addresses: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(addresses.map((address, index) => [`${what}${index}`, address]));
}

function hosts(network: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${network}.${index + 1}`);
}
