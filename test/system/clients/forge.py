"""Sends TCP segments with payload that belong to no connection of this machine, as an attacker would who
took over an address after the gateway's inspector died.

    forge.py SOURCE SOURCE_PORT DESTINATION DESTINATION_PORT COUNT PAYLOAD_HEX
"""

import socket
import struct
import sys


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(source, source_port, destination, destination_port, sequence, payload):
    header = struct.pack("!HHIIBBHHH", source_port, destination_port, sequence, 1, 5 << 4, 0x18, 8192, 0, 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination)
    pseudo += struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(header) + len(payload))
    check = checksum(pseudo + header + payload)
    return header[:16] + struct.pack("!H", check) + header[18:] + payload


def main():
    source, source_port, destination, destination_port, count, payload = sys.argv[1:7]
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.bind((source, 0))
    for index in range(int(count)):
        data = bytes.fromhex(payload)
        packet = segment(source, int(source_port), destination, int(destination_port), 1 + index * len(data), data)
        raw.sendto(packet, (destination, 0))
    print(f"sent {count}")


main()
