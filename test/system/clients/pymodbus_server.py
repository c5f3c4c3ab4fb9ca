"""pymodbus as a server: units 0, 1 and 255, addresses 0-based, registers 0-59999 and bits 0-65535.

    pymodbus_server.py ADDRESS PORT
"""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncTcpServer


async def main():
    registers = [i * 3 % 65536 for i in range(60000)]
    bits = [i % 3 == 0 for i in range(65536)]
    unit = ModbusSlaveContext(
        di=ModbusSequentialDataBlock(0, list(bits)),
        co=ModbusSequentialDataBlock(0, list(bits)),
        hr=ModbusSequentialDataBlock(0, list(registers)),
        ir=ModbusSequentialDataBlock(0, list(registers)),
        zero_mode=True,
    )
    context = ModbusServerContext(slaves={0: unit, 1: unit, 255: unit}, single=False)
    print("starting", flush=True)
    await StartAsyncTcpServer(context, address=(sys.argv[1], int(sys.argv[2])))


asyncio.run(main())
