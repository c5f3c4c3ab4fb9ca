/* What load.c and server.c share: a Modbus TCP header and a few words of time and sockets. */
#ifndef WIRE_H
#define WIRE_H
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  HeaderBytes = 7,
  /* A header and a PDU, MAP V1.1b3 §4.1. */
  MostAduBytes = 260,
  ReadHolding = 3,
  WriteOne = 6,
  ExceptionBit = 0x80,
  /* Registers of each read, so that a request has 12 bytes and its answer 13. */
  Quantity = 2,
};

static inline uint16_t word_at(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

static inline void put_word(uint8_t *bytes, uint16_t value) {
  bytes[0] = value >> 8;
  bytes[1] = value & 0xff;
}

/* What the server holds at an address, so that the client can tell whose answer it was given. */
static inline uint16_t register_at(uint16_t address) { return (uint16_t)(address * 31 + 7); }

/* Bytes of the whole ADU at the front, 0 while its header is not complete, -1 where it is none. */
static inline int adu_length(const uint8_t *bytes, size_t have) {
  if (have < HeaderBytes) return 0;
  int rest = word_at(bytes + 4);
  if (word_at(bytes + 2) != 0 || rest < 2 || rest > MostAduBytes - 6) return -1;
  return 6 + rest;
}

static inline int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline void die(const char *what) {
  perror(what);
  exit(3);
}
#endif
