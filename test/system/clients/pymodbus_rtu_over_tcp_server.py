"""pymodbus as a server that speaks RTU over TCP: unit 1, addresses 0-based, registers 0-399.

    pymodbus_rtu_over_tcp_server.py ADDRESS PORT
"""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartAsyncTcpServer
from pymodbus.transaction import ModbusRtuFramer


async def main():
    registers = ModbusSequentialDataBlock(0, [i * 3 for i in range(400)])
    unit = ModbusSlaveContext(hr=registers, ir=registers, zero_mode=True)
    context = ModbusServerContext(slaves={1: unit}, single=False)
    print("starting", flush=True)
    await StartAsyncTcpServer(context, framer=ModbusRtuFramer, address=(sys.argv[1], int(sys.argv[2])))


asyncio.run(main())
