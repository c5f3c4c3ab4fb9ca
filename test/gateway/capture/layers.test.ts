import { describe, expect, test } from 'vitest';
import { MaxConnections } from '../../../gateway/capture/tcp-connections.ts';
import { listen, text } from './listen.ts';
import { bytesOf, ethernet, ipv4, ipv6, long, pcap, talk, tcp, word } from './write-capture.ts';

const [from, to] = ['10.20.0.10', '10.30.0.12'];
const segment = tcp(text('ask'), { fromPort: 49152, toPort: 502, seq: 1, flags: '' });
const ip = ipv4(segment, { from, to });
const heard = (frames: readonly Uint8Array[], linkType = 1) =>
  listen(
    pcap(
      frames.map((bytes, index) => ({ at: 1000 * index, bytes })),
      { linkType },
    ),
  ).lines;
const opened = '#1 10.20.0.10:49152 > 10.30.0.12:502 midstream';
const ended = '#1 ended: end of capture';
const asked = [opened, '#1 client ask', ended];

describe('below IP', () => {
  test.for<[string, number, Uint8Array]>([
    ['Ethernet', 1, ethernet(ip)],
    ['Ethernet with a VLAN tag', 1, ethernet(ip, 0x0800, [0x8100])],
    ['Ethernet with a tag in a tag', 1, ethernet(ip, 0x0800, [0x88a8, 0x8100])],
    ['Ethernet with padding', 1, bytesOf(ethernet(ip), new Uint8Array(6))],
    ['raw IP', 101, ip],
    ['raw IP of OpenBSD', 14, ip],
    ['IPv4', 228, ip],
    ['Linux cooked', 113, bytesOf(new Uint8Array(14), word(0x0800), ip)],
    ['Linux cooked with a tag', 113, bytesOf(new Uint8Array(14), word(0x8100), [0, 7], word(0x0800), ip)],
    ['Linux cooked 2', 276, bytesOf(word(0x0800), new Uint8Array(18), ip)],
    ['loopback, little endian', 0, bytesOf([2, 0, 0, 0], ip)],
    ['loopback, big endian', 0, bytesOf([0, 0, 0, 2], ip)],
    ['loopback of OpenBSD', 108, bytesOf([0, 0, 0, 2], ip)],
  ])('%s carries the connection', ([, linkType, frame]) => {
    expect(heard([frame], linkType)).toEqual(asked);
  });

  test('a link type that cannot be read is named', () => {
    expect(heard([ip], 147)).toEqual(['packets of link type 147, which cannot be read']);
  });

  test('what is no IP is counted', () => {
    const capture = pcap([ethernet(text('arp'), 0x0806), ethernet(ip)].map((bytes) => ({ at: 0, bytes })));
    expect(listen(capture).totals).toMatchObject({ packets: 2, notIp: 1 });
  });
});

describe('IPv6', () => {
  const [one, two] = [1, 2].map((last) => bytesOf([0xfd, 0], new Uint8Array(13), last)) as [
    Uint8Array,
    Uint8Array,
  ];
  const v6 = (...rest: [number?, (readonly number[])?]) => ipv6(segment, one, two, ...rest);
  const lines = ['#1 fd00::1:49152 > fd00::2:502 midstream', '#1 client ask', ended];

  test.for<[string, Uint8Array]>([
    ['plain', v6()],
    ['behind hop-by-hop and destination options', v6(0, [60, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0])],
    ['behind an authentication header', v6(51, [6, 4, ...new Uint8Array(22)])],
    ['in an atomic fragment', v6(44, [6, 0, 0, 0, 0, 0, 0, 9])],
  ])('%s carries the connection', ([, packet]) => {
    expect(heard([ethernet(packet, 0x86dd)])).toEqual(lines);
    expect(heard([packet], 101)).toEqual(lines);
    expect(heard([packet], 229)).toEqual(lines);
    expect(heard([bytesOf([0, 0, 0, 30], packet)], 0)).toEqual(lines);
  });

  test('is put together from its fragments', () => {
    const fragment = (offset: number, more: number, payload: Uint8Array) =>
      ethernet(ipv6(payload, one, two, 44, [6, 0, ...word(offset | more), ...long(77)]), 0x86dd);
    const frames = [fragment(16, 0, segment.subarray(16)), fragment(0, 1, segment.subarray(0, 16))];
    expect(heard(frames)).toEqual(lines);
  });

  test('that ends within its headers is named', () => {
    expect(heard([ethernet(v6(0, [0, 0, 0, 0, 0, 0, 0, 0]).subarray(0, 43), 0x86dd)])).toEqual([
      'packet 1 ends within its IP header',
    ]);
  });
});

describe('IPv4', () => {
  const fragment = (offset: number, end: number, id = 5) =>
    ethernet(ipv4(segment.subarray(offset, end), { from, to, id, offset, more: end < segment.length }));

  test('is put together from its fragments, in any order', () => {
    expect(heard([fragment(16, 23), fragment(8, 16), fragment(0, 8)])).toEqual(asked);
  });

  test('says which datagram never became whole', () => {
    expect(heard([fragment(0, 8), fragment(16, 23)])).toEqual([
      'lost: a fragmented datagram of 10.20.0.10 to 10.30.0.12 never became whole',
    ]);
  });

  test('counts the first of two fragments that overlap and differ', () => {
    const other = Uint8Array.from(segment);
    other[21] = 0x58;
    const forged = ethernet(ipv4(other.subarray(8), { from, to, id: 5, offset: 8 }));
    expect(heard([fragment(16, 23), forged, fragment(0, 16)])).toEqual([
      'fragments of 10.20.0.10 to 10.30.0.12 overlap and differ: the first one counts',
      ...asked,
    ]);
  });

  test('gives up a datagram that reaches beyond what one can', () => {
    const huge = ethernet(ipv4(segment.subarray(0, 16), { from, to, id: 5, offset: 65528, more: true }));
    expect(heard([huge])).toEqual([
      'lost: a fragmented datagram of 10.20.0.10 to 10.30.0.12 never became whole',
    ]);
  });

  test('gives up a datagram whose fragments reach beyond its last one', () => {
    const beyond = ethernet(ipv4(text('beyond'), { from, to, id: 5, offset: 24, more: true }));
    const lost = 'lost: a fragmented datagram of 10.20.0.10 to 10.30.0.12 never became whole';
    expect(heard([fragment(16, 23), beyond])).toEqual([lost]);
    expect(heard([fragment(0, 16), beyond, fragment(16, 23)])).toEqual([lost]);
  });

  test('keeps a bounded number of unfinished datagrams', () => {
    const frames = Array.from({ length: 300 }, (_, id) => fragment(0, 8, id));
    expect(heard(frames)).toHaveLength(300);
  });

  test.for<[string, Uint8Array, string]>([
    ['has a short header', bytesOf(0x44, ip.subarray(1)), 'packet 1 has no sound IPv4 header'],
    ['ends in its header', ip.subarray(0, 12), 'packet 1 ends within its IP header'],
    [
      'is shorter than its header',
      ipv4(segment, { from, to, total: 19 }),
      'packet 1 has no sound IPv4 header',
    ],
    [
      'ends in its TCP header',
      ipv4(segment.subarray(0, 12), { from, to }),
      'packet 1 ends within its TCP header',
    ],
    [
      'has a TCP header longer than itself',
      ipv4(bytesOf(segment.subarray(0, 12), 0xf0, segment.subarray(13)), { from, to }),
      'packet 1 has no sound TCP header',
    ],
  ])('that %s is named', ([, packet, line]) => {
    expect(heard([ethernet(packet)])).toEqual([line]);
  });

  test('is taken whole where the network card divides it only after the capture', () => {
    expect(heard([ethernet(ipv4(segment, { from, to, total: 0 }))])).toEqual(asked);
  });
});

test('what is no TCP is told with its ports', () => {
  const udp = bytesOf(word(1000), word(53), word(8), word(0));
  const frames = [
    ipv4(udp, { from, to, protocol: 17 }),
    ipv4(text('ping'), { from, to, protocol: 1 }),
    ipv4(text('gre'), { from, to, protocol: 47 }),
  ];
  expect(heard(frames.map((packet) => ethernet(packet)))).toEqual([
    'udp 10.20.0.10:1000 > 10.30.0.12:53',
    'icmp 10.20.0.10:0 > 10.30.0.12:0',
    'other 10.20.0.10:0 > 10.30.0.12:0',
  ]);
});

test('of more connections than it remembers, the one silent longest is forgotten', () => {
  const talks = Array.from({ length: MaxConnections + 1 }, (_, index) =>
    talk({ clientPort: 10_000 + index }),
  );
  const lines = listen(pcap(talks.map(({ shake }) => shake()[0]!))).lines;
  expect(lines.filter((line) => line.endsWith('forgotten'))).toEqual(['#1 ended: forgotten']);
});
