/*
 * A client that does what it may, at an even pace, and counts every transaction.
 *   steady modbus|echo|newcomer ADDRESS PORT CONNECTIONS PER_SECOND
 * `modbus` reads, writes and reads back on connections it keeps, `echo` is a plain exchange, `newcomer` opens a connection
 * for every read. PER_SECOND is for each connection. `mark` on standard input prints what happened since the last one as
 * a line of JSON, times in microseconds. A stall counts for every transaction that it kept from being begun.
 */
#include "common.h"

#define PATIENCE (10 * SECOND)
#define RETRY (50 * SECOND / 1000)
#define BUCKETS 2048

enum state { Closed, Dialling, Idle, Waiting };

struct connection {
  int fd, slot;
  enum state state;
  /* `away`: since when it has had no answer that is right; 0 where its last transaction had one. */
  long long due, began, away;
  unsigned number;
  int got, want, written;
  uint8_t request[32], answer[300];
};

static struct {
  long sent, answered, lost, wrong, absent, resets, opened;
  long long reopened, quiet, heard, longest;
  long histogram[BUCKETS], samples;
  char first[80];
} told;

static enum { Modbus, Echo, Newcomer } mode;
static struct sockaddr_in peer;
static long long interval;
static int epoll;

/* 32 steps an octave, exact below 64. */
static int bucket_of(long long value) {
  if (value < 64) return value < 0 ? 0 : value;
  int octave = 63 - __builtin_clzll(value), at = (octave - 5) * 32 + (value >> (octave - 5));
  return at < BUCKETS ? at : BUCKETS - 1;
}

static long long value_of(int bucket) {
  if (bucket < 64) return bucket;
  int octave = bucket / 32 + 4;
  return (long long)(bucket - (octave - 5) * 32) << (octave - 5);
}

static long long quantile(double part) {
  long below = told.samples * part, seen = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket++)
    if ((seen += told.histogram[bucket]) > below) return value_of(bucket);
  return told.longest;
}

static void heard(long long took) {
  long long at = now();
  if (told.heard != 0 && at - told.heard > told.quiet) told.quiet = at - told.heard;
  told.heard = at;
  for (long long each = took; each > 0; each -= interval) {
    told.histogram[bucket_of(each / 1000)]++;
    told.samples++;
  }
  if (took / 1000 > told.longest) told.longest = took / 1000;
}

static void tell(const struct connection *all, int connections) {
  long long silence = told.heard == 0 ? 0 : now() - told.heard;
  int down = 0;
  for (int at = 0; at < connections; at++) down += all[at].away != 0;
  printf("{\"sent\":%ld,\"answered\":%ld,\"lost\":%ld,\"wrong\":%ld,\"absent\":%ld,\"resets\":%ld,\"opened\":%ld,\"down\":%d,"
         "\"reopenMs\":%lld,\"quietMs\":%lld,\"p50\":%lld,\"p99\":%lld,\"p999\":%lld,\"max\":%lld,\"first\":\"%s\"}\n",
         told.sent, told.answered, told.lost, told.wrong, told.absent, told.resets, told.opened, down, told.reopened / 1000000,
         (silence > told.quiet ? silence : told.quiet) / 1000000, quantile(.5), quantile(.99), quantile(.999), told.longest,
         told.first);
  fflush(stdout);
  long long last = told.heard;
  memset(&told, 0, sizeof told);
  told.heard = last;
}

static void open_again(struct connection *one, long long at) {
  one->fd = dial(&peer, NULL);
  one->began = at;
  one->written = 0;
  one->state = one->fd < 0 ? Closed : Dialling;
  one->due = at + RETRY;
  if (one->fd >= 0) watch(epoll, EPOLL_CTL_ADD, one->fd, EPOLLIN | EPOLLOUT, one->slot);
}

/* A connection that is gone without our doing; what waited on it is lost. */
static void broken(struct connection *one, const char *why) {
  long long at = now();
  int was_open = one->state == Idle || one->state == Waiting;
  if (one->state == Waiting || mode == Newcomer) {
    told.lost++;
    if (mode == Newcomer && one->state == Dialling) told.sent++;
    if (told.first[0] == 0) snprintf(told.first, sizeof told.first, "lost: %s", why);
  }
  if (was_open) told.resets++;
  if (one->away == 0) one->away = at;
  drop(one->fd);
  one->fd = -1;
  one->state = Closed;
  one->due = at + RETRY;
}

static void ask(struct connection *one, long long at) {
  unsigned n = one->number++;
  uint8_t *adu = one->request;
  int length = 12;
  if (mode == Echo) {
    length = one->want = 32;
    memset(adu, one->slot, 32);
    memcpy(adu, &n, sizeof n);
  } else {
    int writes = mode == Modbus && n % 8 == 7, back = mode == Modbus && n % 8 == 0 && one->written > 0;
    put16(adu, n);
    put16(adu + 2, 0);
    put16(adu + 4, 6);
    adu[6] = 1;
    adu[7] = writes ? 6 : 3;
    put16(adu + 8, writes || back ? 100 + one->slot : (int)(n * 3 % 90));
    put16(adu + 10, writes ? (int)(n % 1000) : back ? 1 : (int)(1 + n % 10));
    one->want = writes ? 12 : 9 + 2 * be16(adu + 10);
  }
  one->got = 0;
  if (one->state == Idle && mode != Newcomer) one->began = at;
  one->state = Waiting;
  told.sent++;
  if (send(one->fd, adu, length, MSG_NOSIGNAL) != length) broken(one, "not taken");
}

static int is_right(struct connection *one) {
  uint8_t *asked = one->request, *answer = one->answer;
  if (mode == Echo) return memcmp(asked, answer, 32) == 0;
  if (memcmp(asked, answer, 4) != 0 || answer[6] != 1 || answer[7] != asked[7]) return 0;
  if (asked[7] == 6) {
    one->written = be16(asked + 10) + 1;
    return memcmp(asked + 4, answer + 4, 8) == 0;
  }
  int address = be16(asked + 8), count = be16(asked + 10);
  if (be16(answer + 4) != 3 + 2 * count || answer[8] != 2 * count) return 0;
  for (int at = 0; at < count; at++)
    if (be16(answer + 9 + 2 * at) != (address >= 100 ? one->written - 1 : constant(address + at))) return 0;
  return 1;
}

static void hear(struct connection *one) {
  ssize_t size = recv(one->fd, one->answer + one->got, sizeof one->answer - one->got, 0);
  if (size <= 0) {
    if (size < 0 && errno == EAGAIN) return;
    return broken(one, size == 0 ? "ended" : strerror(errno));
  }
  one->got += size;
  if (one->state != Waiting) return broken(one, "answer to nothing");
  int exception = mode != Echo && one->got >= 9 && one->answer[7] >= 0x80;
  if (!exception && one->got < one->want) return;
  long long at = now();
  one->state = Idle;
  told.answered++;
  if (!exception && one->got == one->want && is_right(one)) {
    heard(at - one->began);
    if (one->away != 0 && at - one->away > told.reopened) told.reopened = at - one->away;
    one->away = 0;
  } else {
    // Gateway target device failed to respond: right where there is none, which is for others to judge.
    if (exception && one->answer[8] == 0x0b) told.absent++;
    else told.wrong++;
    one->written = 0;
    int length = 0;
    if (told.first[0] == 0) length = snprintf(told.first, sizeof told.first, "wrong: ");
    for (int byte = 0; length > 0 && byte < one->got && byte < 24; byte++)
      length += snprintf(told.first + length, 3, "%02x", one->answer[byte]);
  }
  one->due = one->began + interval > at ? one->began + interval : at;
  if (mode != Newcomer) return;
  close(one->fd);
  one->fd = -1;
  one->state = Closed;
}

static void opened(struct connection *one, uint32_t events) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return broken(one, strerror(error));
  if ((events & EPOLLOUT) == 0) return;
  watch(epoll, EPOLL_CTL_MOD, one->fd, EPOLLIN, one->slot);
  told.opened++;
  one->state = Idle;
  one->due = now();
  if (mode == Newcomer) ask(one, one->began);
}

int main(int count, char **words) {
  if (count != 6) return 2;
  mode = strcmp(words[1], "echo") == 0 ? Echo : strcmp(words[1], "newcomer") == 0 ? Newcomer : Modbus;
  peer = peer_at(words[2], atoi(words[3]));
  int connections = atoi(words[4]);
  interval = SECOND / atof(words[5]);
  epoll = epoll_create1(0);
  fcntl(0, F_SETFL, O_NONBLOCK);
  watch(epoll, EPOLL_CTL_ADD, 0, EPOLLIN, connections);
  struct connection *all = calloc(connections, sizeof *all);
  // Spread over the interval, or all would ask at once.
  for (int slot = 0; slot < connections; slot++)
    all[slot] = (struct connection){.fd = -1, .slot = slot, .due = now() + interval * slot / connections, .away = now()};
  puts("going");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[64];
    int ready = epoll_wait(epoll, events, 64, 1);
    for (int at = 0; at < ready; at++) {
      char line[64];
      if ((int)events[at].data.u64 == connections) {
        while (command(line, sizeof line)) tell(all, connections);
        continue;
      }
      struct connection *one = all + events[at].data.u64;
      if (one->fd < 0) continue;
      if (one->state == Dialling) opened(one, events[at].events);
      else hear(one);
    }
    long long at = now();
    for (struct connection *one = all; one < all + connections; one++) {
      if ((one->state == Waiting || one->state == Dialling) && at - one->began > PATIENCE) broken(one, "no answer");
      else if (one->due <= at && one->state == Closed) open_again(one, at);
      else if (one->due <= at && one->state == Idle && mode != Newcomer) ask(one, at);
    }
  }
}
