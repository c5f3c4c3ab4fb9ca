/*
 * `server PORT`: a Modbus TCP server on every address of its namespace that answers reads of holding registers and
 * writes of one, on one thread, all ADUs of a receive with one send. Says `ready` when it listens.
 */
#define _GNU_SOURCE
#include "wire.h"

enum { Room = 16384, Events = 256 };

struct connection {
  int fd;
  uint32_t have, waiting, sent;
  uint8_t in[Room], out[Room * 2];
};

static int epoll;

static void watch(struct connection *one, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = one};
  epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event);
}

/* The answer to one request; its length. */
static uint32_t answer(const uint8_t *request, int length, uint8_t *to) {
  memcpy(to, request, 8);
  uint16_t address = word_at(request + 8), quantity = word_at(request + 10);
  if (length == 12 && request[7] == ReadHolding && quantity >= 1 && quantity <= 125) {
    put_word(to + 4, (uint16_t)(3 + 2 * quantity));
    to[8] = (uint8_t)(2 * quantity);
    for (int i = 0; i < quantity; i++) put_word(to + 9 + 2 * i, register_at((uint16_t)(address + i)));
    return 9 + 2 * quantity;
  }
  if (length == 12 && request[7] == WriteOne) {
    memcpy(to, request, 12);
    return 12;
  }
  put_word(to + 4, 3);
  to[7] |= ExceptionBit;
  to[8] = 1;
  return 9;
}

/* Sends what waits; 0 where the peer is gone. */
static int flush_out(struct connection *one) {
  while (one->sent < one->waiting) {
    ssize_t size = send(one->fd, one->out + one->sent, one->waiting - one->sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) {
      watch(one, EPOLLOUT);
      return 1;
    }
    if (size <= 0) return 0;
    one->sent += (uint32_t)size;
  }
  one->sent = one->waiting = 0;
  return 1;
}

/* Answers every complete request there is room for. */
static int take(struct connection *one) {
  uint32_t at = 0;
  while (one->waiting + MostAduBytes <= sizeof one->out) {
    int length = adu_length(one->in + at, one->have - at);
    if (length < 0) return 0;
    if (length == 0 || one->have - at < (uint32_t)length) break;
    one->waiting += answer(one->in + at, length, one->out + one->waiting);
    at += (uint32_t)length;
  }
  one->have -= at;
  memmove(one->in, one->in + at, one->have);
  return flush_out(one);
}

static int serve(struct connection *one, uint32_t events) {
  if (events & EPOLLOUT) {
    if (!flush_out(one)) return 0;
    if (one->waiting > 0) return 1;
    watch(one, EPOLLIN);
    return take(one);
  }
  ssize_t size = recv(one->fd, one->in + one->have, sizeof one->in - one->have, 0);
  if (size < 0 && errno == EAGAIN) return 1;
  if (size <= 0) return 0;
  one->have += (uint32_t)size;
  return take(one);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    no_delay(fd);
    struct connection *one = malloc(sizeof *one);
    if (one == NULL) die("malloc");
    one->fd = fd;
    one->have = one->waiting = one->sent = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

int main(int count, char **words) {
  if (count < 2) return 2;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1]))};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0) die("bind");
  if (listen(listener, 4096) != 0) die("listen");
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[Events];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  puts("ready");
  fflush(stdout);
  for (;;) {
    int ready = epoll_wait(epoll, events, Events, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *one = events[i].data.ptr;
      if (one == NULL) {
        accept_all(listener);
      } else if (!serve(one, events[i].events)) {
        close(one->fd);
        free(one);
      }
    }
  }
}
