"""pymodbus as a client: every function it offers, from the smallest quantity to the largest, on every data
table. Prints one line per answer of the first round and a digest of the answers of all rounds. `async`
sends eight requests before it waits for the first answer. The words add functions that only a server that
speaks them answers: `diagnostics` is 7, 8, 11 and 12, `files` the file records and the queue.

    pymodbus_client.py sync|async ADDRESS PORT ROUNDS [server-id] [identification] [diagnostics] [files]

Rounds take units 1, 0 and 255 in turn; every tenth one begins with a new connection.
"""

import asyncio
import hashlib
import random
import sys

from pymodbus import diag_message as diag
from pymodbus.client import AsyncModbusTcpClient, ModbusTcpClient
from pymodbus.file_message import FileRecord, ReadFifoQueueRequest, ReadFileRecordRequest, WriteFileRecordRequest
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import GetCommEventCounterRequest, GetCommEventLogRequest, ReadExceptionStatusRequest, ReportSlaveIdRequest

BITS, REGISTERS = 65536, 60000
# Addresses of its own, so that both styles can speak at once.
BASE = 5000 if sys.argv[1] == "async" else 3000
UNITS = [1, 0, 255]
PIPELINED = 8


class Transcript:
    def __init__(self):
        self.digest = hashlib.sha256()
        self.printing = True
        self.requests = 0

    def say(self, name, answer):
        self.requests += 1
        line = f"{name} {describe(answer)}\n"
        self.digest.update(line.encode())
        if self.printing:
            sys.stdout.write(line)


def describe(answer):
    if answer.isError():
        if not hasattr(answer, "exception_code"):
            sys.exit(f"no answer: {answer}")
        return f"exception {answer.function_code} {answer.exception_code}"
    hidden = ("transaction_id", "protocol_id", "unit_id", "skip_encode", "check", "rtu_frame_size")
    fields = {name: value for name, value in vars(answer).items() if name not in hidden}
    return f"{answer.function_code} {answer.unit_id} {fields!r}"


def boundaries(draw, unit, words):
    """Each call as (name, call); every one takes the client."""
    bits = [draw.random() < 0.5 for _ in range(1968)]
    ramp = [draw.randrange(65536) for _ in range(125)]
    at = {"slave": unit}
    both = {"read_address": BASE, "read_count": 125, "write_address": BASE, "write_registers": ramp[:121], "unit": unit}
    one = {"read_address": 0, "read_count": 1, "write_address": BASE + 4, "write_registers": ramp[:1], "unit": unit}
    calls = [
        ("fc5 on", lambda to: to.write_coil(BASE, True, **at)),
        ("fc5 last", lambda to: to.write_coil(BITS - 1, True, **at)),
        ("fc15 one", lambda to: to.write_coils(BASE + 2, bits[:1], **at)),
        ("fc15 most", lambda to: to.write_coils(BASE + 3, bits, **at)),
        ("fc1 one", lambda to: to.read_coils(BASE, 1, **at)),
        ("fc1 most", lambda to: to.read_coils(BASE, 2000, **at)),
        ("fc1 last", lambda to: to.read_coils(BITS - 2000, 2000, **at)),
        ("fc2 one", lambda to: to.read_discrete_inputs(0, 1, **at)),
        ("fc2 most", lambda to: to.read_discrete_inputs(13, 2000, **at)),
        ("fc6", lambda to: to.write_register(BASE, 65535, **at)),
        ("fc16 one", lambda to: to.write_registers(BASE + 1, ramp[:1], **at)),
        ("fc16 most", lambda to: to.write_registers(BASE + 2, ramp[:123], **at)),
        ("fc22", lambda to: to.mask_write_register(address=BASE + 3, and_mask=0x00F2, or_mask=0x0025, unit=unit)),
        ("fc23 one", lambda to: to.readwrite_registers(**one)),
        ("fc23 most", lambda to: to.readwrite_registers(**both)),
        ("fc3 one", lambda to: to.read_holding_registers(BASE, 1, **at)),
        ("fc3 most", lambda to: to.read_holding_registers(BASE, 125, **at)),
        ("fc4 one", lambda to: to.read_input_registers(0, 1, **at)),
        ("fc4 most", lambda to: to.read_input_registers(7, 125, **at)),
        ("beyond the table", lambda to: to.read_holding_registers(REGISTERS - 10, 20, **at)),
        ("after an exception", lambda to: to.read_holding_registers(BASE, 4, **at)),
        ("write beyond the table", lambda to: to.write_register(REGISTERS, 1, **at)),
    ]
    if "server-id" in words:
        calls.append(("fc17", lambda to: to.execute(ReportSlaveIdRequest(unit=unit))))
    if "identification" in words:
        calls += [
            ("fc43/14", lambda to: to.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=unit))),
            ("fc43/14 one", lambda to: to.execute(ReadDeviceInformationRequest(read_code=4, object_id=1, unit=unit))),
        ]
    if "diagnostics" in words:
        calls += diagnostics(unit)
    if "files" in words:
        calls += files(unit)
    return calls


def diagnostics(unit):
    # The client's own diag_ methods put the unit where the data belongs (pymodbus 3.0).
    simple = [
        ("2", diag.ReturnDiagnosticRegisterRequest),
        ("10", diag.ClearCountersRequest),
        ("11", diag.ReturnBusMessageCountRequest),
        ("12", diag.ReturnBusCommunicationErrorCountRequest),
        ("13", diag.ReturnBusExceptionErrorCountRequest),
        ("14", diag.ReturnSlaveMessageCountRequest),
        ("15", diag.ReturnSlaveNoResponseCountRequest),
        ("16", diag.ReturnSlaveNAKCountRequest),
        ("17", diag.ReturnSlaveBusyCountRequest),
        ("18", diag.ReturnSlaveBusCharacterOverrunCountRequest),
        ("20", diag.ClearOverrunCountRequest),
    ]
    return [
        ("fc7", lambda to: to.execute(ReadExceptionStatusRequest(unit=unit))),
        ("fc8/0", lambda to: to.execute(diag.ReturnQueryDataRequest(0x1234, unit=unit))),
        ("fc8/1", lambda to: to.execute(diag.RestartCommunicationsOptionRequest(False, unit=unit))),
        ("fc8/1 log", lambda to: to.execute(diag.RestartCommunicationsOptionRequest(True, unit=unit))),
        *((f"fc8/{name}", lambda to, kind=kind: to.execute(kind(unit=unit))) for name, kind in simple),
        ("fc11", lambda to: to.execute(GetCommEventCounterRequest(unit=unit))),
        ("fc12", lambda to: to.execute(GetCommEventLogRequest(unit=unit))),
    ]


def files(unit):
    ask = [
        FileRecord(file_number=4, record_number=1, record_length=2),
        FileRecord(file_number=3, record_number=9, record_length=1),
    ]
    put = [FileRecord(file_number=4, record_number=7, record_data=b"\x06\xaf\x04\xbe\x10\x0d")]
    return [
        ("fc21", lambda to: to.execute(WriteFileRecordRequest(put, unit=unit))),
        ("fc20", lambda to: to.execute(ReadFileRecordRequest(ask, unit=unit))),
        ("fc24", lambda to: to.execute(ReadFifoQueueRequest(0x04DE, unit=unit))),
    ]


def mixture(draw, unit):
    bits = [draw.random() < 0.5 for _ in range(draw.randint(1, 1968))]
    ramp = [draw.randrange(65536) for _ in range(draw.randint(1, 123))]
    start, far, count = draw.randrange(20), draw.randrange(BITS - 2000), draw.randint(1, 125)
    at = {"slave": unit}
    return [
        ("fc16", lambda to: to.write_registers(BASE + start, ramp, **at)),
        ("fc3", lambda to: to.read_holding_registers(BASE, count, **at)),
        ("fc6", lambda to: to.write_register(BASE + start, ramp[0], **at)),
        ("fc4", lambda to: to.read_input_registers(far % (REGISTERS - 125), count, **at)),
        ("fc15", lambda to: to.write_coils(BASE + start, bits, **at)),
        ("fc1", lambda to: to.read_coils(BASE, 16 * count, **at)),
        ("fc5", lambda to: to.write_coil(BASE + far % 2000, bits[0], **at)),
        ("fc2", lambda to: to.read_discrete_inputs(far, 16 * count, **at)),
    ]


def calls_of(number, words):
    draw = random.Random(number)
    unit = UNITS[number % 3]
    return boundaries(draw, unit, words) if number == 0 else mixture(draw, unit)


def run_sync(address, port, rounds, words, transcript):
    client = ModbusTcpClient(address, port=port, timeout=10, retries=0)
    for number in range(rounds):
        if number % 10 == 0:
            client.close()
            if not client.connect():
                sys.exit("connect failed")
        for name, call in calls_of(number, words):
            transcript.say(name, call(client))
        transcript.printing = False
    client.close()


async def run_async(address, port, rounds, words, transcript):
    client = None
    for number in range(rounds):
        if number % 10 == 0:
            if client is not None:
                await client.close()
            client = AsyncModbusTcpClient(address, port=port, timeout=10, reconnect_delay=0)
            await client.connect()
        calls = calls_of(number, words)
        for first in range(0, len(calls), PIPELINED):
            batch = calls[first : first + PIPELINED]
            answers = await asyncio.gather(*(call(client.protocol) for _, call in batch))
            for (name, _), answer in zip(batch, answers):
                transcript.say(name, answer)
        transcript.printing = False
    await client.close()


def main():
    style, address, port, rounds, *words = sys.argv[1:]
    transcript = Transcript()
    if style == "async":
        asyncio.run(run_async(address, int(port), int(rounds), words, transcript))
    else:
        run_sync(address, int(port), int(rounds), words, transcript)
    print(f"requests {transcript.requests} digest {transcript.digest.hexdigest()[:16]}")


main()
