import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLogDatagram } from '../../../gateway/enforce/kernel/packet-log.ts';
import { attribute, datagram, IPv4, IPv6, packetMessage } from './netlink-bytes.ts';

describe('a datagram of the packet log', () => {
  test('gives prefix, devices, addresses, protocol and ports of a TCP packet', () => {
    const bytes = datagram(
      packetMessage({
        prefix: 'no-flow',
        inIndex: 3,
        outIndex: 4,
        sequence: 7,
        payload: IPv4({ protocol: 6, ports: [50123, 502] }),
      }),
    );
    expect(parseLogDatagram(bytes)).toEqual({
      packets: [
        {
          prefix: 'no-flow',
          inIndex: 3,
          outIndex: 4,
          src: '10.20.0.10',
          dst: '10.30.0.12',
          protocol: 6,
          sport: 50123,
          dport: 502,
          sequence: 7,
        },
      ],
      errno: 0,
      malformed: 0,
    });
  });

  test('reads ports behind IPv4 options', () => {
    expect(one(IPv4({ protocol: 17, options: 40, ports: [1, 2] }))).toMatchObject({ sport: 1, dport: 2 });
  });

  test('gives no ports for ICMP', () => {
    expect(one(IPv4({ protocol: 1, ports: [0x0800, 0] }))).toMatchObject({ protocol: 1, sport: 0, dport: 0 });
  });

  test('gives no ports for a later fragment, whose first bytes are payload', () => {
    const packet = IPv4({ protocol: 17, ports: [1, 2] });
    packet[7] = 1;
    expect(one(packet)).toMatchObject({ src: '10.20.0.10', sport: 0, dport: 0 });
  });

  test('gives an IPv6 packet its addresses in one spelling', () => {
    expect(one(IPv6({ protocol: 58 }))).toMatchObject({
      src: 'fe80:0:0:0:0:0:0:1',
      dst: 'ff02:0:0:0:0:0:0:2',
      protocol: 58,
    });
  });

  test.for([
    ['empty', 0, 0],
    ['cut in the IPv4 header', 0x45, 19],
    ['with a header length below 20', 0x44, 40],
    ['with a header longer than the packet', 0x4f, 40],
    ['cut in the IPv6 header', 0x60, 39],
    ['of no known version', 0x75, 60],
  ] as const)('counts a packet %s and tells nothing about it', ([, first, length]) => {
    const packet = new Uint8Array(length);
    if (length > 0) packet[0] = first;
    expect(one(packet)).toMatchObject({ src: '', dst: '', protocol: 0, sport: 0, dport: 0 });
  });

  test('holds several messages', () => {
    const bytes = datagram(packetMessage({ sequence: 1 }), packetMessage({ sequence: 2 }));
    expect(parseLogDatagram(bytes).packets.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test('keeps the messages before a broken one', () => {
    const bytes = datagram(packetMessage({ sequence: 1 }), packetMessage({ sequence: 2 }));
    const { packets, malformed } = parseLogDatagram(bytes.subarray(0, bytes.length - 1));
    expect(packets).toHaveLength(1);
    expect(malformed).toBe(1);
  });

  test('counts an attribute that reaches past its message as malformed', () => {
    const message = packetMessage({ sequence: 1 });
    message[20] = 0xff;
    expect(parseLogDatagram(datagram(message))).toEqual({ packets: [], errno: 0, malformed: 1 });
  });

  test('counts a packet without a running number as malformed: loss could not be seen', () => {
    const message = packetMessage({ attributes: [attribute(10, new TextEncoder().encode('no-flow\0'))] });
    expect(parseLogDatagram(datagram(message))).toEqual({ packets: [], errno: 0, malformed: 1 });
  });

  test('gives the errno of a refusal and none of a consent', () => {
    expect(parseLogDatagram(acknowledgement(-1)).errno).toBe(1);
    expect(parseLogDatagram(acknowledgement(0)).errno).toBe(0);
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseLogDatagram(bytes);
      }),
    );
  });

  test('never throws and invents nothing when a valid datagram is damaged', () => {
    const whole = datagram(
      packetMessage({ sequence: 1, payload: IPv4({ protocol: 6, ports: [1, 2] }) }),
      packetMessage({ sequence: 2, payload: IPv6({ protocol: 6 }) }),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const damaged = whole.slice(0, length);
        if (at < length) damaged[at] = value;
        expect(parseLogDatagram(damaged).packets.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});

function one(payload: Uint8Array) {
  return parseLogDatagram(datagram(packetMessage({ payload, sequence: 0 }))).packets[0];
}

function acknowledgement(error: number): Uint8Array {
  const bytes = new Uint8Array(36);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 36, true);
  view.setUint16(4, 2, true);
  view.setInt32(16, error, true);
  return bytes;
}
