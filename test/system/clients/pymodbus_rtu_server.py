"""pymodbus as the devices of a serial line: units 1 and 2, addresses 0-based, registers 0-399, bits 0-255.

    pymodbus_rtu_server.py TTY BAUD PARITY
"""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncSerialServer
from pymodbus.transaction import ModbusRtuFramer


def unit():
    registers = [i * 3 for i in range(400)]
    bits = [i % 3 == 0 for i in range(256)]
    return ModbusSlaveContext(
        di=ModbusSequentialDataBlock(0, list(bits)),
        co=ModbusSequentialDataBlock(0, list(bits)),
        hr=ModbusSequentialDataBlock(0, list(registers)),
        ir=ModbusSequentialDataBlock(0, list(registers)),
        zero_mode=True,
    )


async def main():
    context = ModbusServerContext(slaves={1: unit(), 2: unit()}, single=False)
    server = await StartAsyncSerialServer(
        context,
        framer=ModbusRtuFramer,
        port=sys.argv[1],
        baudrate=int(sys.argv[2]),
        parity=sys.argv[3],
        ignore_missing_slaves=True,
        defer_start=True,
    )
    await server.start()
    print("listening", flush=True)
    await server.serve_forever()


asyncio.run(main())
