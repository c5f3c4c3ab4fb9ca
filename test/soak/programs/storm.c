/*
 * Requests at a rate or as fast as they are taken, many at once on each connection.
 *   storm ADDRESS PORT PDU CONNECTIONS DEPTH PER_SECOND SECONDS read|deaf SOURCE...
 * PDU is unit and PDU in hex. DEPTH is how many wait for an answer on a connection at most, 0 for any number; PER_SECOND
 * is for all together, 0 for any rate. `deaf` never reads. At the end waits for what is still owed, and prints a line of
 * JSON: requests sent whole, answers, exceptions by code, connections that were cut.
 */
#include "common.h"

#define PATIENCE (20 * SECOND)

struct connection {
  int fd, dialling, got, length, done;
  long sent, answered;
  uint8_t in[512], out[300];
};

static long sent, answered, cut, exceptions[256];
static uint8_t pdu[260];
static int size, deaf, epoll, connections;
static struct connection *all;

static void ended(struct connection *one) {
  cut++;
  close(one->fd);
  one->fd = -1;
}

static void hear(struct connection *one) {
  if (deaf) return;
  ssize_t read = recv(one->fd, one->in + one->got, sizeof one->in - one->got, 0);
  if (read <= 0) {
    if (read == 0 || errno != EAGAIN) ended(one);
    return;
  }
  one->got += read;
  int at = 0;
  while (one->got - at >= 9 && one->got - at >= 6 + be16(one->in + at + 4)) {
    one->answered++;
    answered++;
    if (one->in[at + 7] >= 0x80) exceptions[one->in[at + 8]]++;
    at += 6 + be16(one->in + at + 4);
  }
  memmove(one->in, one->in + at, one->got - at);
  one->got -= at;
}

/* One request, or the rest of one; 0 where the kernel takes no more. */
static int ask(struct connection *one) {
  if (one->done == one->length) {
    put16(one->out, one->sent);
    put16(one->out + 2, 0);
    put16(one->out + 4, size);
    memcpy(one->out + 6, pdu, size);
    one->length = 6 + size;
    one->done = 0;
  }
  ssize_t wrote = send(one->fd, one->out + one->done, one->length - one->done, MSG_NOSIGNAL);
  if (wrote < 0) {
    if (errno != EAGAIN) ended(one);
    return 0;
  }
  one->done += wrote;
  if (one->done < one->length) return 0;
  one->sent++;
  sent++;
  return 1;
}

static void tell(void) {
  printf("{\"sent\":%ld,\"answered\":%ld,\"cut\":%ld,\"exceptions\":{", sent, answered, cut);
  const char *comma = "";
  for (int code = 0; code < 256; code++) {
    if (exceptions[code] == 0) continue;
    printf("%s\"%d\":%ld", comma, code, exceptions[code]);
    comma = ",";
  }
  printf("}}\n");
}

int main(int count, char **words) {
  if (count < 9) return 2;
  struct sockaddr_in peer = peer_at(words[1], atoi(words[2]));
  for (size = 0; words[3][2 * size] != 0; size++) sscanf(words[3] + 2 * size, "%2hhx", pdu + size);
  connections = atoi(words[4]);
  int depth = atoi(words[5]), sources = count - 9;
  double rate = atof(words[6]), seconds = atof(words[7]);
  deaf = strcmp(words[8], "deaf") == 0;
  many_descriptors();
  epoll = epoll_create1(0);
  all = calloc(connections, sizeof *all);
  for (int at = 0; at < connections; at++) {
    all[at].fd = dial(&peer, sources > 0 ? words[9 + at % sources] : NULL);
    all[at].dialling = 1;
    if (all[at].fd >= 0) watch(epoll, EPOLL_CTL_ADD, all[at].fd, EPOLLIN | EPOLLOUT, at);
  }
  puts("going");
  fflush(stdout);
  long long begun = now(), end = begun + (long long)(seconds * SECOND);
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, 1);
    for (int at = 0; at < ready; at++) {
      struct connection *one = all + events[at].data.u64;
      if (one->fd < 0) continue;
      if (one->dialling && (events[at].events & EPOLLOUT)) {
        one->dialling = 0;
        watch(epoll, EPOLL_CTL_MOD, one->fd, deaf ? 0 : EPOLLIN, events[at].data.u64);
      }
      if (events[at].events & (EPOLLERR | EPOLLHUP)) ended(one);
      else hear(one);
    }
    long long at = now();
    long owed = 0, open = 0;
    // In turns, so that a rate is shared by all of them.
    for (int burst = 0, asked = 1; at < end && burst < 64 && asked > 0; burst++) {
      asked = 0;
      for (struct connection *one = all; one < all + connections; one++) {
        if (one->fd < 0 || one->dialling || (depth > 0 && one->sent - one->answered >= depth)) continue;
        if (rate > 0 && sent >= rate * (at - begun) / SECOND) break;
        asked += ask(one);
      }
    }
    for (struct connection *one = all; one < all + connections; one++) {
      if (one->fd < 0) continue;
      open++;
      owed += one->sent - one->answered;
    }
    if (open == 0 || (at >= end && (deaf || owed == 0)) || at >= end + PATIENCE) break;
  }
  tell();
  return 0;
}
