/* libmodbus as a server for several clients at once, on every unit. Prints a line per connection (the
 * client's address) and per request (function code), which is what the server really saw; with `quiet` none
 * per request.
 *   libmodbus-server ADDRESS PORT [quiet] */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static void welcome(int client) {
  struct sockaddr_in peer;
  socklen_t size = sizeof(peer);
  getpeername(client, (struct sockaddr *)&peer, &size);
  printf("client %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int quiet = argc > 3 && strcmp(argv[3], "quiet") == 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGPIPE, SIG_IGN);
  modbus_t *bus = modbus_new_tcp(argv[1], atoi(argv[2]));
  modbus_mapping_t *memory = modbus_mapping_new(65536, 65536, 60000, 60000);
  for (int i = 0; i < 60000; i++) memory->tab_registers[i] = memory->tab_input_registers[i] = i * 3;
  for (int i = 0; i < 65536; i++) memory->tab_bits[i] = memory->tab_input_bits[i] = i % 3 == 0;
  int listener = modbus_tcp_listen(bus, 32);
  if (listener < 0) {
    printf("listen: %s\n", strerror(errno));
    return 1;
  }
  printf("listening\n");
  fd_set open, ready;
  FD_ZERO(&open);
  FD_SET(listener, &open);
  int highest = listener;
  for (;;) {
    ready = open;
    if (select(highest + 1, &ready, NULL, NULL, NULL) < 0) return 1;
    for (int fd = 0; fd <= highest; fd++) {
      if (!FD_ISSET(fd, &ready)) continue;
      if (fd == listener) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        welcome(client);
        FD_SET(client, &open);
        if (client > highest) highest = client;
        continue;
      }
      uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
      modbus_set_socket(bus, fd);
      int length = modbus_receive(bus, query);
      if (length > 0) {
        if (!quiet) printf("request fc=%d\n", query[7]);
        modbus_reply(bus, query, length, memory);
      } else if (length < 0) {
        printf("gone\n");
        FD_CLR(fd, &open);
        close(fd);
      }
    }
  }
}
