/*
 * Connections, opened at a rate.
 *   flood hold|trickle|churn ADDRESS PORT CONNECTIONS PER_SECOND SECONDS SOURCE...
 * `hold` keeps what it opens and sends nothing, `trickle` sends one byte a second of a permitted request on each, `churn`
 * sends a refused write, hears the exception, ends and comes again from another port; CONNECTIONS are open at once at most.
 * At the end prints a line of JSON: connections opened, cut by the other side, refused writes sent, exceptions heard.
 */
#include "common.h"

struct connection {
  int fd, dialling, got, bytes;
  long long spoke;
  uint8_t in[64];
};

static const uint8_t Refused[] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 5, 0xde, 0xad};
static const uint8_t Permitted[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};

static enum { Hold, Trickle, Churn } kind;
static long opened, cut, failed, sent, heard;
static int epoll;

static void gone(struct connection *one) {
  close(one->fd);
  one->fd = -1;
}

static void look(struct connection *one, uint32_t events, uint64_t number) {
  if (events & (EPOLLERR | EPOLLHUP)) {
    if (one->dialling) failed++;
    else cut++;
    return gone(one);
  }
  if (one->dialling && (events & EPOLLOUT)) {
    one->dialling = 0;
    opened++;
    watch(epoll, EPOLL_CTL_MOD, one->fd, EPOLLIN, number);
    if (kind == Churn && send(one->fd, Refused, sizeof Refused, MSG_NOSIGNAL) == sizeof Refused) sent++;
  }
  if ((events & EPOLLIN) == 0) return;
  ssize_t read = recv(one->fd, one->in + one->got, sizeof one->in - one->got, 0);
  if (read < 0 && errno == EAGAIN) return;
  if (read <= 0) {
    cut++;
    return gone(one);
  }
  one->got += read;
  if (one->got < 9) return;
  if (one->in[7] >= 0x80) heard++;
  if (kind == Churn) return gone(one);
  one->got = 0;
}

static void trickle(struct connection *one, long long at) {
  if (one->fd < 0 || one->dialling || at - one->spoke < SECOND) return;
  one->spoke = at;
  send(one->fd, Permitted + one->bytes, 1, MSG_NOSIGNAL);
  one->bytes = (one->bytes + 1) % (int)sizeof Permitted;
}

int main(int count, char **words) {
  if (count < 8) return 2;
  kind = strcmp(words[1], "churn") == 0 ? Churn : strcmp(words[1], "trickle") == 0 ? Trickle : Hold;
  struct sockaddr_in peer = peer_at(words[2], atoi(words[3]));
  int connections = atoi(words[4]), sources = count - 7;
  double rate = atof(words[5]), seconds = atof(words[6]);
  many_descriptors();
  epoll = epoll_create1(0);
  struct connection *all = calloc(connections, sizeof *all);
  for (int at = 0; at < connections; at++) all[at].fd = -1;
  puts("going");
  fflush(stdout);
  long dialled = 0;
  long long begun = now(), end = begun + (long long)(seconds * SECOND);
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, 1);
    for (int at = 0; at < ready; at++) {
      struct connection *one = all + events[at].data.u64;
      if (one->fd >= 0) look(one, events[at].events, events[at].data.u64);
    }
    long long at = now();
    int open = 0;
    for (int place = 0; place < connections; place++) {
      struct connection *one = all + place;
      open += one->fd >= 0;
      if (kind == Trickle && at < end) trickle(one, at);
      if (one->fd >= 0 || at >= end || dialled >= rate * (at - begun) / SECOND) continue;
      *one = (struct connection){.fd = dial(&peer, words[7 + dialled++ % sources]), .dialling = 1, .spoke = at};
      if (one->fd >= 0) watch(epoll, EPOLL_CTL_ADD, one->fd, EPOLLIN | EPOLLOUT, place);
      else failed++;
    }
    if (at >= end + (kind == Churn ? 15 * SECOND : 0) || (at >= end && open == 0)) break;
  }
  printf("{\"dialled\":%ld,\"opened\":%ld,\"cut\":%ld,\"failed\":%ld,\"sent\":%ld,\"heard\":%ld}\n", dialled, opened, cut,
         failed, sent, heard);
  return 0;
}
