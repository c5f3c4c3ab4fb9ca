"""Writes down every TCP segment that comes out of a device and bears data, and every opening one.

    tap.py DEVICE

Prints `listening`, then `SOURCE:PORT>TARGET:PORT SEQUENCE FLAGS HEX`, FLAGS as a number, HEX `.` where there is none.
"""

import socket
import sys
from struct import unpack


def main():
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    link.bind((sys.argv[1], 3))
    print("listening", flush=True)
    while True:
        frame, where = link.recvfrom(65535)
        packet = frame[14:]
        if where[2] == socket.PACKET_OUTGOING or frame[12:14] != b"\x08\0" or packet[9] != 6:
            continue
        segment = packet[(packet[0] & 15) * 4:unpack("!H", packet[2:4])[0]]
        source, target, sequence, _, offset, flags = unpack("!HHIIBB", segment[:14])
        data = segment[(offset >> 4) * 4:]
        if data or flags & 2:
            ends = f"{socket.inet_ntoa(packet[12:16])}:{source}>{socket.inet_ntoa(packet[16:20])}:{target}"
            print(ends, sequence, flags, data.hex() or ".", flush=True)


main()
