"""One end of one TCP connection, segment by segment and with every field open to lies, driven by lines.

    raw_tcp.py SOURCE SOURCE_PORT TARGET TARGET_PORT GATEWAY_MAC

TARGET_PORT 0 waits for whoever comes. Prints `ready`, then does what the lines of standard input say:

    open                     the handshake, in order; prints `open`
    seg AT FLAGS HEX [...]   one segment. AT counts from the first byte of data, the SYN is at -1; FLAGS are
                             letters of SAPFRU or `.`; HEX is the data or `.`. Further words: ttl=N, urgent=N,
                             spoil (a wrong checksum), ack=N (against what is due)
    mute                     acknowledges nothing from here on
    peer PORT                speaks to this port, though nobody came from it
    syns FIRST COUNT         a SYN from each of so many ports; prints `sent`

and prints what comes: `syn`, `synack`, `got HEX` in order and once, `acked N` counted as AT is, `fin`, `reset`.
"""

import select
import socket
import subprocess
import sys
from struct import unpack

from packets import ethernet, ipv4, tcp

INITIAL = 0x20000000
WORD = 0xFFFFFFFF


class End:
    def __init__(self, source, source_port, target, target_port, gateway):
        self.source, self.source_port = source, int(source_port)
        self.target, self.target_port = target, int(target_port)
        self.gateway = gateway
        with open("/sys/class/net/eth0/address") as file:
            self.own = file.read().strip()
        self.link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.link.bind(("eth0", 0x0800))
        self.due = 0
        self.acked = -1
        self.opening = False
        self.mute = False

    def send(self, at, flags, data=b"", ttl=64, urgent=0, spoil=False, ack=0):
        acknowledged = (self.due + ack) & WORD if "A" in flags else 0
        body = tcp(self.source, self.target, self.source_port, self.target_port, flags, (INITIAL + 1 + at) & WORD,
                   acknowledged, data, urgent=urgent, spoil=spoil)
        self.link.send(ethernet(self.gateway, self.own, ipv4(self.source, self.target, 6, body, ttl=ttl)))

    def obey(self, line):
        verb, *words = line.split()
        if verb == "open":
            self.opening = True
            self.send(-1, "S")
        elif verb == "seg":
            at, flags, data, *rest = words
            options = {}
            for word in rest:
                name, _, value = word.partition("=")
                options[name] = int(value) if value else True
            self.send(int(at), flags.replace(".", ""), bytes.fromhex(data.replace(".", "")), **options)
        elif verb == "mute":
            self.mute = True
        elif verb == "syns":
            for port in range(int(words[0]), int(words[0]) + int(words[1])):
                body = tcp(self.source, self.target, port, self.target_port, "S", INITIAL)
                self.link.send(ethernet(self.gateway, self.own, ipv4(self.source, self.target, 6, body)))
            say("sent")
        elif verb == "peer":
            self.target_port = int(words[0])

    def hear(self):
        frame, where = self.link.recvfrom(65535)
        packet = frame[14:]
        if where[2] == socket.PACKET_OUTGOING or packet[9] != 6 or socket.inet_ntoa(packet[12:16]) != self.target:
            return
        segment = packet[(packet[0] & 15) * 4:unpack("!H", packet[2:4])[0]]
        source_port, port, sequence, acknowledged, offset, flags = unpack("!HHIIBB", segment[:14])
        if port != self.source_port or self.target_port not in (0, source_port):
            return
        self.target_port = source_port
        self.take(sequence, acknowledged, flags, segment[(offset >> 4) * 4:])

    def take(self, sequence, acknowledged, flags, data):
        if flags & 4:
            return say("reset")
        if flags & 2:
            self.due = (sequence + 1) & WORD
            say("synack" if flags & 16 else "syn")
            if self.opening and flags & 16:
                self.opening = False
                self.send(0, "A")
                say("open")
        if flags & 16 and 0 < (acknowledged - INITIAL - 1) & WORD < 0x7FFFFFFF and acknowledged != self.acked:
            self.acked = acknowledged
            say(f"acked {(acknowledged - INITIAL - 1) & WORD}")
        if (data or flags & 1) and not self.mute:
            self.take_data(sequence, flags, data)

    def take_data(self, sequence, flags, data):
        if sequence == self.due:
            self.due = (self.due + len(data)) & WORD
            if data:
                say(f"got {data.hex()}")
            if flags & 1:
                self.due = (self.due + 1) & WORD
                say("fin")
        self.send(max((self.acked - INITIAL - 1) & WORD if self.acked >= 0 else 0, 0), "A")


def say(words):
    print(words, flush=True)


def silence_kernel(port):
    """It knows of no such connection and would answer every segment with a reset."""
    table = f"table inet raw{port} {{ chain quiet {{ type filter hook prerouting priority raw; tcp dport {port} drop; }}; }}"
    subprocess.run(["nft", table], check=True)


def main():
    end = End(*sys.argv[1:])
    silence_kernel(end.source_port)
    say("ready")
    lines = sys.stdin.fileno()
    pending = b""
    while True:
        readable, _, _ = select.select([lines, end.link], [], [])
        if end.link in readable:
            end.hear()
        if lines in readable:
            chunk = sys.stdin.buffer.raw.read(65536)
            if not chunk:
                return
            *whole, pending = (pending + chunk).split(b"\n")
            for line in whole:
                end.obey(line.decode())


main()
