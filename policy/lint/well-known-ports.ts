import type { PortRange } from '../../rules/policy.ts';
import type { Flow, Protocol } from '../model/zone-model.ts';

/** What a port usually carries, as far as a check asks. */
export interface WellKnownPort {
  readonly protocol: Protocol;
  readonly port: number;
  readonly name: string;
}

/** Administration whose passwords anybody on the wire can read. */
export const ClearTextAdministration: readonly WellKnownPort[] = [
  tcp(21, 'FTP'),
  tcp(23, 'Telnet'),
  tcp(80, 'HTTP'),
  tcp(512, 'rexec'),
  tcp(513, 'rlogin'),
  tcp(514, 'rsh'),
  ...[5900, 5901, 5902, 5903].map((port) => tcp(port, 'VNC')),
  udp(69, 'TFTP'),
  udp(161, 'SNMP before version 3'),
];

/** Messages from person to person, whatever they carry along. */
export const PersonToPerson: readonly WellKnownPort[] = [
  ...[25, 465, 587].map((port) => tcp(port, 'SMTP')),
  ...[110, 995].map((port) => tcp(port, 'POP3')),
  ...[143, 993].map((port) => tcp(port, 'IMAP')),
  ...[5060, 5061].flatMap((port) => [tcp(port, 'SIP'), udp(port, 'SIP')]),
  ...[5222, 5269].map((port) => tcp(port, 'XMPP')),
  ...[194, 6667, 6697].map((port) => tcp(port, 'IRC')),
  tcp(1863, 'MSNP'),
];

/** Services of an office domain: whoever rules it rules what listens to it. */
export const DomainServices: readonly WellKnownPort[] = [
  ...[88, 464].flatMap((port) => [tcp(port, 'Kerberos'), udp(port, 'Kerberos')]),
  tcp(135, 'RPC'),
  ...[137, 138].map((port) => udp(port, 'NetBIOS')),
  tcp(139, 'NetBIOS'),
  tcp(445, 'SMB'),
  tcp(389, 'LDAP'),
  udp(389, 'LDAP'),
  tcp(636, 'LDAP'),
  ...[3268, 3269].map((port) => tcp(port, 'the global catalogue')),
];

/** Protocols that load programs and settings into controllers. */
export const Engineering: readonly WellKnownPort[] = [
  tcp(102, 'S7 or MMS'),
  tcp(789, 'Crimson'),
  ...[1911, 4911].map((port) => tcp(port, 'Fox')),
  tcp(1962, 'PC Worx'),
  tcp(2455, 'CODESYS'),
  tcp(4840, 'OPC UA'),
  tcp(5006, 'MELSEC'),
  tcp(5007, 'MELSEC'),
  tcp(9600, 'FINS'),
  udp(9600, 'FINS'),
  tcp(11740, 'CODESYS'),
  tcp(18245, 'SRTP'),
  tcp(20547, 'ProConOS'),
  tcp(44818, 'EtherNet/IP'),
  tcp(48898, 'ADS'),
];

/** A desk elsewhere: what is seen and typed there is seen and typed here. */
export const RemoteControl: readonly WellKnownPort[] = [
  tcp(22, 'SSH'),
  tcp(3389, 'RDP'),
  tcp(5938, 'TeamViewer'),
  tcp(6568, 'AnyDesk'),
  tcp(5985, 'WinRM'),
  tcp(5986, 'WinRM'),
];

/** What every host asks for, and a relay nearby can give. */
export const NamesAndTime: readonly WellKnownPort[] = [tcp(53, 'DNS'), udp(53, 'DNS'), udp(123, 'NTP')];

/** The first of these ports that a flow opens. */
export function opens(
  { protocol, ports, profile }: Flow,
  known: readonly WellKnownPort[],
): WellKnownPort | undefined {
  // What is inspected is Modbus, whatever its port is usually for.
  if (profile !== undefined) return undefined;
  return known.find((one) => one.protocol === protocol && ports.some((range) => holds(range, one.port)));
}

function holds({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last;
}

function tcp(port: number, name: string): WellKnownPort {
  return { protocol: 'tcp', port, name };
}

function udp(port: number, name: string): WellKnownPort {
  return { protocol: 'udp', port, name };
}
