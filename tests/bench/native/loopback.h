// What the load generators share: a clock, loopback addresses, connections, the bytes that they send.
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  PATTERN_PERIOD = 251, // each connection sends from its own offset into the pattern: bytes that got mixed up show
};

static inline double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static inline void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static inline struct sockaddr_in loopback(int host, int port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host)};
}

// Connects to 127.0.0.1:port from 127.0.0.`source`.
static inline int connect_from(int source, int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (fd < 0)
    fail("socket");
  struct sockaddr_in from = loopback(source, 0), to = loopback(1, port);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
    fail("bind");
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
    fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

// close() then sends a reset: no port is left in TIME_WAIT.
static inline void close_by_reset(int fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close(fd);
}

static inline char *make_pattern(long size) {
  char *pattern = malloc(size + PATTERN_PERIOD);
  for (long i = 0; i < size + PATTERN_PERIOD; i++)
    pattern[i] = (char)(i % PATTERN_PERIOD);
  return pattern;
}
