// The echo load generator. Every byte that comes back is compared with what was sent. Prints one line of JSON.
//
//   load echo PORT CONNECTIONS SIZE SECONDS   each connection sends SIZE bytes, awaits them, sends again
//   load churn PORT SIZE SECONDS              connect, echo SIZE bytes, close, one at a time
//   load idle PORT COUNT                      opens COUNT connections, echoes one byte on each (so the server has accepted
//                                             it), prints its line, holds them silently until its stdin ends
#include "latency.h"

#include <fcntl.h>
#include <sys/epoll.h>

enum {
  EVENTS = 256,
  RECEIVE = 1 << 20,
  IDLE_BATCH = 64, // below a backlog of 128
  PORTS_PER_SOURCE = 16384, // connections from one loopback address; the next ones come from the next
};

struct connection {
  int fd;
  const char *message;
  long sent, got;
  double started;
};

// Sends and receives as far as the socket goes. Answers 1 when the message has come back whole.
static int advance(struct connection *c, long size) {
  static char received[RECEIVE];
  while (c->sent < size) {
    ssize_t n = send(c->fd, c->message + c->sent, size - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
      fail("send");
    if (n < 0)
      break;
    c->sent += n;
  }
  while (c->got < c->sent) {
    long want = size - c->got;
    ssize_t n = recv(c->fd, received, want < RECEIVE ? want : RECEIVE, 0);
    if (n < 0 && errno == EAGAIN)
      break;
    if (n < 0)
      fail("recv");
    if (n == 0 || memcmp(received, c->message + c->got, n) != 0) {
      fprintf(stderr, n == 0 ? "the server closed a connection\n" : "the echo differs from what was sent\n");
      exit(1);
    }
    c->got += n;
  }
  return c->got == size;
}

static void print_result(long done, double elapsed_us) {
  printf("{");
  print_throughput(done, elapsed_us);
  printf("}\n");
}

static void run_echo(int port, int count, long size, double seconds) {
  struct connection *connections = calloc(count, sizeof *connections);
  const char *pattern = make_pattern(size);
  int epoll = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    struct connection *c = &connections[i];
    *c = (struct connection){.fd = connect_from(1, port), .message = pattern + i % PATTERN_PERIOD};
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
      fail("epoll_ctl");
  }
  long done = 0;
  double start = now_us(), end = start + seconds * 1e6, t = start;
  for (int i = 0; i < count; i++)
    connections[i].started = start;
  while (t < end) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      while (advance(c, size)) {
        t = now_us();
        record_latency(t - c->started);
        done++;
        c->sent = c->got = 0;
        c->started = t;
      }
    }
    t = now_us();
  }
  print_result(done, t - start);
  for (int i = 0; i < count; i++)
    close_by_reset(connections[i].fd);
}

static void run_churn(int port, long size, double seconds) {
  const char *pattern = make_pattern(size);
  long done = 0;
  double start = now_us(), end = start + seconds * 1e6, t = start;
  while (t < end) {
    struct connection c = {.fd = connect_from(1, port), .message = pattern, .started = t};
    if (!advance(&c, size))
      fail("echo");
    close_by_reset(c.fd);
    t = now_us();
    record_latency(t - c.started);
    done++;
  }
  print_result(done, t - start);
}

static void run_idle(int port, int count) {
  int *fds = malloc(count * sizeof *fds);
  double start = now_us();
  for (int first = 0; first < count; first += IDLE_BATCH) {
    int last = first + IDLE_BATCH < count ? first + IDLE_BATCH : count;
    char byte = 'x';
    for (int i = first; i < last; i++) {
      fds[i] = connect_from(2 + i / PORTS_PER_SOURCE, port);
      if (send(fds[i], &byte, 1, MSG_NOSIGNAL) != 1)
        fail("send");
    }
    for (int i = first; i < last; i++)
      if (recv(fds[i], &byte, 1, 0) != 1)
        fail("recv");
  }
  printf("{\"opened\":%d,\"us\":%.0f}\n", count, now_us() - start);
  fflush(stdout);
  char end;
  while (read(0, &end, 1) > 0)
    ;
  for (int i = 0; i < count; i++)
    close_by_reset(fds[i]);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (argc == 6 && !strcmp(mode, "echo"))
    run_echo(atoi(argv[2]), atoi(argv[3]), atol(argv[4]), atof(argv[5]));
  else if (argc == 5 && !strcmp(mode, "churn"))
    run_churn(atoi(argv[2]), atol(argv[3]), atof(argv[4]));
  else if (argc == 4 && !strcmp(mode, "idle"))
    run_idle(atoi(argv[2]), atoi(argv[3]));
  else {
    fprintf(stderr, "usage: load echo PORT CONNECTIONS SIZE SECONDS | churn PORT SIZE SECONDS | idle PORT COUNT\n");
    return 2;
  }
  return 0;
}
