/*
 * One datagram at a time, there and back: `ping-pong serve ADDRESS PORT` echoes and says `ready`;
 * `ping-pong ask ADDRESS PORT COUNT` prints the nanoseconds of each round trip, one per line.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

int main(int count, char **words) {
  if (count < 4) return 2;
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(atoi(words[3]))};
  inet_pton(AF_INET, words[2], &peer.sin_addr);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  char bytes[32] = {0};
  if (strcmp(words[1], "serve") == 0) {
    if (bind(fd, (struct sockaddr *)&peer, sizeof peer) != 0) return 3;
    puts("ready");
    fflush(stdout);
    for (;;) {
      socklen_t length = sizeof peer;
      ssize_t size = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &length);
      if (size > 0) sendto(fd, bytes, size, 0, (struct sockaddr *)&peer, length);
    }
  }
  struct timeval patience = {.tv_sec = 2};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0) return 3;
  int rounds = count > 4 ? atoi(words[4]) : 1000;
  for (int round = 0; round < rounds; round++) {
    long long start = now();
    if (send(fd, bytes, sizeof bytes, 0) < 0 || recv(fd, bytes, sizeof bytes, 0) < 0) return 4;
    printf("%lld\n", now() - start);
  }
  return 0;
}
