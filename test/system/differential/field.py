"""Sends first packets and replies into the wires of a box, and tells what became of each.

    field.py BOX_MAC=DEVICE=BOX_ADDRESS=OWN_ADDRESS ...

One line of JSON in, one out: `[[id, device, ether, source, target, protocol, sport, dport, answers], ...]`, where `answers`
is the id of the packet it is a reply to, or 0. The line that comes back names each packet that came out of
a wire, `[id, device]`, and each that the box itself took up, `[id, ""]`. What is in neither was dropped: after
each handful the box is asked for its own link-layer addresses, and it answers in order.
"""

import json
import os
import socket
import sys
from struct import pack, unpack

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "attacks"))
from packets import ethernet, icmp, icmpv6, ipv4, ipv6, mac, tcp, udp  # noqa: E402

HANDFUL = 50


class Wire:
    def __init__(self, word):
        self.box, self.name, self.address, self.own = word.split("=")
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.link.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
        self.link.bind((self.name, 3))
        self.link.settimeout(10)

    def ask(self):
        """Who has the box's address: its answer comes behind everything sent before."""
        body = pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac(OWN) + socket.inet_aton(self.own)
        self.link.send(ethernet(self.box, OWN, body + bytes(6) + socket.inet_aton(self.address), 0x0806))

    def frames(self):
        """What came, until the box has answered."""
        while True:
            frame, where = self.link.recvfrom(65535)
            if where[2] == socket.PACKET_OUTGOING:
                continue
            if frame[12:14] == b"\x08\x06":
                if frame[20:22] == b"\0\2" and frame[28:32] == socket.inet_aton(self.address):
                    return
            elif frame[12:14] in (b"\x08\0", b"\x86\xdd"):
                yield frame[14:]


OWN = "02:00:00:00:ff:01"


def frame_of(wire, ether, source, target, protocol, sport, dport, number, answers):
    six = ":" in source
    if protocol == "tcp":
        flags, acknowledged = ("SA", answers + 1) if answers else ("S", 0)
        kind, body = 6, tcp(source, target, sport, dport, flags, number, acknowledged)
    elif protocol == "udp":
        kind, body = 17, udp(source, target, sport, dport, pack("!I", number))
    else:
        # An echo's identifier and sequence number are those of the packet it answers.
        rest = pack("!II", answers or number, number)
        if six:
            kind, body = 58, icmpv6(source, target, 129 if answers else 128, 0, rest)
        else:
            kind, body = 1, icmp(0 if answers else 8, 0, rest[:4], rest[4:])
    return ethernet(wire.box, ether, (ipv6 if six else ipv4)(source, target, kind, body))


def number_of(packet, sent):
    """The id of a packet, and whether it is the box's own answer to it; 0 where it is none of ours."""
    if packet[0] >> 4 == 6:
        kind, body = packet[6], packet[40:]
    else:
        kind, body = packet[9], packet[(packet[0] & 15) * 4:unpack("!H", packet[2:4])[0]]
    if kind == 6:
        sequence, acknowledged, _, flags = unpack("!IIBB", body[4:14])
        if sequence in sent:
            return sequence, False
        return (acknowledged - 1, True) if flags & 0x12 == 0x12 and acknowledged - 1 in sent else (0, False)
    if kind not in (1, 17, 58) or len(body) < 12 or kind != 17 and body[0] not in (0, 8, 128, 129):
        return 0, False
    number = unpack("!I", body[8:12])[0]
    return (number, False) if number in sent else (0, False)


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one queue on the way, so that order holds
    wires = {wire.name: wire for wire in map(Wire, sys.argv[1:])}
    print("ready", flush=True)
    for turn, line in enumerate(sys.stdin, 1):
        probes = json.loads(line)
        sent = {probe[0] for probe in probes}
        seen = []
        for at in range(0, len(probes), HANDFUL):
            for number, device, ether, source, target, protocol, sport, dport, answers in probes[at:at + HANDFUL]:
                wire = wires[device]
                wire.link.send(frame_of(wire, ether, source, target, protocol, sport, dport, number, answers))
            for wire in wires.values():
                wire.ask()
                for packet in wire.frames():
                    number, taken = number_of(packet, sent)
                    if number:
                        seen.append([number, "" if taken else wire.name])
        print(f"seen {turn} {json.dumps(seen)}", flush=True)


main()
