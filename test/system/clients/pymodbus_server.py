"""pymodbus as a server: unit 1, addresses 0-based, registers 0-399 and bits 0-255.

    pymodbus_server.py ADDRESS PORT
"""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncTcpServer


async def main():
    registers = [i * 3 for i in range(400)]
    bits = [i % 3 == 0 for i in range(256)]
    unit = ModbusSlaveContext(
        di=ModbusSequentialDataBlock(0, list(bits)),
        co=ModbusSequentialDataBlock(0, list(bits)),
        hr=ModbusSequentialDataBlock(0, list(registers)),
        ir=ModbusSequentialDataBlock(0, list(registers)),
        zero_mode=True,
    )
    context = ModbusServerContext(slaves={1: unit}, single=False)
    print("starting", flush=True)
    await StartAsyncTcpServer(context, address=(sys.argv[1], int(sys.argv[2])))


asyncio.run(main())
