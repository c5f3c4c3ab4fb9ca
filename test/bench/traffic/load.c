/*
 * `load KEY=VALUE…`: Modbus TCP clients on one thread. Each connection has its own transaction identifiers, each
 * answer is checked against its request, and times go into a histogram. Prints one line of JSON.
 *
 *   servers=A,B sources=A,B port=502   connection i goes to server i mod n, from the next source each time round
 *   connections=N depth=N              so many requests under way on each, the next as soon as one is answered
 *   rate=N                             so many requests a second over all connections instead, whatever is answered
 *   setup=1                            connect, one transaction, close, and again, on each of the connections
 *   refused=1                          writes of one register, each of which has to be refused
 *   warmup=S seconds=S                 the second part is measured
 *   transactions=N report=N            so many instead of seconds, with a line `at N` for every so many
 *   core=N                             whose time in /proc/stat goes with the result
 *   hold=1                             keeps the connections open until standard input ends
 */
#define _GNU_SOURCE
#include "wire.h"
#include <sys/prctl.h>

enum { Room = 16384, Slots = 64, Events = 512, MostConnections = 4096, Addresses = 100 };
static const int64_t Second = 1000000000LL, Patience = 5 * 1000000000LL;

struct asked {
  int64_t at;
  uint16_t id, address;
  uint8_t open;
};

struct connection {
  int fd, index, connected, under_way, watching_out;
  uint16_t next_id;
  int64_t began;
  uint32_t have, waiting, sent;
  struct asked asked[Slots];
  uint8_t in[Room], out[Room];
};

struct core_time {
  long long idle, steal;
  int64_t at;
};

/* Options. */
static struct in_addr servers[64], sources[64];
static int server_count, source_count, port = 502, connections = 1, depth = 1, setup, refused, core = -1, hold;
static double seconds = 1, warmup = 0.2, rate;
static long long wanted, report;

static struct connection *all;
static int epoll, stopping;
static long long next_source;
static uint32_t address_seed = 1;

/* Results. */
static long long done, total, wrong, lost, failed, skipped;
static char first_error[128];

/* 64 steps to each power of two of nanoseconds. */
enum { Steps = 64, Powers = 40 };
static long long histogram[Powers * Steps];

static void record(int64_t value) {
  if (value < Steps) value = Steps;
  int power = 63 - __builtin_clzll((unsigned long long)value);
  long long index = (power - 6) * Steps + (value >> (power - 6)) - Steps;
  histogram[index < Powers * Steps ? index : Powers * Steps - 1] += 1;
}

static double quantile_us(double part) {
  long long sum = 0, count = 0;
  for (int i = 0; i < Powers * Steps; i++) count += histogram[i];
  for (int i = 0; i < Powers * Steps; i++) {
    sum += histogram[i];
    if (count > 0 && sum >= part * count) return (double)((long long)(Steps + i % Steps) << (i / Steps)) / 1000;
  }
  return 0;
}

static void complain(const char *what, long long *counter) {
  const char *why = errno == 0 ? "" : strerror(errno);
  if (first_error[0] == 0) snprintf(first_error, sizeof first_error, "%s%s%s", what, *why ? ": " : "", why);
  *counter += 1;
}

static struct core_time core_time(void) {
  struct core_time time = {.at = now_ns()};
  FILE *file = fopen("/proc/stat", "r");
  char line[512], name[16];
  snprintf(name, sizeof name, "cpu%d ", core);
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, name, strlen(name)) != 0) continue;
    long long user, nice, system, idle, wait, irq, soft, steal;
    if (sscanf(line + strlen(name), "%lld %lld %lld %lld %lld %lld %lld %lld", &user, &nice, &system, &idle, &wait,
               &irq, &soft, &steal) == 8) {
      time.idle = idle + wait;
      time.steal = steal;
    }
  }
  if (file != NULL) fclose(file);
  return time;
}

static void watch(struct connection *one, int out) {
  if (one->watching_out == out) return;
  one->watching_out = out;
  struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = one};
  epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &event);
}

static void drop(struct connection *one) {
  if (one->fd >= 0) close(one->fd);
  one->fd = -1;
}

static void begin(struct connection *one, int64_t now) {
  one->connected = one->under_way = one->watching_out = 0;
  one->have = one->waiting = one->sent = 0;
  one->began = now;
  memset(one->asked, 0, sizeof one->asked);
  one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (one->fd < 0) die("socket");
  no_delay(one->fd);
  int on = 1;
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  /* The port is chosen with the whole tuple known, so that each source has all of them for each server. */
  setsockopt(one->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  from.sin_addr = sources[(next_source++ / server_count) % source_count];
  to.sin_addr = servers[one->index % server_count];
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = one};
  one->watching_out = 1;
  epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event);
  if (bind(one->fd, (struct sockaddr *)&from, sizeof from) != 0) die("bind");
  if (connect(one->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) complain("connect", &failed);
}

static void ask(struct connection *one, int64_t now) {
  uint16_t id = one->next_id++;
  struct asked *slot = &one->asked[id % Slots];
  if (slot->open || one->waiting + 12 > Room) {
    skipped += 1;
    return;
  }
  address_seed = address_seed * 1664525 + 1013904223;
  uint16_t address = (uint16_t)((address_seed >> 16) % Addresses);
  *slot = (struct asked){.at = now, .id = id, .address = address, .open = 1};
  uint8_t *to = one->out + one->waiting;
  put_word(to, id);
  put_word(to + 2, 0);
  put_word(to + 4, 6);
  to[6] = 1;
  to[7] = refused ? WriteOne : ReadHolding;
  put_word(to + 8, address);
  put_word(to + 10, Quantity);
  one->waiting += 12;
  one->under_way += 1;
}

/* Whether this is the answer to that request, and nothing else. */
static int is_right(const uint8_t *adu, int length, const struct asked *slot) {
  if (!slot->open || slot->id != word_at(adu) || adu[6] != 1) return 0;
  if (refused) return length == 9 && adu[7] == (WriteOne | ExceptionBit) && adu[8] != 0;
  if (length != 9 + 2 * Quantity || adu[7] != ReadHolding || adu[8] != 2 * Quantity) return 0;
  for (int i = 0; i < Quantity; i++) {
    if (word_at(adu + 9 + 2 * i) != register_at((uint16_t)(slot->address + i))) return 0;
  }
  return 1;
}

static int send_waiting(struct connection *one) {
  while (one->sent < one->waiting) {
    ssize_t size = send(one->fd, one->out + one->sent, one->waiting - one->sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) {
      watch(one, 1);
      return 1;
    }
    if (size <= 0) return 0;
    one->sent += (uint32_t)size;
  }
  one->sent = one->waiting = 0;
  watch(one, 0);
  return 1;
}

static void fill(struct connection *one, int64_t now) {
  while (!stopping && one->under_way < depth) {
    long long before = skipped;
    ask(one, now);
    if (skipped != before) return;
  }
}

static void answered(struct connection *one, const uint8_t *adu, int length, int64_t now) {
  struct asked *slot = &one->asked[word_at(adu) % Slots];
  if (!is_right(adu, length, slot)) {
    errno = 0;
    complain("an answer is wrong", &wrong);
    return;
  }
  slot->open = 0;
  one->under_way -= 1;
  done += 1;
  total += 1;
  record(now - (setup ? one->began : slot->at));
  if (report > 0 && total % report == 0) {
    printf("at %lld\n", total);
    fflush(stdout);
  }
}

/* 0 where the connection is of no use any more. */
static int receive(struct connection *one, int64_t now) {
  ssize_t size = recv(one->fd, one->in + one->have, sizeof one->in - one->have, 0);
  if (size < 0 && errno == EAGAIN) return 1;
  if (size <= 0) {
    if (size == 0) errno = 0;
    return 0;
  }
  one->have += (uint32_t)size;
  uint32_t at = 0;
  for (;;) {
    int length = adu_length(one->in + at, one->have - at);
    if (length < 0) return 0;
    if (length == 0 || one->have - at < (uint32_t)length) break;
    answered(one, one->in + at, length, now);
    at += (uint32_t)length;
    if (rate == 0 && !setup) fill(one, now);
  }
  one->have -= at;
  memmove(one->in, one->in + at, one->have);
  return send_waiting(one);
}

static void happen(struct connection *one, uint32_t events, int64_t now) {
  if (one->fd < 0) return;
  if (!one->connected && events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
      errno = error;
      complain("connect", &failed);
      drop(one);
      if (setup && !stopping) begin(one, now);
      return;
    }
    one->connected = 1;
    if (setup || (rate == 0 && !stopping)) fill(one, now);
  }
  int alive = 1;
  if (events & EPOLLOUT) alive = send_waiting(one);
  if (alive && events & (EPOLLIN | EPOLLERR | EPOLLHUP)) alive = receive(one, now);
  if (!alive) complain("connection", &lost);
  if (setup && alive && (one->under_way > 0 || one->waiting > 0)) return;
  if (!alive || setup) {
    drop(one);
    if (setup && !stopping) begin(one, now);
  }
}

static void turn(int64_t until) {
  struct epoll_event events[Events];
  int64_t left = until - now_ns();
  if (left < 0) left = 0;
  struct timespec wait = {.tv_sec = left / Second, .tv_nsec = left % Second};
  int ready = epoll_pwait2(epoll, events, Events, &wait, NULL);
  int64_t now = now_ns();
  for (int i = 0; i < ready; i++) happen(events[i].data.ptr, events[i].events, now);
}

/* Requests not answered yet; where connections are set up one after the other also those still being set up. */
static long long open_ends(void) {
  long long sum = 0;
  for (int i = 0; i < connections; i++) {
    if (all[i].fd >= 0) sum += setup && !all[i].connected ? 1 : all[i].under_way;
  }
  return sum;
}

/* Loads until a time, or until so many transactions. */
static void run_until(int64_t end, long long count) {
  static long long turn_of;
  double gap = rate > 0 ? (double)Second / rate : 0, next = (double)now_ns();
  for (;;) {
    int64_t now = now_ns();
    if (now >= end || (count > 0 && total >= count)) return;
    if (rate == 0) {
      turn(end < now + Second / 10 ? end : now + Second / 10);
      continue;
    }
    for (; next <= (double)now; next += gap) {
      struct connection *one = &all[turn_of++ % connections];
      if (one->fd < 0) continue;
      ask(one, now_ns());
      if (!send_waiting(one)) complain("connection", &lost);
    }
    turn((int64_t)next < end ? (int64_t)next : end);
  }
}

static int read_addresses(char *text, struct in_addr *into) {
  int count = 0;
  for (char *word = strtok(text, ","); word != NULL && count < 64; word = strtok(NULL, ",")) {
    if (inet_pton(AF_INET, word, &into[count++]) != 1) exit(2);
  }
  return count;
}

static void read_options(int count, char **words) {
  for (int i = 1; i < count; i++) {
    char *value = strchr(words[i], '=');
    if (value == NULL) exit(2);
    *value++ = 0;
    char *key = words[i];
    if (strcmp(key, "servers") == 0) server_count = read_addresses(value, servers);
    else if (strcmp(key, "sources") == 0) source_count = read_addresses(value, sources);
    else if (strcmp(key, "port") == 0) port = atoi(value);
    else if (strcmp(key, "connections") == 0) connections = atoi(value);
    else if (strcmp(key, "depth") == 0) depth = atoi(value);
    else if (strcmp(key, "rate") == 0) rate = atof(value);
    else if (strcmp(key, "setup") == 0) setup = atoi(value);
    else if (strcmp(key, "refused") == 0) refused = atoi(value);
    else if (strcmp(key, "warmup") == 0) warmup = atof(value);
    else if (strcmp(key, "seconds") == 0) seconds = atof(value);
    else if (strcmp(key, "transactions") == 0) wanted = atoll(value);
    else if (strcmp(key, "report") == 0) report = atoll(value);
    else if (strcmp(key, "core") == 0) core = atoi(value);
    else if (strcmp(key, "hold") == 0) hold = atoi(value);
    else exit(2);
  }
  if (server_count == 0 || source_count == 0 || connections < 1 || connections > MostConnections) exit(2);
  if (depth < 1 || depth > Slots) exit(2);
}

int main(int count, char **words) {
  read_options(count, words);
  /* Paced requests leave at their time and not 50 µs later. */
  prctl(PR_SET_TIMERSLACK, 1UL);
  all = calloc((size_t)connections, sizeof *all);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (all == NULL || epoll < 0) die("start");
  for (int i = 0; i < connections; i++) {
    all[i].index = i;
    all[i].next_id = (uint16_t)(i * 977 + 1);
    begin(&all[i], now_ns());
  }
  int64_t start = now_ns();
  for (int here = 0; !setup && here < connections && now_ns() < start + Patience;) {
    turn(now_ns() + Second / 100);
    here = 0;
    for (int i = 0; i < connections; i++) here += all[i].connected || all[i].fd < 0;
  }
  /* A figure is of as many connections as its row says, or there is none. */
  for (int i = 0; !setup && i < connections; i++) {
    if (all[i].connected || all[i].fd < 0) continue;
    errno = ETIMEDOUT;
    complain("connect", &failed);
  }
  run_until(now_ns() + (int64_t)(warmup * Second), 0);
  memset(histogram, 0, sizeof histogram);
  done = total = 0;
  struct core_time before = core_time();
  run_until(wanted > 0 ? INT64_MAX : before.at + (int64_t)(seconds * Second), wanted);
  /* On a machine busy with other things a short time may pass without an answer: that is slow and no failure. */
  for (int64_t end = now_ns() + Patience; done == 0 && now_ns() < end;) run_until(now_ns() + Second / 10, 0);
  struct core_time after = core_time();
  long long counted = done;
  stopping = 1;
  for (int64_t end = now_ns() + Patience; open_ends() > 0 && now_ns() < end;) turn(now_ns() + Second / 100);
  printf("{\"transactions\":%lld,\"seconds\":%.6f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"idle\":%lld,\"steal\":%lld,"
         "\"ticks\":%ld,\"wrong\":%lld,\"lost\":%lld,\"failed\":%lld,\"skipped\":%lld,\"unanswered\":%lld,"
         "\"error\":\"%s\"}\n",
         counted, (double)(after.at - before.at) / Second, quantile_us(0.5), quantile_us(0.99), quantile_us(0.999),
         after.idle - before.idle, after.steal - before.steal, sysconf(_SC_CLK_TCK), wrong, lost, failed, skipped,
         open_ends(), first_error);
  fflush(stdout);
  char byte;
  while (hold && read(0, &byte, 1) > 0) continue;
  return 0;
}
