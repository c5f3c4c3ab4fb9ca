"""Packets by hand: Ethernet, IPv4, IPv6, TCP, UDP, ICMP, as bytes and with every field open to lies."""

import socket
import struct


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, destination, protocol, payload, *, options=b"", offset=0, more=False, ident=0x7E57, ttl=64):
    """`offset` in bytes, a multiple of 8."""
    options += b"\0" * (-len(options) % 4)
    flags = (0x2000 if more else 0) | offset // 8
    start = struct.pack("!BBHHHBB", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload), ident, flags, ttl, protocol)
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    check = struct.pack("!H", checksum(start + b"\0\0" + ends + options))
    return start + check + ends + options + payload


def ipv6(source, destination, protocol, payload, hops=64):
    start = struct.pack("!IHBB", 6 << 28, len(payload), protocol, hops)
    return start + socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, destination) + payload


def pseudo(source, destination, protocol, length):
    if ":" in source:
        ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, destination)
        return ends + struct.pack("!II", length, protocol)
    return socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, protocol, length)


def tcp(source, destination, source_port, port, flags="S", sequence=1000, acknowledged=0, payload=b"", *, urgent=0, spoil=False):
    bits = sum(1 << "FSRPAU".index(flag) for flag in flags)
    start = struct.pack("!HHIIBBH", source_port, port, sequence, acknowledged, 5 << 4, bits, 8192)
    whole = start + struct.pack("!HH", 0, urgent) + payload
    check = checksum(pseudo(source, destination, 6, len(whole)) + whole) ^ (0x5555 if spoil else 0)
    return start + struct.pack("!HH", check, urgent) + payload


def udp(source, destination, source_port, port, payload=b"knock"):
    start = struct.pack("!HHH", source_port, port, 8 + len(payload))
    check = checksum(pseudo(source, destination, 17, 8 + len(payload)) + start + b"\0\0" + payload) or 0xFFFF
    return start + struct.pack("!H", check) + payload


def icmp(kind, code, rest=b"\0\0\0\0", payload=b""):
    check = checksum(struct.pack("!BBH", kind, code, 0) + rest + payload)
    return struct.pack("!BBH", kind, code, check) + rest + payload


def echo(reply=False, ident=77, payload=b"knock knock knock"):
    return icmp(0 if reply else 8, 0, struct.pack("!HH", ident, 1), payload)


def icmpv6(source, destination, kind, code, payload):
    whole = struct.pack("!BBH", kind, code, 0) + payload
    check = checksum(pseudo(source, destination, 58, len(whole)) + whole)
    return struct.pack("!BBH", kind, code, check) + payload


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ethernet(destination, source, packet, kind=None):
    kind = kind if kind is not None else 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return mac(destination) + mac(source) + struct.pack("!H", kind) + packet


def fragments(source, destination, protocol, payload, first=8, ident=0x7E58):
    """The smallest first fragment there is by default: of a TCP header it holds the ports alone."""
    return [
        ipv4(source, destination, protocol, payload[:first], more=True, ident=ident),
        ipv4(source, destination, protocol, payload[first:], offset=first, ident=ident),
    ]
