/*
 * Packets that no kernel's TCP would send.
 *   packets syn|udp SOURCE TARGET PORT PER_SECOND SECONDS
 * `syn` are first segments of connections from ever new ports, which nobody goes on with; `udp` are datagrams from ever new
 * ports. At the end prints how many were sent, as a line of JSON.
 */
#include "common.h"
#include <netinet/ip.h>
#include <netinet/udp.h>

static uint16_t sum(const void *bytes, int length, uint32_t from) {
  for (int at = 0; at + 1 < length; at += 2) from += be16((const uint8_t *)bytes + at);
  while (from >> 16) from = (from & 0xffff) + (from >> 16);
  return from;
}

/* A whole packet; its length. */
static int build(uint8_t *packet, int syn, const struct sockaddr_in *source, const struct sockaddr_in *target, int own, uint32_t number) {
  int inner = syn ? 20 : 16, length = 20 + inner;
  memset(packet, 0, length);
  packet[0] = 0x45;
  put16(packet + 2, length);
  packet[8] = 64;
  packet[9] = syn ? IPPROTO_TCP : IPPROTO_UDP;
  memcpy(packet + 12, &source->sin_addr, 4);
  memcpy(packet + 16, &target->sin_addr, 4);
  uint8_t *rest = packet + 20;
  put16(rest, own);
  put16(rest + 2, ntohs(target->sin_port));
  if (syn) {
    put16(rest + 4, number >> 16);
    put16(rest + 6, number);
    rest[12] = 5 << 4;
    rest[13] = 2;
    put16(rest + 14, 64240);
  } else {
    put16(rest + 4, inner);
    memcpy(rest + 8, "penstock", 8);
  }
  uint32_t pseudo = sum(packet + 12, 8, packet[9] + inner);
  uint16_t check = ~sum(rest, inner, pseudo);
  put16(rest + (syn ? 16 : 6), check == 0 && !syn ? 0xffff : check);
  return length;
}

int main(int count, char **words) {
  if (count != 7) return 2;
  int syn = strcmp(words[1], "syn") == 0;
  struct sockaddr_in source = peer_at(words[2], 0), target = peer_at(words[3], atoi(words[4]));
  double rate = atof(words[5]), seconds = atof(words[6]);
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (fd < 0) return 3;
  puts("going");
  fflush(stdout);
  long sent = 0;
  for (long long begun = now(), at = begun; at < begun + seconds * SECOND; at = now()) {
    for (; sent < rate * (at - begun) / SECOND; sent++) {
      uint8_t packet[60];
      int length = build(packet, syn, &source, &target, 10000 + sent % 50000, 77777 * (uint32_t)sent);
      if (sendto(fd, packet, length, 0, (struct sockaddr *)&target, sizeof target) != length) break;
    }
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
  }
  printf("{\"sent\":%ld}\n", sent);
  return 0;
}
