"""pymodbus as a client that speaks RTU over TCP. Prints a line per request: the values, or the exception.

    pymodbus_rtu_over_tcp_client.py ADDRESS PORT
"""

import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer


def tell(name, result):
    if result.isError():
        print(name, "exception", getattr(result, "exception_code", result), flush=True)
    else:
        print(name, *getattr(result, "registers", ["done"]), flush=True)


client = ModbusTcpClient(sys.argv[1], port=int(sys.argv[2]), framer=ModbusRtuFramer)
if not client.connect():
    sys.exit("no connection")
tell("read", client.read_holding_registers(10, 3, slave=1))
tell("inputs", client.read_input_registers(20, 2, slave=1))
tell("write", client.write_register(110, 77, slave=1))
tell("read back", client.read_holding_registers(110, 1, slave=1))
tell("forbidden", client.write_register(140, 1, slave=1))
tell("several", client.write_registers(111, [1, 2, 3], slave=1))
tell("after that", client.read_holding_registers(111, 3, slave=1))
client.close()
