/* What the programs of the soak share: the clock, the model's permissions read naively, and small I/O. */
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

/* Monotonic, nanoseconds. */
static inline long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * SECOND + at.tv_nsec;
}

static inline int be16(const uint8_t *at) { return at[0] << 8 | at[1]; }

static inline void put16(uint8_t *at, int value) {
  at[0] = value >> 8;
  at[1] = value;
}

/* What every register below 100 holds. */
static inline int constant(int address) { return (address * 7 + 13) & 0xffff; }

/* The soak model's permissions, written down a second time and read as simply as can be. */
static inline int permitted(const uint8_t *adu, int length) {
  if (length != 12 || be16(adu + 2) != 0 || be16(adu + 4) != 6 || adu[6] != 1) return 0;
  int address = be16(adu + 8), value = be16(adu + 10);
  if (adu[7] == 3) return value >= 1 && value <= 125 && address + value <= 130;
  return adu[7] == 6 && address >= 100 && address <= 119 && value <= 1000;
}

static inline struct sockaddr_in peer_at(const char *address, int port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) exit(2);
  return peer;
}

/* A connection under way, from a source address where one is given. Negative where there is no descriptor. */
static inline int dial(const struct sockaddr_in *peer, const char *source) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  if (fd < 0) return fd;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (source != NULL) {
    struct sockaddr_in own = peer_at(source, 0);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) exit(3);
  }
  if (connect(fd, (const struct sockaddr *)peer, sizeof *peer) != 0 && errno != EINPROGRESS) {
    close(fd);
    return -1;
  }
  return fd;
}

/* Ends with a reset where the other side has not taken all yet. */
static inline void drop(int fd) {
  struct linger at_once = {.l_onoff = 1};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

static inline void many_descriptors(void) {
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
}

static inline void watch(int epoll, int op, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  epoll_ctl(epoll, op, fd, &event);
}

/* One line of standard input that is there; 0 when there is none, ends the program when there will be none. */
static inline int command(char *line, int size) {
  static char kept[256];
  static int length;
  char *end = memchr(kept, '\n', length);
  if (end == NULL) {
    ssize_t got = read(0, kept + length, sizeof kept - length);
    if (got == 0) exit(0);
    if (got > 0) length += got;
    end = memchr(kept, '\n', length);
  }
  if (end == NULL) return 0;
  *end = 0;
  snprintf(line, size, "%.*s", size - 1, kept);
  length -= end + 1 - kept;
  memmove(kept, end + 1, length);
  return 1;
}
