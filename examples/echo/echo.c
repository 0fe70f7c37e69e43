/* A TCP echo server on a listener that Pollux opens, descriptor 3: one poll(2) over it and all connections. */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENER = 3, CONNECTIONS = 100 };

/* The listener first. */
static struct pollfd watched[1 + CONNECTIONS] = {{.fd = LISTENER, .events = POLLIN}};
static nfds_t count = 1;

static bool send_all(int connection, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(connection, bytes, length, 0);
    if (sent < 0) return false;
    bytes += sent;
    length -= (size_t)sent;
  }
  return true;
}

/* Returns whether the connection goes on. */
static bool echo(int connection) {
  char buffer[4096];
  ssize_t length = recv(connection, buffer, sizeof buffer, 0);
  return length > 0 && send_all(connection, buffer, (size_t)length);
}

int main(void) {
  fputs("echoing\n", stderr);
  for (;;) {
    /* Without room for one more connection, those to come wait in the kernel. */
    nfds_t first = count <= CONNECTIONS ? 0 : 1;
    if (poll(watched + first, count - first, -1) < 0) {
      perror("poll");
      return 1;
    }
    /* From the last: in the place of one that ends comes one that was looked at. */
    for (nfds_t i = count - 1; i > 0; i--) {
      if (watched[i].revents == 0 || echo(watched[i].fd)) continue;
      close(watched[i].fd);
      watched[i] = watched[--count];
    }
    if (first == 0 && watched[0].revents != 0) {
      int connection = accept(LISTENER, NULL, NULL);
      if (connection < 0) {
        perror("accept");
        return 1;
      }
      watched[count++] = (struct pollfd){.fd = connection, .events = POLLIN};
    }
  }
}
