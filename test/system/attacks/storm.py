"""Sends what no honest device of its zone would, as frames straight to the gateway's interface.

    storm.py FAMILY[,FAMILY...] SOURCE TARGET GATEWAY_MAC

SOURCE is the address claimed, TARGET the one attacked; FAMILY is a function of this file, or `all`. The frames
bear the MAC address of the machine the attacker runs on. Prints `sent COUNT`.
"""

import socket
import struct
import sys

from packets import echo, ethernet, fragments, icmp, icmpv6, ipv4, ipv6, tcp, udp

# Modbus, the inspectors' listeners, what somebody else's flow permits, the box's own, and one nobody names.
PORTS = [502, 15502, 15503, 15505, 443, 8443, 161, 514, 6514, 22, 123, 4242]


def openings(me, you):
    """Every kind of first packet, to and from every port that means something to the gateway."""
    for port in PORTS:
        for own in [*PORTS, 50000]:
            yield ipv4(me, you, 6, tcp(me, you, own, port))
            yield ipv4(me, you, 17, udp(me, you, own, port))


def segments(me, you):
    """TCP in every state but the first: answers to nothing, data before, after and without a handshake."""
    for flags in ["SA", "A", "PA", "FA", "R", "RA", "F", "", "FPU", "SF", "SR", "SPA"]:
        for own, port in [(443, 50001), (50001, 443), (502, 50001), (50001, 502), (8443, 50001), (6514, 50001)]:
            yield ipv4(me, you, 6, tcp(me, you, own, port, flags, 7, 9, b"\0\1\0\0\0\6\1\6\0\x6e\0\1"))
    yield ipv4(me, you, 6, tcp(me, you, 50002, 502, "S", 7, 0, b"\0\1\0\0\0\6\1\6\0\x6e\0\1"))
    yield ipv4(me, you, 6, tcp(me, you, 50003, 443, "S", 7, 0, b"data with the first packet"))


def pieces(me, you):
    """Fragments: smallest first, overlapping, only later ones, in reverse order, a hole in between."""
    for number, (protocol, whole) in enumerate([
        (6, tcp(me, you, 50004, 502, "PA", 7, 9, b"x" * 32)),
        (6, tcp(me, you, 50005, 443, "S", 7)),
        (17, udp(me, you, 50006, 161, b"x" * 32)),
        (17, udp(me, you, 50006, 514, b"x" * 32)),
        (1, echo(payload=b"x" * 32)),
    ]):
        ident = 0x6000 + number * 16
        yield from fragments(me, you, protocol, whole, ident=ident)
        yield from reversed(fragments(me, you, protocol, whole, ident=ident + 1))
        yield from fragments(me, you, protocol, whole, ident=ident + 2)[1:]
        yield ipv4(me, you, protocol, whole[:16], more=True, ident=ident + 3)
        yield ipv4(me, you, protocol, whole[8:], offset=8, ident=ident + 3)
        yield ipv4(me, you, protocol, whole[:8], more=True, ident=ident + 4)
        yield ipv4(me, you, protocol, whole[8:], offset=16, ident=ident + 4)
        yield ipv4(me, you, protocol, b"", more=True, ident=ident + 5)


def options(me, you):
    """IP options: loose and strict source routes over each of the box's addresses, record route, alert."""
    hops = [socket.inet_aton(hop) for hop in [you, "10.61.30.1", "10.61.20.1", "10.61.15.1"]]
    for kind in (0x83, 0x89):
        for hop in hops:
            route = bytes([kind, 7, 4]) + hop
            for first in (you, "10.61.20.1", "10.61.30.1", "10.61.15.1"):
                yield ipv4(me, first, 6, tcp(me, you, 50007, 443), options=route)
                yield ipv4(me, first, 17, udp(me, you, 50007, 161), options=route)
    for option in (bytes([7, 7, 4, 0, 0, 0, 0]), bytes([0x94, 4, 0, 0]), bytes([0x44, 8, 5, 0, 0, 0, 0, 0]), b"\x82\x0b" + b"\0" * 9):
        yield ipv4(me, you, 17, udp(me, you, 50008, 4242), options=option)
        yield ipv4(me, you, 6, tcp(me, you, 50008, 4242), options=option)


def errors(me, you):
    """ICMP of every kind, alone and about connections that the attacker only guesses at."""
    for kind in range(0, 45):
        for code in (0, 1, 3, 4):
            yield ipv4(me, you, 1, icmp(kind, code, payload=b"x" * 32))
    for protocol, inner in [
        (6, tcp(you, me, 50009, 443)), (6, tcp(you, me, 443, 50009)), (6, tcp(you, me, 50009, 502)),
        (6, tcp(you, me, 502, 50009)), (17, udp(you, me, 161, 50009)), (17, udp(you, me, 50009, 514)),
        (17, udp(you, me, 514, 50009)), (1, echo()), (1, echo(reply=True)),
    ]:
        about = ipv4(you, me, protocol, inner)
        for kind in (3, 4, 5, 11, 12):
            for code in (0, 1, 3, 4, 13):
                yield ipv4(me, you, 1, icmp(kind, code, struct.pack("!HH", 0, 68), about))


def dying(me, you):
    """Packets whose time runs out on the box, and ones too large to go on: it would answer them itself."""
    for ttl in (0, 1, 2):
        for protocol, body in ((17, udp(me, you, 50013, 161, b"x" * 400)), (6, tcp(me, you, 50013, 443, "S", 7, 9, b"x" * 400)),
                               (1, echo(payload=b"x" * 400)), (47, b"x" * 400)):
            yield ipv4(me, you, protocol, body, ttl=ttl)
    # Beyond the largest message of a wire with the next hop's; unreachable places; a malformed option.
    yield ipv4(me, "10.61.99.9", 17, udp(me, "10.61.99.9", 50013, 161))
    yield ipv4(me, you, 17, udp(me, you, 50013, 161), options=b"\x83\x03\x10")
    yield ipv4(me, you, 17, udp(me, you, 50013, 161), options=b"\x07\x00\x00")


def protocols(me, you):
    """Every IP protocol there is, and IPv4 and IPv6 inside of IPv4."""
    inner = ipv4(me, you, 17, udp(me, you, 50010, 161))
    for protocol in range(0, 256):
        if protocol not in (1, 6, 17):
            yield ipv4(me, you, protocol, struct.pack("!HH", 50010, 443) + b"x" * 24)
            yield ipv4(me, you, protocol, inner)
    yield ipv4(me, you, 47, struct.pack("!HH", 0, 0x0800) + inner)
    yield ipv4(me, you, 41, ipv6("fd61:20::50", "fd61:30::11", 17, udp("fd61:20::50", "fd61:30::11", 50010, 161)))


def wide(me, you):
    """To everybody: limited and directed broadcast, multicast, the loopback network, link-local, nobody."""
    for to in ("255.255.255.255", "10.61.30.255", "10.61.30.0", "10.61.20.255", "10.61.15.255", "224.0.0.1", "224.0.0.22",
               "239.1.2.3", "127.0.0.1", "127.0.0.2", "169.254.1.1", "0.0.0.0", "240.0.0.1"):
        for protocol, body in ((17, udp(me, to, 514, 514)), (17, udp(me, to, 50011, 161)), (6, tcp(me, to, 50011, 502)),
                               (6, tcp(me, to, 50011, 15502)), (1, echo()), (2, b"\x16\0\0\0" + b"\0" * 4)):
            yield ipv4(me, to, protocol, body)


def version6(me, you):
    """IPv6: neighbour and router messages, echo, link-local and routed, mapped addresses, extension headers."""
    mine, yours = "fd61:20::50", "fd61:30::11"
    for source, target in [(mine, yours), ("fe80::1", "fe80::2"), ("fe80::1", "ff02::1"), (mine, "ff05::2"), ("::", "ff02::1"),
                           ("::ffff:" + me, "::ffff:" + you), ("::1", yours), (mine, "::1"), (yours, mine)]:
        for kind in (1, 2, 3, 4, 128, 129, 130, 131, 133, 134, 135, 136, 137, 143):
            body = b"\0" * 4 + socket.inet_pton(socket.AF_INET6, yours) + b"\1\1\2\0\0\0\0\1"
            yield ipv6(source, target, 58, icmpv6(source, target, kind, 0, body), 255)
        for port in (443, 161, 514, 502, 22):
            yield ipv6(source, target, 6, tcp(source, target, 50012, port))
            datagram = udp(source, target, 50012, port)
            yield ipv6(source, target, 17, datagram)
            for extension in (0, 43, 60):
                yield ipv6(source, target, extension, bytes([17, 0, 0, 0, 0, 0, 0, 0]) + datagram)
            yield ipv6(source, target, 44, struct.pack("!BBHI", 17, 0, 1, 7) + datagram[:8])
            yield ipv6(source, target, 44, struct.pack("!BBHI", 17, 0, 8, 7) + datagram[8:])


FAMILIES = {family.__name__: family for family in (openings, segments, pieces, options, errors, dying, protocols, wide, version6)}


def first_piece(me, you):
    """The begin of a datagram whose end somebody else sends."""
    yield fragments(me, you, 17, udp(me, you, 50014, 161, b"x" * 32), ident=0x7001)[0]


def last_piece(me, you):
    yield fragments(me, you, 17, udp(me, you, 50014, 161, b"x" * 32), ident=0x7001)[1]


PIECES = {"first_piece": first_piece, "last_piece": last_piece}


def main():
    families, me, you, gateway = sys.argv[1:]
    with open("/sys/class/net/eth0/address") as file:
        own = file.read().strip()
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(("eth0", 0))
    count = 0
    for family in FAMILIES if families == "all" else families.split(","):
        for packet in {**FAMILIES, **PIECES}[family](me, you):
            link.send(ethernet(gateway, own, packet))
            count += 1
    print(f"sent {count}")


main()
