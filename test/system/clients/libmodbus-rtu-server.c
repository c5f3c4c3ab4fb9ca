/* libmodbus as the device with one unit identifier on a serial line; it leaves requests to other units alone.
 *   libmodbus-rtu-server TTY BAUD PARITY UNIT */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  modbus_t *bus = modbus_new_rtu(argv[1], atoi(argv[2]), argv[3][0], 8, 1);
  modbus_set_slave(bus, atoi(argv[4]));
  if (modbus_connect(bus) < 0) {
    printf("connect: %s\n", modbus_strerror(errno));
    return 1;
  }
  modbus_mapping_t *memory = modbus_mapping_new(256, 256, 400, 400);
  for (int i = 0; i < 400; i++) memory->tab_registers[i] = memory->tab_input_registers[i] = i * 3;
  for (int i = 0; i < 256; i++) memory->tab_bits[i] = memory->tab_input_bits[i] = i % 3 == 0;
  printf("listening\n");
  for (;;) {
    uint8_t query[MODBUS_RTU_MAX_ADU_LENGTH];
    int length = modbus_receive(bus, query);
    if (length > 0) {
      printf("request unit=%d fc=%d\n", query[0], query[1]);
      modbus_reply(bus, query, length, memory);
    } else if (length < 0 && errno == EIO) {
      return 0;
    }
  }
}
