// UDP echo, both sides. Datagrams may be lost: a flow whose answer does not come counts it and goes on with the next.
//
//   udp serve                         the yardstick: level-triggered epoll, one datagram a system call; prints
//                                     "listening on 127.0.0.1:PORT", as the echo guest does
//   udp load PORT FLOWS SIZE SECONDS  each flow, a connected socket, sends SIZE bytes (at least 8), awaits them, sends again;
//                                     prints one line of JSON
#include "loopback.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>

enum {
  EVENTS = 256,
  MAX_DATAGRAM = 65536,
  LOST_AFTER_US = 100000,
};

static int must(int result, const char *what) {
  if (result < 0)
    fail(what);
  return result;
}

static void watch(int epoll, int fd, void *data) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};
  must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void serve(void) {
  static char buffer[MAX_DATAGRAM];
  int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), "socket");
  struct sockaddr_in address = loopback(1, 0);
  socklen_t length = sizeof address;
  must(bind(fd, (struct sockaddr *)&address, sizeof address), "bind");
  must(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int epoll = must(epoll_create1(0), "epoll_create1");
  watch(epoll, fd, NULL);
  for (;;) {
    struct epoll_event event;
    epoll_wait(epoll, &event, 1, -1);
    for (;;) {
      struct sockaddr_in from;
      socklen_t from_length = sizeof from;
      ssize_t n = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_length);
      if (n < 0)
        break;
      sendto(fd, buffer, n, 0, (struct sockaddr *)&from, from_length); // what has no room is lost
    }
  }
}

struct flow {
  int fd;
  uint64_t sequence; // stands in the first 8 bytes: a late answer is told apart
  double sent;
};

static void send_next(struct flow *flow, char *message, long size) {
  flow->sequence++;
  memcpy(message, &flow->sequence, sizeof flow->sequence);
  if (send(flow->fd, message, size, 0) < 0 && errno != EAGAIN)
    fail("send");
  flow->sent = now_us();
}

// Answers how many came that were awaited: 0 or 1.
static int receive_answer(struct flow *flow, const char *message, long size) {
  static char received[MAX_DATAGRAM];
  for (;;) {
    ssize_t n = recv(flow->fd, received, sizeof received, 0);
    if (n < 0 && errno == EAGAIN)
      return 0;
    if (n < 0)
      fail("recv");
    size_t head = sizeof flow->sequence;
    if (n != size || memcmp(received + head, message + head, size - head) != 0) {
      fprintf(stderr, "the echo differs from what was sent\n");
      exit(1);
    }
    if (memcmp(received, &flow->sequence, head) == 0)
      return 1;
  }
}

static void load(int port, int count, long size, double seconds) {
  struct flow *flows = calloc(count, sizeof *flows);
  char *message = make_pattern(size);
  struct sockaddr_in server = loopback(1, port);
  int epoll = must(epoll_create1(0), "epoll_create1");
  long done = 0, lost = 0;
  double start = now_us(), end = start + seconds * 1e6, t = start, looked = start;
  for (int i = 0; i < count; i++) {
    flows[i].fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), "socket");
    must(connect(flows[i].fd, (struct sockaddr *)&server, sizeof server), "connect");
    watch(epoll, flows[i].fd, &flows[i]);
    send_next(&flows[i], message, size);
  }
  while (t < end) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 10);
    for (int i = 0; i < ready; i++) {
      struct flow *flow = events[i].data.ptr;
      if (!receive_answer(flow, message, size))
        continue;
      done++;
      send_next(flow, message, size);
    }
    t = now_us();
    if (t - looked < LOST_AFTER_US)
      continue;
    looked = t;
    for (int i = 0; i < count; i++) {
      if (t - flows[i].sent < LOST_AFTER_US)
        continue;
      lost++;
      send_next(&flows[i], message, size);
    }
  }
  printf("{\"done\":%ld,\"perSecond\":%.1f,\"lost\":%ld}\n", done, done / ((t - start) / 1e6), lost);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (argc == 2 && !strcmp(mode, "serve"))
    serve();
  else if (argc == 6 && !strcmp(mode, "load") && atol(argv[4]) >= 8 && atol(argv[4]) < MAX_DATAGRAM)
    load(atoi(argv[2]), atoi(argv[3]), atol(argv[4]), atof(argv[5]));
  else {
    fprintf(stderr, "usage: udp serve | load PORT FLOWS SIZE SECONDS\n");
    return 2;
  }
  return 0;
}
