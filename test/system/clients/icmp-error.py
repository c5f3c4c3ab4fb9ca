"""Sends one ICMP error, port unreachable, about a UDP packet that this machine is said to have received.

    icmp-error.py SOURCE SOURCE_PORT DESTINATION DESTINATION_PORT
"""

import socket
import struct
import sys


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def main():
    source, source_port, destination, destination_port = sys.argv[1:5]
    udp = struct.pack("!HHHH", int(source_port), int(destination_port), 8, 0)
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 63, socket.IPPROTO_UDP, 0) + ends
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    error = struct.pack("!BBHI", 3, 3, 0, 0) + ip + udp
    error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    raw.sendto(error, (source, 0))
    print("sent 1")


main()
