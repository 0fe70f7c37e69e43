// The yardstick: a single-threaded, level-triggered epoll echo server in C. `echo` listens on a port of the kernel's choice
// and prints "listening on 127.0.0.1:PORT", as the echo guest does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, EVENTS = 64, BUFFER = 65536 };

static int must(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

// Sends it all. A full socket holds up every connection: the load generator reads whenever it cannot send, so it is brief.
static int send_all(int fd, const char *bytes, ssize_t length) {
  for (ssize_t sent = 0; sent < length;) {
    ssize_t n = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
    if (n > 0)
      sent += n;
    else if (errno == EAGAIN)
      poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    else
      return -1;
  }
  return 0;
}

static void echo(int fd) {
  static char buffer[BUFFER];
  ssize_t received = recv(fd, buffer, sizeof buffer, 0);
  if (received < 0 && errno == EAGAIN)
    return;
  if (received <= 0 || send_all(fd, buffer, received) < 0)
    close(fd);
}

int main(void) {
  int listener = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  must(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
  must(listen(listener, BACKLOG), "listen");
  must(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);

  int epoll = must(epoll_create1(0), "epoll_create1");
  watch(epoll, listener);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != listener) {
        echo(events[i].data.fd);
        continue;
      }
      int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (connection >= 0)
        watch(epoll, connection);
    }
  }
}
