/* libmodbus as a client: every function it offers, from the smallest quantity to the largest, on every data
 * table. Prints one line per answer of the first round and one digest of the answers of all rounds, so that
 * what came through a gateway can be compared with what came directly.
 *   libmodbus-client ADDRESS PORT ROUNDS [server-id] [diagnostics]
 * Rounds take units 1, 0 and 255 in turn; every tenth one begins with a new connection. The words add
 * functions that only a server that speaks them answers. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int Base = 1000, Bits = 65536, Registers = 60000;

static modbus_t *bus;
static int printing = 1;
static unsigned long requests;
static uint64_t digest = 0xcbf29ce484222325u; /* FNV-1a */
static uint32_t seed;

static uint8_t bits[MODBUS_MAX_READ_BITS];
static uint16_t words[MODBUS_MAX_READ_REGISTERS];

static void say(const char *form, ...) {
  char text[64];
  va_list values;
  va_start(values, form);
  vsnprintf(text, sizeof(text), form, values);
  va_end(values);
  for (const char *byte = text; *byte; byte++) digest = (digest ^ (uint8_t)*byte) * 0x100000001b3u;
  if (printing) fputs(text, stdout);
}

static void answer(const char *name, int count, char form) {
  requests++;
  say("%s ", name);
  if (count < 0) {
    /* Everything but an exception of the server would spoil what follows. */
    say("error %d\n", errno);
    if (errno < MODBUS_ENOBASE) {
      fprintf(stderr, "%s: %s after %lu requests\n", name, modbus_strerror(errno), requests);
      exit(1);
    }
    return;
  }
  say("%d:", count);
  for (int i = 0; i < count; i++) {
    if (form == 'b') say(" %d", bits[i]);
    if (form == 'r') say(" %d", words[i]);
  }
  say("\n");
}

static uint32_t below(uint32_t limit) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % limit;
}

static void fill(void) {
  for (int i = 0; i < MODBUS_MAX_READ_BITS; i++) bits[i] = below(2);
  for (int i = 0; i < MODBUS_MAX_READ_REGISTERS; i++) words[i] = below(65536);
}

static void boundaries(void) {
  fill();
  answer("fc5 on", modbus_write_bit(bus, Base, 1), 0);
  answer("fc5 off", modbus_write_bit(bus, Base + 1, 0), 0);
  answer("fc5 last", modbus_write_bit(bus, Bits - 1, 1), 0);
  answer("fc15 one", modbus_write_bits(bus, Base + 2, 1, bits), 0);
  answer("fc15 most", modbus_write_bits(bus, Base + 3, MODBUS_MAX_WRITE_BITS, bits), 0);
  answer("fc1 one", modbus_read_bits(bus, Base, 1, bits), 'b');
  answer("fc1 most", modbus_read_bits(bus, Base, MODBUS_MAX_READ_BITS, bits), 'b');
  answer("fc1 last", modbus_read_bits(bus, Bits - 2000, 2000, bits), 'b');
  answer("fc2 one", modbus_read_input_bits(bus, 0, 1, bits), 'b');
  answer("fc2 most", modbus_read_input_bits(bus, 13, MODBUS_MAX_READ_BITS, bits), 'b');
  fill();
  answer("fc6", modbus_write_register(bus, Base, 0xffff), 0);
  answer("fc16 one", modbus_write_registers(bus, Base + 1, 1, words), 0);
  answer("fc16 most", modbus_write_registers(bus, Base + 2, MODBUS_MAX_WRITE_REGISTERS, words), 0);
  answer("fc22", modbus_mask_write_register(bus, Base + 3, 0x00f2, 0x0025), 0);
  answer("fc23 one", modbus_write_and_read_registers(bus, Base + 4, 1, words, 0, 1, words), 'r');
  fill();
  answer("fc23 most", modbus_write_and_read_registers(bus, Base, 121, words, Base, 125, words), 'r');
  answer("fc3 one", modbus_read_registers(bus, Base, 1, words), 'r');
  answer("fc3 most", modbus_read_registers(bus, Base, MODBUS_MAX_READ_REGISTERS, words), 'r');
  answer("fc4 one", modbus_read_input_registers(bus, 0, 1, words), 'r');
  answer("fc4 most", modbus_read_input_registers(bus, 7, MODBUS_MAX_READ_REGISTERS, words), 'r');
  answer("beyond the table", modbus_read_registers(bus, Registers - 10, 20, words), 'r');
  answer("after an exception", modbus_read_registers(bus, Base, 4, words), 'r');
  answer("write beyond the table", modbus_write_register(bus, Registers, 1), 0);
}

static void mixture(void) {
  fill();
  int from = Base + below(20), count = 1 + below(120);
  answer("fc16", modbus_write_registers(bus, from, count, words), 0);
  answer("fc3", modbus_read_registers(bus, Base, 1 + below(125), words), 'r');
  answer("fc6", modbus_write_register(bus, Base + below(100), below(65536)), 0);
  answer("fc4", modbus_read_input_registers(bus, below(Registers - 125), 1 + below(125), words), 'r');
  answer("fc15", modbus_write_bits(bus, Base + below(20), 1 + below(1968), bits), 0);
  answer("fc1", modbus_read_bits(bus, Base, 1 + below(2000), bits), 'b');
  answer("fc5", modbus_write_bit(bus, Base + below(2000), below(2)), 0);
  answer("fc2", modbus_read_input_bits(bus, below(Bits - 2000), 1 + below(2000), bits), 'b');
  if (below(8) == 0) answer("beyond", modbus_read_registers(bus, Registers - below(50), 60, words), 'r');
}

/* A function libmodbus has no call for, as its users send it. */
static void raw(int function) {
  const uint8_t request[2] = {(uint8_t)modbus_get_slave(bus), (uint8_t)function};
  uint8_t response[MODBUS_TCP_MAX_ADU_LENGTH];
  int length = -1;
  if (modbus_send_raw_request(bus, request, sizeof(request)) > 0)
    length = modbus_receive_confirmation(bus, response);
  for (int i = 0; i < length - 7; i++) bits[i] = response[7 + i];
  answer("raw", length < 0 ? -1 : length - 7, 'b');
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  static const int units[3] = {1, 0, 255};
  bus = modbus_new_tcp(argv[1], atoi(argv[2]));
  modbus_set_response_timeout(bus, 10, 0);
  int rounds = atoi(argv[3]);
  for (int round = 0; round < rounds; round++) {
    seed = (uint32_t)round;
    modbus_set_slave(bus, units[round % 3]);
    if (round % 10 == 0) {
      if (round > 0) modbus_close(bus);
      if (modbus_connect(bus) != 0) {
        fprintf(stderr, "connect: %s\n", modbus_strerror(errno));
        return 1;
      }
    }
    if (round == 0) {
      boundaries();
      for (int i = 4; i < argc; i++) {
        if (strcmp(argv[i], "server-id") == 0)
          answer("fc17", modbus_report_slave_id(bus, sizeof(bits), bits), 'b');
        if (strcmp(argv[i], "diagnostics") == 0) raw(7);
      }
      printing = 0;
    } else {
      mixture();
    }
  }
  modbus_close(bus);
  modbus_free(bus);
  printf("requests %lu digest %016llx\n", requests, (unsigned long long)digest);
  return 0;
}
