/* libmodbus as a client: performs one transaction per function code and prints one line per answer, so that
 * the answers got through a gateway can be compared with those got directly.
 *   libmodbus-client ADDRESS PORT UNIT */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer(const char *name, int count, const char *form, const void *values) {
  printf("%s ", name);
  if (count < 0) {
    printf("error %d %s\n", errno, modbus_strerror(errno));
    return;
  }
  printf("%d:", count);
  for (int i = 0; i < count; i++) {
    if (form[0] == 'b') printf(" %d", ((const uint8_t *)values)[i]);
    if (form[0] == 'r') printf(" %d", ((const uint16_t *)values)[i]);
  }
  printf("\n");
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  modbus_t *bus = modbus_new_tcp(argv[1], atoi(argv[2]));
  modbus_set_slave(bus, atoi(argv[3]));
  modbus_set_response_timeout(bus, 5, 0);
  if (modbus_connect(bus) != 0) {
    printf("connect error %d %s\n", errno, modbus_strerror(errno));
    return 1;
  }
  uint8_t bits[MODBUS_MAX_READ_BITS] = {0};
  uint16_t words[MODBUS_MAX_READ_REGISTERS] = {0};
  const uint8_t pattern[10] = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1};
  const uint16_t ramp[5] = {11, 22, 33, 44, 55};

  answer("fc5", modbus_write_bit(bus, 3, 1), "", 0);
  answer("fc15", modbus_write_bits(bus, 16, 10, pattern), "", 0);
  answer("fc1", modbus_read_bits(bus, 0, 40, bits), "b", bits);
  answer("fc2", modbus_read_input_bits(bus, 0, 13, bits), "b", bits);
  answer("fc6", modbus_write_register(bus, 100, 321), "", 0);
  answer("fc16", modbus_write_registers(bus, 101, 5, ramp), "", 0);
  answer("fc22", modbus_mask_write_register(bus, 102, 0x00f2, 0x0025), "", 0);
  answer("fc23", modbus_write_and_read_registers(bus, 110, 5, ramp, 108, 8, words), "r", words);
  answer("fc3", modbus_read_registers(bus, 95, 20, words), "r", words);
  answer("fc3 longest", modbus_read_registers(bus, 0, 125, words), "r", words);
  answer("fc4", modbus_read_input_registers(bus, 0, 10, words), "r", words);
  answer("beyond the table", modbus_read_registers(bus, 390, 20, words), "r", words);
  answer("after an exception", modbus_read_registers(bus, 100, 4, words), "r", words);

  modbus_close(bus);
  modbus_free(bus);
  return 0;
}
