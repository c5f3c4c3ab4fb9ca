"""dial.py UID HOST PORT: connects as that user, sends each line of its input, and says with the time what comes back."""
import encodings.idna  # read while the user may still read the library
import os
import socket
import sys
import threading
import time


def say(*words):
    print(*words, round(time.time() * 1000), flush=True)


def hear(connection):
    while True:
        try:
            data = connection.recv(4096)
        except OSError as error:
            return say("lost", error.strerror)
        if not data:
            return say("ended")
        for line in data.decode().split():
            say("answer", line)


user = int(sys.argv[1])
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)
try:
    connection = socket.create_connection((sys.argv[2], int(sys.argv[3])), 3)
except OSError as error:
    say("failed", error.strerror or "timed-out")
    sys.exit()
connection.settimeout(None)
say("connected from", connection.getsockname()[0])
threading.Thread(target=hear, args=(connection,), daemon=True).start()
for line in sys.stdin:
    try:
        connection.sendall(line.encode())
    except OSError as error:
        say("lost", error.strerror)
connection.close()
