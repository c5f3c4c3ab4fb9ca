/*
 * Judges everything that the gateway puts on the controllers' wire, packet by packet and not as a socket sees it.
 *   judge DEVICE BOX RULE...      RULE is SOURCES>DESTINATION:tcp/PORT with SOURCES an address or FIRST-LAST
 * BOX is the gateway's own address there, from which it may say that somebody cannot be reached (ICMP, RFC 1812 §4.3.2.7).
 * What matches no rule is a violation, and so is an ADU to port 502 that the model does not permit; streams are put
 * together by sequence number, and bytes that follow on nothing this program saw are judged all the same. `mark` on standard
 * input prints the counts since the last one as a line of JSON; `unseen` are packets that came while there was no room for
 * them.
 */
#include "common.h"
#include <net/if.h>
#include <linux/if_packet.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>

#define RULES 32
#define STREAMS 65536

struct rule {
  uint32_t first, last, destination;
  int port;
};

struct stream {
  uint32_t source, destination, expected;
  uint16_t port;
  int got, ended;
  uint8_t begun[264];
};

static struct rule rules[RULES];
static struct stream *streams;
static uint32_t box;
static int ruled;
static long packets, requests, violations;
static char first[200];

static void violation(const char *why, const uint8_t *packet, int length) {
  violations++;
  if (first[0] != 0) return;
  int at = snprintf(first, sizeof first, "%s: ", why);
  for (int byte = 0; byte < length && byte < 72; byte++) at += snprintf(first + at, sizeof first - at, "%02x", packet[byte]);
}

static int ruled_in(uint32_t source, uint32_t destination, int port) {
  for (struct rule *rule = rules; rule < rules + ruled; rule++)
    if (source >= rule->first && source <= rule->last && destination == rule->destination && port == rule->port) return 1;
  return 0;
}

static struct stream *stream_of(uint32_t source, uint32_t destination, uint16_t port, int begins) {
  uint32_t at = (source * 2654435761u ^ destination * 40503u ^ port * 2246822519u) % STREAMS;
  struct stream *place = NULL;
  for (int tries = 0; tries < 64; tries++, at = (at + 1) % STREAMS) {
    struct stream *one = streams + at;
    if (one->source == source && one->destination == destination && one->port == port) return one;
    if (place == NULL && (one->source == 0 || one->ended)) place = one;
  }
  // Crowded: whoever had this place and speaks again follows on nothing.
  return begins ? (place == NULL ? streams + at : place) : NULL;
}

static void judge_bytes(struct stream *one, const uint8_t *bytes, int length, const uint8_t *packet) {
  for (int at = 0; at < length; at++) {
    one->begun[one->got++] = bytes[at];
    if (one->got < 6 || one->got < 6 + be16(one->begun + 4)) {
      if (one->got < (int)sizeof one->begun) continue;
      violation("no ADU", packet, 64);
      one->got = 0;
      continue;
    }
    requests++;
    if (!permitted(one->begun, one->got)) violation("not permitted", one->begun, one->got);
    one->got = 0;
  }
}

static void judge_segment(const uint8_t *packet, int length) {
  const uint8_t *tcp = packet + (packet[0] & 15) * 4;
  int header = tcp - packet, size = length - header - (tcp[12] >> 4) * 4, flags = tcp[13];
  uint32_t source, destination, sequence;
  memcpy(&source, packet + 12, 4);
  memcpy(&destination, packet + 16, 4);
  memcpy(&sequence, tcp + 4, 4);
  sequence = ntohl(sequence);
  if (header < 20 || size < 0) return violation("malformed", packet, length);
  if (!ruled_in(ntohl(source), ntohl(destination), be16(tcp + 2))) return violation("no such flow", packet, length);
  if (be16(tcp + 2) != 502) return;
  struct stream *one = stream_of(source, destination, be16(tcp), flags & 2);
  if (flags & 2) {
    if (size > 0) violation("data with a SYN", packet, length);
    *one = (struct stream){source, destination, sequence + 1, be16(tcp), 0, 0, {0}};
    return;
  }
  if (one != NULL && (flags & 5) != 0) one->ended = 1;
  if (size == 0) return;
  if (one == NULL) {
    static struct stream nobody;
    nobody.got = 0;
    return judge_bytes(&nobody, tcp + (tcp[12] >> 4) * 4, size, packet);
  }
  int32_t known = one->expected - sequence;
  if (known < 0 || known > 1 << 20) {
    one->got = 0;
    known = 0;
  }
  if (known >= size) return;
  judge_bytes(one, tcp + (tcp[12] >> 4) * 4 + known, size - known, packet);
  one->expected = sequence + size;
}

static int is_own_error(const uint8_t *packet, int length) {
  return length >= 28 && packet[9] == IPPROTO_ICMP && memcmp(packet + 12, &box, 4) == 0 && (packet[20] == 3 || packet[20] == 11);
}

static void judge(const uint8_t *frame, int length) {
  int kind = be16(frame + 12);
  if (kind == ETH_P_ARP) return;
  packets++;
  const uint8_t *packet = frame + ETH_HLEN;
  if (kind == ETH_P_IP && is_own_error(packet, length - ETH_HLEN)) return;
  int whole = length < ETH_HLEN + 40 ? 0 : be16(packet + 2);
  if (kind != ETH_P_IP || whole < 40 || whole > length - ETH_HLEN || packet[9] != IPPROTO_TCP || (be16(packet + 6) & 0x3fff) != 0)
    return violation("no TCP", frame, length);
  judge_segment(packet, whole);
}

static void tell(int fd) {
  struct tpacket_stats seen;
  socklen_t size = sizeof seen;
  // The kernel counts from the last time it was asked.
  if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &seen, &size) != 0) exit(3);
  printf("{\"packets\":%ld,\"requests\":%ld,\"violations\":%ld,\"unseen\":%u,\"first\":\"%s\"}\n", packets, requests,
         violations, seen.tp_drops, first);
  fflush(stdout);
  packets = requests = violations = first[0] = 0;
}

static void read_rule(const char *word) {
  char from[64], to[64];
  int port;
  if (ruled == RULES || sscanf(word, "%63[^>]>%63[^:]:tcp/%d", from, to, &port) != 3) exit(2);
  char *last = strchr(from, '-');
  if (last != NULL) *last++ = 0;
  rules[ruled++] = (struct rule){ntohl(peer_at(from, 0).sin_addr.s_addr), ntohl(peer_at(last ? last : from, 0).sin_addr.s_addr),
                                 ntohl(peer_at(to, 0).sin_addr.s_addr), port};
}

int main(int count, char **words) {
  if (count < 4) return 2;
  box = peer_at(words[2], 0).sin_addr.s_addr;
  for (int at = 3; at < count; at++) read_rule(words[at]);
  streams = calloc(STREAMS, sizeof *streams);
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL)), room = 64 << 20;
  struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex(words[1])};
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0) return 3;
  int epoll = epoll_create1(0);
  fcntl(0, F_SETFL, O_NONBLOCK);
  watch(epoll, EPOLL_CTL_ADD, 0, EPOLLIN, 0);
  watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 1);
  puts("listening");
  fflush(stdout);
  for (;;) {
    struct epoll_event event;
    uint8_t frame[65536];
    char line[256];
    if (epoll_wait(epoll, &event, 1, -1) < 1) continue;
    if (event.data.u64 == 0) {
      while (command(line, sizeof line)) tell(fd);
      continue;
    }
    struct sockaddr_ll where;
    for (int read = 0; read < 256; read++) {
      socklen_t size = sizeof where;
      ssize_t length = recvfrom(fd, frame, sizeof frame, 0, (struct sockaddr *)&where, &size);
      if (length < ETH_HLEN) break;
      if (where.sll_pkttype != PACKET_OUTGOING) judge(frame, length);
    }
  }
}
