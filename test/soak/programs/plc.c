/*
 * A controller: registers on port 502 and an echo on port 443 of ADDRESS.
 *   plc ADDRESS
 * Lines of standard input: `honest`; `silent` never answers; `slow N` answers with N bytes a second on each connection;
 * `exception` answers everything with exception 4. What the model does not permit it refuses itself, with exception 1.
 */
#include "common.h"

#define CONNECTIONS 8192
#define QUEUE 65536
#define TICK 100

enum { Honest, Silent, Slow, Exception };

struct client {
  int echo, got, from, to, open;
  uint8_t in[512], *out;
};

static struct client clients[CONNECTIONS];
static uint16_t registers[130];
static int how, speed, epoll;

static void gone(int fd) {
  free(clients[fd].out);
  clients[fd] = (struct client){0};
  close(fd);
}

/* Sends what waits, at most `most` bytes; reads no more while much waits. */
static void flush(int fd, int most) {
  struct client *one = clients + fd;
  int length = one->to - one->from;
  ssize_t sent = length == 0 || most == 0 ? 0 : send(fd, one->out + one->from, length < most ? length : most, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) return gone(fd);
  if (sent > 0) one->from += sent;
  if (one->from == one->to) one->from = one->to = 0;
  int waits = one->to > one->from, full = one->to - one->from > QUEUE / 2;
  watch(epoll, EPOLL_CTL_MOD, fd, (full ? 0 : EPOLLIN) | (waits && how != Slow ? EPOLLOUT : 0), fd);
}

static void say(int fd, const uint8_t *bytes, int length) {
  struct client *one = clients + fd;
  if (one->out == NULL) one->out = malloc(QUEUE);
  if (one->to + length > QUEUE) {
    memmove(one->out, one->out + one->from, one->to - one->from);
    one->to -= one->from;
    one->from = 0;
  }
  if (one->to + length > QUEUE) return gone(fd);
  memcpy(one->out + one->to, bytes, length);
  one->to += length;
}

static void answer(int fd, const uint8_t *adu, int length) {
  uint8_t out[270];
  int address = be16(adu + 8), value = be16(adu + 10), size = 12;
  int known = permitted(adu, length);
  if (how == Silent) return;
  memcpy(out, adu, 12);
  if (how == Exception || !known) {
    put16(out + 4, 3);
    out[7] |= 0x80;
    out[8] = known ? 4 : 1;
    size = 9;
  } else if (adu[7] == 6) {
    registers[address] = value;
  } else {
    size = 9 + 2 * value;
    put16(out + 4, size - 6);
    out[8] = 2 * value;
    for (int at = 0; at < value; at++) put16(out + 9 + 2 * at, registers[address + at]);
  }
  say(fd, out, size);
}

static void hear(int fd) {
  struct client *one = clients + fd;
  ssize_t size = recv(fd, one->in + one->got, sizeof one->in - one->got, MSG_DONTWAIT);
  if (size <= 0) {
    if (size < 0 && errno == EAGAIN) return;
    return gone(fd);
  }
  one->got += size;
  int at = 0;
  if (one->echo) {
    say(fd, one->in, at = one->got);
  } else {
    while (one->open && one->got - at >= 7 && one->got - at >= 6 + be16(one->in + at + 4)) {
      int length = 6 + be16(one->in + at + 4);
      answer(fd, one->in + at, length);
      at += length;
    }
  }
  if (!one->open) return;
  memmove(one->in, one->in + at, one->got - at);
  one->got -= at;
  flush(fd, how == Slow && !one->echo ? 0 : QUEUE);
}

static int listener(const char *address, int port) {
  struct sockaddr_in own = peer_at(address, port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0 || listen(fd, 4096) != 0) exit(3);
  watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, fd);
  return fd;
}

static void take(int from, int echo) {
  int fd, one = 1;
  while ((fd = accept4(from, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (fd >= CONNECTIONS) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    clients[fd] = (struct client){.echo = echo, .open = 1};
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, fd);
  }
}

static void obey(const char *line) {
  if (strcmp(line, "honest") == 0) how = Honest;
  else if (strcmp(line, "silent") == 0) how = Silent;
  else if (strcmp(line, "exception") == 0) how = Exception;
  else if (sscanf(line, "slow %d", &speed) == 1) how = Slow;
  else exit(2);
  printf("did %s\n", line);
  fflush(stdout);
}

int main(int count, char **words) {
  if (count != 2) return 2;
  many_descriptors();
  for (int address = 0; address < 130; address++) registers[address] = constant(address);
  epoll = epoll_create1(0);
  fcntl(0, F_SETFL, O_NONBLOCK);
  watch(epoll, EPOLL_CTL_ADD, 0, EPOLLIN, 0);
  int modbus = listener(words[1], 502), echo = listener(words[1], 443);
  puts("listening");
  fflush(stdout);
  long long tick = now();
  for (;;) {
    struct epoll_event events[64];
    long long left = TICK - (now() - tick) / 1000000;
    int ready = epoll_wait(epoll, events, 64, left < 0 ? 0 : left);
    for (int at = 0; at < ready; at++) {
      int fd = events[at].data.u64;
      char line[256];
      if (fd == 0) while (command(line, sizeof line)) obey(line);
      else if (fd == modbus || fd == echo) take(fd, fd == echo);
      else if (!clients[fd].open) continue;
      else if (events[at].events & (EPOLLERR | EPOLLHUP)) gone(fd);
      else if (events[at].events & EPOLLIN) hear(fd);
      else flush(fd, QUEUE);
    }
    if (now() - tick < TICK * SECOND / 1000) continue;
    tick = now();
    for (int fd = 0; fd < CONNECTIONS; fd++)
      if (clients[fd].to > clients[fd].from) flush(fd, how == Slow && !clients[fd].echo ? (speed * TICK + 999) / 1000 : QUEUE);
  }
}
