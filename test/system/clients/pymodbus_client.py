"""pymodbus as a client: one transaction per function code, one line per answer.

    pymodbus_client.py ADDRESS PORT UNIT
"""

import sys

from pymodbus.client import ModbusTcpClient


def show(name, answer):
    if answer.isError():
        print(name, "exception", getattr(answer, "exception_code", answer))
    else:
        values = getattr(answer, "registers", None) or getattr(answer, "bits", None) or ""
        print(name, answer.function_code, values)


def main():
    address, port, unit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    client = ModbusTcpClient(address, port=port, timeout=5)
    if not client.connect():
        sys.exit("connect failed")
    show("fc5", client.write_coil(3, True, slave=unit))
    show("fc15", client.write_coils(16, [True, False, True, True, False, False, True, False, True], slave=unit))
    show("fc1", client.read_coils(0, 40, slave=unit))
    show("fc2", client.read_discrete_inputs(0, 13, slave=unit))
    show("fc6", client.write_register(100, 321, slave=unit))
    show("fc16", client.write_registers(101, [11, 22, 33, 44, 55], slave=unit))
    show("fc22", client.mask_write_register(address=102, and_mask=0x00F2, or_mask=0x0025, unit=unit))
    both = {"read_address": 108, "read_count": 8, "write_address": 110, "write_registers": [1, 2, 3]}
    show("fc23", client.readwrite_registers(**both, unit=unit))
    show("fc3", client.read_holding_registers(95, 20, slave=unit))
    show("fc3 longest", client.read_holding_registers(0, 125, slave=unit))
    show("fc4", client.read_input_registers(0, 10, slave=unit))
    show("beyond the table", client.read_holding_registers(390, 20, slave=unit))
    show("after an exception", client.read_holding_registers(100, 4, slave=unit))
    client.close()


main()
